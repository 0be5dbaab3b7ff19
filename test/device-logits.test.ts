import { describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel, type Model } from '../lib/model.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel } from './support/models.js';
import { oddModel } from './support/odd-models.js';
import { type Run, run } from './support/runs.js';

/** What a session says with its logits there. */
async function runs(model: Model, deviceLogits: 'on' | 'off', options: GenerateOptions): Promise<Run> {
	await using session = await model.createSession({ contextLength: 512, threads: 1, deviceLogits });
	// Its drafts are rejected at some words.
	const prediction = 'Mara found a blue box near the market. Tom asked Ben about the coins.';
	const common = { maxTokens: 60, draft: { size: 16 }, prediction, seed: 3 };
	return await run(session, copyPrompt, { ...common, ...options });
}

/** Rows that gave logits: that of the prompt's last token, and those of verify passes. */
const rowsOf = ({ metrics }: Run) =>
	1 + metrics.passesByRows.reduce((sum, { rows, passes }) => sum + rows * passes, 0);

describe('logits that stay where they were computed', () => {
	const samplers: GenerateOptions[] = [
		{ temperature: 0.8 },
		{ temperature: 1, topK: 20 },
		{ temperature: 1, topP: 0.9, minP: 0.01 },
		{ repeatPenalty: 1.1 },
		{ logitBias: { 100: 2 } },
		{ grammar: 'root ::= .*' },
	];

	test('are the same, and greedy fetches no row', async () => {
		await using model = await loadModel(embeddedModel);
		const [on, off] = [await runs(model, 'on', {}), await runs(model, 'off', {})];
		expect([...on.tokens]).toEqual([...off.tokens]);
		expect([...on.margins]).toEqual([...off.margins]);
		expect(on.metrics.accepted).toBeGreaterThan(0);
		expect(on.metrics.logitRowsFetched).toBe(0);
		// Five blocks of 256 and their numbers.
		expect(on.metrics.logitBytesRead).toBe(rowsOf(on) * 5 * 257 * 4);
		expect(off.metrics.logitRowsFetched).toBe(rowsOf(off));
		expect(off.metrics.logitBytesRead).toBe(rowsOf(off) * model.info.vocabularySize * 4);
	});

	test.each(samplers)('are fetched for the tokens that are drawn alone with %j', async (options) => {
		await using model = await loadModel(embeddedModel);
		const [on, off] = [await runs(model, 'on', options), await runs(model, 'off', options)];
		expect([...on.tokens]).toEqual([...off.tokens]);
		expect([...on.margins]).toEqual([...off.margins]);
		expect(on.metrics.drafted).toBeGreaterThan(on.metrics.accepted);
		expect(on.metrics.logitRowsFetched).toBe(on.metrics.outputTokens);
	});

	test('take less than 0.4 MB of a pass of 64 rows of a vocabulary as large as Qwen’s', async () => {
		await using model = await loadModel(await oddModel('large-vocabulary'));
		expect(model.info.vocabularySize).toBe(151_936);
		await using session = await model.createSession({ contextLength: 512, threads: 1, deviceLogits: 'on' });
		const prompt = Array.from({ length: 90 }, (_, i) => 1000 + (i % 3));
		const { metrics } = await session.generate(prompt, { maxTokens: 12, draft: { size: 63 } }).result;
		const [first, ...more] = metrics.passesByRows.filter(({ rows }) => rows > 8);
		expect(first).toBeDefined();
		const rows = 1 + metrics.passesByRows.reduce((sum, one) => sum + one.rows * one.passes, 0);
		expect(more.length + rows).toBeGreaterThan(20);
		expect(metrics.logitRowsFetched).toBe(0);
		expect((64 * metrics.logitBytesRead) / rows).toBeLessThanOrEqual(400_000);
	});
});

test('a vocabulary that is too small is said to be', async () => {
	await using model = await loadModel(await oddModel('small-vocabulary'));
	const session = model.createSession({ contextLength: 64, deviceLogits: 'on' });
	await expect(session).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringMatching(/for deviceLogits but received 'on'.*vocabulary of \d+ tokens/),
	});
	await using usual = await model.createSession({ contextLength: 64 });
	expect((await usual.generate([3, 4], { maxTokens: 3 }).result).tokens.length).toBeGreaterThan(0);
});

test.runIf(process.env.REPRISE_TEST_DEVICE_LOGITS === 'on')('tests run with the head on', async () => {
	await using model = await loadModel(embeddedModel);
	await using session = await model.createSession({ contextLength: 512, threads: 1 });
	expect((await session.generate(copyPrompt, { maxTokens: 5 }).result).metrics.logitRowsFetched).toBe(0);
});
