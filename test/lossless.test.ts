import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel, type Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { concatTokens } from '../lib/tokens.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { isFilterTie } from './support/filter-tie.js';
import { embeddedModel, randomModel } from './support/models.js';
import { anyPrompt, editPrompt } from './support/prompts.js';
import { ForkLog, type Run, run } from './support/runs.js';
import { declarations, samplers, treeSizes as sizes } from './support/samplers.js';

/** Six models times this make the 200 prompts and more. */
const promptsPerModel = 36;
const promptsPerSampler = 4;
const maxTokens = 40;

const models = [
	{ name: 'tiny-edit', drafts: 'tree', path: async () => embeddedModel },
	{ name: 'tiny-llama', drafts: 'tree', path: () => randomModel('tiny-llama') },
	{ name: 'tiny-qwen2', drafts: 'tree', path: () => randomModel('tiny-qwen2') },
	{ name: 'tiny-gemma3', drafts: 'tree', path: () => randomModel('tiny-gemma3') },
	{ name: 'tiny-lfm2', drafts: 'chain', path: () => randomModel('tiny-lfm2') },
	{ name: 'tiny-mamba', drafts: 'off', path: () => randomModel('tiny-mamba') },
] as const;

/** Accepted tokens by tree size. */
type Accepted = Map<number, { accepted: number; tokens: number; mostRows: number }>;

/**
 * Compares drafted runs with the plain one. The drafts come from corrupted copies of the plain output: as
 * the prediction and as references, whose errors differ, so that trees branch and parts are rejected.
 */
async function compareSizes(
	label: string,
	session: Session,
	prompt: string,
	options: GenerateOptions,
	choices: Choices,
	forks: ForkLog,
	accepted: Accepted,
): Promise<Run> {
	const { addBos } = session.model.info;
	const tokens = session.model.tokenize(prompt, { addSpecial: addBos, parseSpecial: true });
	const plain = await run(session, tokens, { ...options, maxTokens, draft: 'off' });
	expect(plain.metrics.drafted).toBe(0);
	const variant = (spacing: number) =>
		corrupt(plain.tokens, spacing, session.model.info.vocabularySize, choices);
	await session.clearReferences();
	await session.addReference(variant(6));
	await session.addReference(variant(4));
	for (const size of sizes) {
		const drafted = await run(session, tokens, {
			...options,
			maxTokens,
			draft: { size },
			prediction: variant(10),
		});
		await forks.compare(`${label}, size ${size}`, plain, drafted, async ({ position }) => {
			const context = concatTokens(tokens, plain.tokens.subarray(0, position));
			return isFilterTie(session, context, drafted.tokens[position], options);
		});
		const sums = accepted.get(size) ?? { accepted: 0, tokens: 0, mostRows: 0 };
		sums.accepted += drafted.metrics.accepted;
		sums.tokens += drafted.metrics.outputTokens;
		sums.mostRows = Math.max(sums.mostRows, ...drafted.metrics.passesByRows.map(({ rows }) => rows));
		accepted.set(size, sums);
	}
	return plain;
}

describe.each(models)('drafted and plain text of $name', ({ name, drafts, path }) => {
	let model: Model;
	let session: Session;
	const makePrompt = name === 'tiny-edit' ? editPrompt : anyPrompt;

	beforeAll(async () => {
		model = await loadModel(await path());
		session = await model.createSession({ contextLength: 1024, threads: 1 });
	});
	afterAll(async () => {
		await session?.dispose();
		await model?.dispose();
	});

	test(`the model's cache allows drafts of the form: ${drafts}`, () => {
		expect(model.info.drafts).toBe(drafts);
		expect(model.info.draftsReason === '').toBe(drafts === 'tree');
	});

	function expectAccepted(accepted: Accepted): void {
		for (const [size, { accepted: count, tokens, mostRows }] of accepted) {
			if (drafts === 'off') expect({ size, count, mostRows }).toEqual({ size, count: 0, mostRows: 1 });
			else expect(count, `accepted drafts at size ${size}`).toBeGreaterThan(tokens * 0.3);
			if (drafts === 'tree') expect(mostRows, `rows at size ${size}`).toBeGreaterThan(Math.min(size, 32));
		}
	}

	test('are equal when greedy, but for near-ties', async () => {
		const choices = new Choices(1, name);
		const forks = new ForkLog();
		const accepted: Accepted = new Map();
		const plainTexts = new Set<string>();
		for (let i = 0; i < promptsPerModel; i++) {
			const label = `${name}, prompt ${i}`;
			const plain = await compareSizes(label, session, makePrompt(choices), {}, choices, forks, accepted);
			plainTexts.add(plain.tokens.join());
		}
		console.log(`${name}, greedy: ${forks.report()}`);
		expect(forks.wide).toEqual([]);
		expect(plainTexts.size, 'different texts').toBeGreaterThan(promptsPerModel / 2);
		expectAccepted(accepted);
	});

	test.each(samplers)('are equal with $name, but for near-ties', async ({ name: sampler, options }) => {
		const choices = new Choices(2, `${name} ${sampler}`);
		const forks = new ForkLog();
		const accepted: Accepted = new Map();
		for (let i = 0; i < promptsPerSampler; i++) {
			const label = `${name}, ${sampler}, prompt ${i}`;
			const seeded = { ...options, seed: i };
			await compareSizes(label, session, makePrompt(choices), seeded, choices, forks, accepted);
		}
		console.log(`${name}, ${sampler}: ${forks.report()}`);
		expect(forks.wide).toEqual([]);
		expectAccepted(accepted);
	});

	test.runIf(name === 'tiny-edit').each([0, 1.5])(
		'are equal under a grammar at temperature %d, but for near-ties',
		async (temperature) => {
			const choices = new Choices(3, name);
			const forks = new ForkLog();
			const accepted: Accepted = new Map();
			for (let i = 0; i < promptsPerSampler; i++) {
				const options = { grammar: declarations, temperature, seed: i };
				const prompt = makePrompt(choices);
				const plain = await compareSizes(`prompt ${i}`, session, prompt, options, choices, forks, accepted);
				expect(plain.text).toMatch(/^```js\nconst [a-z]/);
			}
			console.log(`${name}, grammar: ${forks.report()}`);
			expect(forks.wide).toEqual([]);
			expectAccepted(accepted);
		},
	);
});
