import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel, type Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { isFilterTie } from './support/filter-tie.js';
import {
	blockHead,
	draftHead,
	draftModel,
	embeddedModel,
	formModel,
	randomModel,
	vocabularyFile,
} from './support/models.js';
import { oddModel } from './support/odd-models.js';
import { anyPrompt, editPrompt } from './support/prompts.js';
import { ForkLog, run } from './support/runs.js';
import { declarations, samplers, treeSizes as sizes } from './support/samplers.js';

const maxTokens = 40;
const promptsPerSampler = 3;

const allSamplers = [
	{ name: 'greedy', options: {} },
	...samplers,
	{ name: 'a grammar', options: { grammar: declarations, temperature: 0.5 } },
];

interface Pair {
	name: string;
	model: () => Promise<string>;
	/** A draft model or head; without one the model's own layers draft (MTP). */
	draft?: () => Promise<string>;
	prompt: (choices: Choices) => string;
}

/** What drafts for what: trained pairs, a model for itself, ones that know nothing of the other, and chains. */
const pairs: readonly Pair[] = [
	{ name: 'a trained pair', model: async () => formModel, draft: async () => draftModel, prompt: editPrompt },
	{ name: 'a trained head', model: async () => formModel, draft: async () => draftHead, prompt: editPrompt },
	{
		name: 'a trained head that says blocks',
		model: async () => formModel,
		draft: async () => blockHead,
		prompt: editPrompt,
	},
	{
		name: 'a head of random weights',
		model: () => randomModel('tiny-llama'),
		draft: () => randomModel('tiny-eagle3'),
		prompt: anyPrompt,
	},
	{
		name: 'a head of random weights that says blocks',
		model: () => randomModel('tiny-llama'),
		draft: () => randomModel('tiny-dflash'),
		prompt: anyPrompt,
	},
	{
		name: 'a head whose blocks are chains',
		model: () => randomModel('tiny-llama'),
		draft: () => randomModel('tiny-dspark'),
		prompt: anyPrompt,
	},
	{ name: 'layers for MTP', model: () => randomModel('tiny-glm4moe'), prompt: anyPrompt },
	{
		name: 'layers for MTP of one that takes chains',
		model: () => randomModel('tiny-qwen35'),
		prompt: anyPrompt,
	},
	{
		name: 'a model for itself',
		model: () => randomModel('tiny-llama'),
		draft: () => randomModel('tiny-llama'),
		prompt: anyPrompt,
	},
	{
		name: 'a stranger with a sliding window',
		model: () => randomModel('tiny-llama'),
		draft: () => randomModel('tiny-gemma3'),
		prompt: anyPrompt,
	},
	{
		name: 'a model for one with a sliding window',
		model: () => randomModel('tiny-gemma3'),
		draft: () => randomModel('tiny-llama'),
		prompt: anyPrompt,
	},
	{
		name: 'a model for one that takes chains',
		model: () => randomModel('tiny-lfm2'),
		draft: () => randomModel('tiny-gpt2-vocabulary'),
		prompt: anyPrompt,
	},
];

const heads = [
	['EAGLE-3 head', draftHead],
	['DFlash head', blockHead],
] as const;
const drafters = [['model', draftModel], ...heads] as const;

describe.each(pairs)(
	'drafts of $name',
	({ name, model: modelPath, draft: draftPath, prompt: makePrompt }) => {
		let model: Model;
		let session: Session;

		beforeAll(async () => {
			const draft = draftPath ? { model: await draftPath() } : { mtp: true };
			model = await loadModel(await modelPath(), { draft });
			session = await model.createSession({ contextLength: 1024, threads: 1 });
		});
		afterAll(async () => {
			await session?.dispose();
			await model?.dispose();
		});

		test.each(allSamplers)(
			'leave the text of $name as it is, but for near-ties',
			async ({ name: sampler, options }) => {
				const choices = new Choices(7, `${name} ${sampler}`);
				const log = new ForkLog();
				let [asked, drafted] = [0, 0];
				for (let i = 0; i < promptsPerSampler; i++) {
					const tokens = model.tokenize(makePrompt(choices), {
						addSpecial: model.info.addBos,
						parseSpecial: true,
					});
					const seeded = { ...options, seed: i, maxTokens };
					const plain = await run(session, tokens, { ...seeded, draft: 'off' });
					expect(plain.metrics.draftModelPasses).toBe(0);
					await session.clearReferences();
					await session.addReference(corrupt(plain.tokens, 5, model.info.vocabularySize, choices));
					for (const draft of [...sizes.map((size) => ({ size })), 'auto' as const]) {
						const other = await run(session, tokens, { ...seeded, draft });
						await log.compare(`prompt ${i}, ${JSON.stringify(draft)}`, plain, other, async ({ position }) => {
							const said = [...tokens, ...plain.tokens.subarray(0, position)];
							return isFilterTie(session, Int32Array.from(said), other.tokens[position], options);
						});
						asked += other.metrics.draftModelPasses;
						drafted += other.metrics.draftedBySource.draftModel;
					}
				}
				console.log(`${name}, ${sampler}: ${log.report()}, asked ${asked} times`);
				expect(log.wide).toEqual([]);
				expect(asked).toBeGreaterThan(0);
				if (!name.includes('stranger')) expect(drafted).toBeGreaterThan(0);
			},
		);

		test('leave the texts of forks as they are', async () => {
			const choices = new Choices(8, name);
			const tokens = model.tokenize(makePrompt(choices), {
				addSpecial: model.info.addBos,
				parseSpecial: true,
			});
			const log = new ForkLog();
			const plain = await run(session, tokens, { maxTokens, draft: 'off' });
			await session.rollback(0);
			await session.prefill(tokens);
			const forks = await Promise.all(Array.from({ length: 4 }, () => session.fork()));
			try {
				const said = await Promise.all(
					forks.map((fork, i) => run(fork, null, { maxTokens, draft: i % 2 ? 'auto' : { size: 8 } })),
				);
				for (const [i, one] of said.entries()) await log.compare(`fork ${i}`, plain, one);
				expect(log.wide).toEqual([]);
				const asked = said.map(({ metrics }) => metrics.draftModelPasses);
				expect(Math.max(...asked)).toBeGreaterThan(0);
			} finally {
				for (const fork of forks) await fork.dispose();
			}
		});
	},
);

describe('a model that drafts for itself', () => {
	test('is right nearly always', async () => {
		await using model = await loadModel(formModel, { draft: { model: formModel } });
		await using session = await model.createSession({ contextLength: 1024, threads: 1 });
		// Where there is nothing to copy, all comes from the draft model.
		const prompt = '<|im_start|>user\nWrite a short paragraph.<|im_end|>\n<|im_start|>assistant\n';
		const { metrics } = await run(session, prompt, { maxTokens: 100, draft: { size: 8 } });
		const { acceptedBySource: accepted, draftedBySource: drafted } = metrics;
		expect(accepted.draftModel).toBeGreaterThan(5);
		expect(accepted.draftModel).toBeGreaterThan(drafted.draftModel / 4);
		expect(metrics.tokensPerPass).toBeGreaterThan(3);
	});
});

describe('a draft model', () => {
	test('is told of by the model, and its passes by the metrics', async () => {
		await using model = await loadModel(formModel, { draft: { model: draftModel } });
		expect(model.draftModel?.parameters).toBeLessThan(model.info.parameters);
		await using session = await model.createSession();
		const { metrics } = await run(session, editPrompt(new Choices(1, 'told')), {
			maxTokens: 60,
			draft: { size: 8 },
		});
		expect(metrics.draftModelPasses).toBeGreaterThan(0);
		expect(metrics.draftModelMs).toBeGreaterThan(0);
		expect(metrics.draftModelMs).toBeLessThanOrEqual(metrics.decodeMsByPart.drafting);
		await using without = await loadModel(formModel);
		expect(without.draftModel).toBeNull();
	});

	test.each(drafters)('of the kind %s goes on through rollbacks and other prompts', async (_, file) => {
		await using model = await loadModel(formModel, { draft: { model: file } });
		await using session = await model.createSession({ contextLength: 512 });
		await using plain = await model.createSession({ contextLength: 512 });
		const choices = new Choices(3, 'rollbacks');
		for (let i = 0; i < 6; i++) {
			const prompt = editPrompt(choices);
			const drafted = await run(session, prompt, { maxTokens: 40, draft: { size: 8 } });
			const expected = await run(plain, prompt, { maxTokens: 40, draft: 'off' });
			const log = new ForkLog();
			await log.compare(`prompt ${i}`, expected, drafted);
			expect(log.wide).toEqual([]);
			await session.rollback(Math.floor((await session.history()).length / 2));
		}
	});

	test('may be aborted while it catches up with a prompt', async () => {
		await using model = await loadModel(formModel, { draft: { model: draftModel } });
		await using session = await model.createSession({ contextLength: 2048 });
		const stop = new AbortController();
		const generation = session.generate(`${'The lamp is red. '.repeat(200)}`, {
			maxTokens: 500,
			signal: stop.signal,
		});
		for await (const _ of generation) stop.abort();
		expect((await generation.result).finishReason).toBe('aborted');
		const { text } = await session.generate('The lamp is red. The lamp', { maxTokens: 5 }).result;
		expect(text.length).toBeGreaterThan(0);
	});
});

test.each(heads)('the %s drafts in small contexts and batches, too', async (_, head) => {
	await using model = await loadModel(formModel, { draft: { model: head } });
	for (const options of [
		{ contextLength: 40 },
		{ batchSize: 4 },
		{ batchSize: 33, microBatchSize: 16 },
		{ batchSize: 4, maxSequences: 5 },
	]) {
		await using session = await model.createSession(options);
		const { metrics } = await run(session, 'The lamp is red. The lamp', {
			maxTokens: 12,
			draft: { size: 8 },
		});
		expect(metrics.draftModelPasses).toBeGreaterThan(0);
	}
});

test.each(heads)('the %s is as often right beside forks as alone', async (_, head) => {
	await using model = await loadModel(formModel, { draft: { model: head } });
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	const choices = new Choices(4, 'forks');
	const alone = { accepted: 0, drafted: 0 };
	const beside = { accepted: 0, drafted: 0 };
	for (let i = 0; i < 4; i++) {
		const tokens = model.tokenize(editPrompt(choices), { parseSpecial: true });
		await session.rollback(0);
		await session.prefill(tokens);
		const forks = await Promise.all(Array.from({ length: 4 }, () => session.fork()));
		const say = async (fork: Session, counts: typeof alone) => {
			const { metrics } = await run(fork, null, { maxTokens, draft: { size: 8 } });
			counts.accepted += metrics.acceptedBySource.draftModel;
			counts.drafted += metrics.draftedBySource.draftModel;
		};
		await say(forks[0] as Session, alone);
		await Promise.all(forks.slice(1).map((fork) => say(fork, beside)));
		for (const fork of forks) await fork.dispose();
	}
	expect(alone.accepted).toBeGreaterThan(10);
	expect(beside.accepted / beside.drafted).toBeGreaterThan((0.9 * alone.accepted) / alone.drafted);
});

describe('a draft model that does not fit is refused', () => {
	const load = (draft: unknown, path = formModel, more = {}) =>
		loadModel(path, { draft, ...more } as Parameters<typeof loadModel>[1]);

	test.each([
		['no object', 'small.gguf', /an object, \{ model: FILE \} or \{ mtp: true \},/],
		['neither a model nor layers', {}, /a file, or mtp: true, for draft\.model/],
		[
			'both a model and layers',
			{ model: draftModel, mtp: true },
			/no model beside mtp: true for draft\.model/,
		],
		[
			'layers to place where the model is',
			{ mtp: true, gpuLayers: 1 },
			/none beside mtp: true, .* for draft\.gpuLayers/,
		],
		['layers for MTP of a model that has none', { mtp: true }, /its file has none/],
		['an unknown option', { model: draftModel, layers: 3 }, /has no option "layers"/],
		['layers', { model: draftModel, gpuLayers: 'all' }, /for gpuLayers/],
		['threads', { model: draftModel, threads: 0 }, /for threads/],
	])('%s', async (_, draft, message) => {
		await expect(load(draft)).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(message),
		});
	});

	test('another vocabulary', async () => {
		const stranger = await randomModel('tiny-qwen2');
		await expect(load({ model: stranger })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(/vocabulary for draft\.model/),
		});
	});

	test('recurrent states', async () => {
		const path = await randomModel('tiny-lfm2');
		await expect(load({ model: path }, path)).rejects.toMatchObject({
			code: 'MODEL_INVALID',
			message: expect.stringMatching(/recurrent states/),
		});
	});

	test('a vocabulary alone', async () => {
		await expect(load({ model: vocabularyFile('llama-spm') })).rejects.toMatchObject({
			code: 'MODEL_VOCAB_ONLY',
		});
		await expect(load({ model: draftModel }, formModel, { vocabOnly: true })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
		});
	});

	test('no file', async () => {
		await expect(load({ model: `${embeddedModel}.none` })).rejects.toMatchObject({
			code: 'MODEL_NOT_FOUND',
			message: expect.stringMatching(/^The draft model cannot be used: /),
		});
	});
});

test('a draft model whose scores are no numbers fails one generation, and is left alone then', async () => {
	const target = await randomModel('tiny-llama');
	await using model = await loadModel(target, { draft: { model: await oddModel('nan') } });
	await using session = await model.createSession({ contextLength: 512 });
	const options: GenerateOptions = { maxTokens: 40, draft: { size: 8 } };
	await expect(session.generate('The market', options).result).rejects.toMatchObject({
		code: 'DECODE_FAILED',
		message: expect.stringMatching(/^The draft model failed, and is not asked any more: its scores are no/),
	});
	const { metrics } = await session.generate('The market', options).result;
	expect(metrics.draftModelPasses).toBe(0);
	expect(metrics.outputTokens).toBeGreaterThan(5);
});
