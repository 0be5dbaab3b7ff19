import { afterAll, describe, expect, test } from 'vitest';
import type { Chunk, GenerateOptions, TokenLogprobs } from '../lib/index.js';
import { loadModel } from '../lib/index.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel } from './support/models.js';

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

const prediction = 'Mara found a blue box near the market. Tom asked Ben about the coins.';

async function logprobsOf(options: GenerateOptions): Promise<TokenLogprobs[]> {
	return (await session.generate(copyPrompt, { maxTokens: 40, seed: 3, ...options }).result).logprobs;
}

describe('log-probabilities', () => {
	test('come with each token of the chunks, and make up those of the result', async () => {
		const generation = session.generate(copyPrompt, { logprobs: 3, draft: { size: 8 } });
		const chunks: Chunk[] = [];
		for await (const chunk of generation) chunks.push(chunk);
		for (const { tokens, logprobs } of chunks) {
			expect(logprobs.map(({ token }) => token)).toEqual([...tokens]);
			for (const { token, text, top } of logprobs) {
				expect(text).toBe(model.detokenize([token], { renderSpecial: true }));
				expect(top).toHaveLength(3);
				for (const one of top) expect(one.text).toBe(model.detokenize([one.token], { renderSpecial: true }));
			}
		}
		const { logprobs, tokens } = await generation.result;
		expect(logprobs).toEqual(chunks.flatMap((chunk) => chunk.logprobs));
		expect(logprobs).toHaveLength(tokens.length);
	});

	test('are logarithms of probabilities, the best first, of which greedy takes the first', async () => {
		for (const { token, logprob, top } of await logprobsOf({ logprobs: 20 })) {
			expect(top[0]).toMatchObject({ token, logprob });
			expect(top.map((one) => one.logprob)).toEqual(top.map((one) => one.logprob).toSorted((a, b) => b - a));
			const sum = top.reduce((all, one) => all + Math.exp(one.logprob), 0);
			expect(sum).toBeGreaterThan(0.5);
			expect(sum).toBeLessThan(1 + 1e-5);
		}
	});

	test('differ as the logits do: the best two by the margin', async () => {
		for await (const { margins, logprobs } of session.generate(copyPrompt, { logprobs: 2 }))
			for (const [i, { top }] of logprobs.entries())
				expect((top[0]?.logprob ?? 0) - (top[1]?.logprob ?? 0)).toBeCloseTo(margins[i] ?? Number.NaN, 4);
	});

	test('add up to 1 over the whole vocabulary, which biases and other options do not change', async () => {
		const first = { maxTokens: 1, logprobs: 20 };
		const [plain] = await logprobsOf(first);
		const others: GenerateOptions[] = [
			{ temperature: 2, topK: 3, seed: 1 },
			{ logitBias: { [plain?.token ?? 0]: -5 } },
			{ repeatPenalty: 3, presencePenalty: 2 },
			{ grammar: 'root ::= "yes"' },
		];
		for (const options of others)
			expect((await logprobsOf({ ...first, ...options }))[0]?.top).toEqual(plain?.top);
		let sum = 0;
		for (let token = 0; token < model.info.vocabularySize; token++) {
			const [forced] = await logprobsOf({ maxTokens: 1, logprobs: 0, logitBias: { [token]: 1000 } });
			expect(forced?.token).toBe(token);
			sum += Math.exp(forced?.logprob ?? 0);
		}
		expect(sum).toBeCloseTo(1, 4);
	});

	const samplers: GenerateOptions[] = [
		{},
		{ temperature: 0.8 },
		{ temperature: 1, topK: 20 },
		{ repeatPenalty: 1.2 },
	];
	// Elsewhere llama.cpp's own kernels compute, whose last bits depend on the pass: docs/lossless.md.
	test.runIf(process.arch === 'x64').each(samplers)(
		'are the same with and without drafts, bit for bit, with %j',
		async (options) => {
			const plain = await logprobsOf({ ...options, logprobs: 5, draft: 'off' });
			for (const size of [1, 4, 16, 64]) {
				const drafted = { ...options, logprobs: 5, draft: { size }, prediction };
				expect(await logprobsOf(drafted)).toEqual(plain);
			}
		},
	);

	test.each(samplers)('are the same where logits are left on a device, with %j', async (options) => {
		await using other = await model.createSession({ contextLength: 1024, threads: 1, deviceLogits: 'on' });
		const given = { ...options, seed: 3, maxTokens: 40, logprobs: 5, draft: { size: 16 }, prediction };
		const { logprobs, metrics } = await other.generate(copyPrompt, given).result;
		expect(logprobs).toEqual(await logprobsOf(given));
		expect(metrics.logitRowsFetched).toBe(metrics.outputTokens);
	});

	test('are as many as are asked for, and make no difference to the text', async () => {
		const without = await session.generate(copyPrompt, { maxTokens: 20 }).result;
		expect(without.logprobs).toEqual([]);
		for (const count of [0, 1, 20]) {
			const { text, logprobs } = await session.generate(copyPrompt, { maxTokens: 20, logprobs: count })
				.result;
			expect(text).toBe(without.text);
			for (const { top } of logprobs) expect(top).toHaveLength(count);
		}
	});

	test.each([-1, 21, 1.5, '3'])('cannot be %j of', (logprobs) => {
		expect(() => session.generate(copyPrompt, { logprobs: logprobs as number })).toThrow(
			expect.objectContaining({
				code: 'OPTION_INVALID',
				message: expect.stringContaining('an integer in 0…20 for logprobs'),
			}),
		);
	});
});
