import { describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import type { SessionOptions } from '../lib/session-options.js';
import type { QuantisationName } from '../scripts/gguf/quantisation.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { embeddedModel, randomModel } from './support/models.js';
import { anyPrompt } from './support/prompts.js';
import { type Run, run } from './support/runs.js';
import { twoThreads } from './support/threads.js';

/** Tokens and margins, bit for bit. */
function expectSame(plain: Run, other: Run): void {
	expect([...other.tokens]).toEqual([...plain.tokens]);
	expect([...other.margins]).toEqual([...plain.margins]);
}

const samplers: GenerateOptions[] = [{}, { temperature: 0.8, seed: 3 }];

/** Drafts of which some are right: the plain text with a wrong token here and there. */
async function compare(session: Session, choices: Choices, maxTokens: number): Promise<number> {
	let accepted = 0;
	for (const options of samplers) {
		const prompt = session.model.tokenize(anyPrompt(choices), { addSpecial: session.model.info.addBos });
		const plain = await run(session, prompt, { ...options, maxTokens, draft: 'off' });
		const variant = (spacing: number) =>
			corrupt(plain.tokens, spacing, session.model.info.vocabularySize, choices);
		await session.clearReferences();
		await session.addReference(variant(5));
		for (const size of [1, 3, 16, 40]) {
			const drafted = await run(session, prompt, {
				...options,
				maxTokens,
				draft: { size },
				prediction: variant(9),
			});
			expectSame(plain, drafted);
			accepted += drafted.metrics.accepted;
		}
	}
	return accepted;
}

// Elsewhere llama.cpp's own kernels compute, whose last bits depend on the pass: docs/lossless.md.
describe.runIf(process.arch === 'x64')('on x86 with AVX2 a pass has the same bits as single tokens', () => {
	const types: QuantisationName[] = [
		...(['f32', 'f16', 'bf16', 'q4_0', 'q4_1', 'q5_0', 'q5_1', 'q8_0', 'q2_k'] as const),
		...(['q3_k', 'q4_k', 'q4_k_m', 'q5_k', 'q6_k', 'iq4_nl', 'iq4_xs'] as const),
	];
	test.each(types)('with weights of %s', async (type) => {
		await using model = await loadModel(await randomModel('tiny-wide', 0, type));
		await using session = await model.createSession({ contextLength: 512, threads: twoThreads });
		expect(await compare(session, new Choices(1, `exact ${type}`), 30)).toBeGreaterThan(0);
	});

	const caches: SessionOptions[] = [
		{ threads: 1 },
		{ keyType: 'f32', valueType: 'f32' },
		{ keyType: 'q8_0', valueType: 'q8_0' },
		{ keyType: 'q4_0', valueType: 'q4_0' },
		{ batchSize: 7 },
		{ microBatchSize: 5 },
	];
	test.each(caches)('with %j', async (options) => {
		await using model = await loadModel(embeddedModel);
		await using session = await model.createSession({ contextLength: 512, ...options });
		expect(await compare(session, new Choices(2, JSON.stringify(options)), 40)).toBeGreaterThan(0);
	});

	test.each(['tiny-qwen2', 'tiny-gemma3', 'tiny-moe'] as const)('with %s', async (shape) => {
		await using model = await loadModel(await randomModel(shape));
		await using session = await model.createSession({ contextLength: 512, threads: twoThreads });
		expect(await compare(session, new Choices(3, shape), 40)).toBeGreaterThan(0);
	});

	test('while other sessions of the family decode, and after a rollback', async () => {
		await using model = await loadModel(embeddedModel);
		const options = { contextLength: 1024, threads: twoThreads };
		const text = 'Mara found a red box near the market. Tom asked Lena about the coins.';
		const prompt = model.tokenize(text);
		await using alone = await model.createSession(options);
		const generation: GenerateOptions = { maxTokens: 40, draft: { size: 12 }, prediction: text };
		const plain = await run(alone, prompt, { ...generation, draft: 'off' });
		await using root = await model.createSession(options);
		await root.prefill(prompt);
		const forks = [await root.fork(), await root.fork(), await root.fork()];
		for (const one of await Promise.all(forks.map((fork) => run(fork, null, generation))))
			expectSame(plain, one);
		const fork = forks[0] as Session;
		await fork.rollback(prompt.length - 5);
		expectSame(plain, await run(fork, prompt, generation));
		for (const one of forks) await one.dispose();
	});
});
