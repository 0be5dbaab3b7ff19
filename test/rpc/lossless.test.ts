import { afterAll, describe, expect, test } from 'vitest';
import { type GenerateOptions, loadModel, type Model } from '../../lib/index.js';
import { ask, problem } from '../support/chatml.js';
import { embeddedModel } from '../support/models.js';
import { killWorkers, startWorker } from '../support/workers.js';

const first = await startWorker();
const second = await startWorker();
const local = await loadModel(embeddedModel);
const split = await loadModel(embeddedModel, { rpc: [first.endpoint, second.endpoint] });
afterAll(async () => {
	await local.dispose();
	await split.dispose();
	await killWorkers();
});

const settings = { contextLength: 1024, threads: 1, deviceLogits: 'on' } as const;

async function generate(model: Model, options: GenerateOptions) {
	const session = await model.createSession(settings);
	try {
		return await session.generate(ask(problem), { maxTokens: 80, ...options }).result;
	} finally {
		await session.dispose();
	}
}

test('both workers hold layers, and this machine none', () => {
	const { devices } = split.info.placement;
	const remote = devices.filter(({ device }) => device !== 'CPU');
	expect(remote.map(({ device }) => device)).toEqual([first.endpoint, second.endpoint]);
	for (const { layers, weightBytes } of remote) {
		expect(layers).toBeGreaterThan(0);
		expect(weightBytes).toBeGreaterThan(0);
	}
	expect(devices.find(({ device }) => device === 'CPU')?.layers ?? 0).toBe(0);
});

describe('a model on two workers gives the text that it gives here', () => {
	test.each([
		['greedy', {}],
		['at a temperature', { temperature: 0.8, seed: 7 }],
		['with top-k and top-p', { temperature: 1, topK: 20, topP: 0.9, seed: 11 }],
	])('%s, with drafts and without', async (_, options) => {
		const plain = await generate(local, { ...options, draft: 'off' });
		const remote = await generate(split, { ...options, draft: 'off' });
		const drafted = await generate(split, { ...options, draft: { size: 8 } });
		expect(remote.text).toBe(plain.text);
		expect(drafted.text).toBe(plain.text);
		expect(drafted.metrics.drafted).toBeGreaterThan(0);
		expect(drafted.metrics.accepted).toBeGreaterThan(0);
	});
});

test('by itself a small vocabulary’s logits are copied, since their best blocks are not much less', async () => {
	await using session = await split.createSession({ contextLength: 256 });
	expect((await session.placement()).deviceLogits).toBe(false);
});

test('logits stay on the worker that computes them: greedy fetches the best of each row alone', async () => {
	const { metrics } = await generate(split, { draft: { size: 8 } });
	expect(metrics.logitRowsFetched).toBe(0);
	expect(metrics.logitBytesRead).toBeGreaterThan(0);
	const sampled = await generate(split, { draft: { size: 8 }, temperature: 0.8, seed: 7 });
	expect(sampled.metrics.logitRowsFetched).toBe(sampled.metrics.outputTokens);
});

test('sessions that share the workers do not disturb each other', async () => {
	const alone = (await generate(split, { draft: 'off' })).text;
	const texts = await Promise.all(
		Array.from({ length: 4 }, (_, at) => generate(split, { draft: at % 2 === 0 ? 'off' : 'auto' })),
	);
	expect(texts.map(({ text }) => text)).toEqual(Array(4).fill(alone));
});

test('a session goes on where another one of its model is disposed', async () => {
	const expected = (await generate(split, { draft: 'off', maxTokens: 40 })).text;
	const session = await split.createSession(settings);
	const other = await split.createSession(settings);
	await other.generate(ask(problem), { maxTokens: 4 }).result;
	const begun = await session.generate(ask(problem), { maxTokens: 20, draft: 'off' }).result;
	await other.dispose();
	const rest = await session.generate(null, { maxTokens: 20, draft: 'off' }).result;
	expect(begun.text + rest.text).toBe(expected);
	await session.dispose();
});

test('a saved state goes from this machine to the workers', async () => {
	const path = `${process.env.TMPDIR ?? '/tmp'}/reprise-rpc-${process.pid}.state`;
	const here = await local.createSession(settings);
	await here.generate(ask(problem), { maxTokens: 10 }).result;
	await here.save(path);
	const expected = (await here.generate(null, { maxTokens: 20 }).result).text;
	const there = await split.createSession(settings);
	await there.load(path);
	expect((await there.generate(null, { maxTokens: 20 }).result).text).toBe(expected);
	await here.dispose();
	await there.dispose();
});

test('two models of one process have workers of their own, or share one', async () => {
	const other = await loadModel(embeddedModel, { rpc: [second.endpoint] });
	const expected = (await generate(local, {})).text;
	const [one, two] = await Promise.all([generate(split, {}), generate(other, {})]);
	expect([one.text, two.text]).toEqual([expected, expected]);
	await other.dispose();
	expect((await generate(split, {})).text).toBe(expected);
});
