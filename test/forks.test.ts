import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel, type Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { concatTokens } from '../lib/tokens.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { embeddedModel, randomModel } from './support/models.js';
import { anyPrompt, editPrompt } from './support/prompts.js';
import { ForkLog, type Run, run } from './support/runs.js';

const members = 8;
const maxTokens = 40;

const models = [
	{ name: 'tiny-edit', path: async () => embeddedModel },
	{ name: 'tiny-llama', path: () => randomModel('tiny-llama') },
	{ name: 'tiny-gemma3', path: () => randomModel('tiny-gemma3') },
	{ name: 'tiny-lfm2', path: () => randomModel('tiny-lfm2') },
	{ name: 'tiny-mamba', path: () => randomModel('tiny-mamba') },
] as const;

describe.each(models)('eight forks of $name', ({ name, path }) => {
	let model: Model;
	beforeAll(async () => {
		model = await loadModel(await path());
	});
	afterAll(() => model?.dispose());

	const createSession = () => model.createSession({ contextLength: 2048, threads: 1, maxSequences: 64 });

	/** A shared prompt and, for each fork, the whole context that starts with it. */
	function makePrompts(choices: Choices): { shared: Int32Array; contexts: Int32Array[] } {
		const shared = model.tokenize(anyPrompt(choices), { addSpecial: model.info.addBos });
		const contexts = Array.from({ length: members }, () => {
			const own = name === 'tiny-edit' ? editPrompt(choices) : ` ${anyPrompt(choices)}`;
			return concatTokens(shared, model.tokenize(own, { parseSpecial: true }));
		});
		return { shared, contexts };
	}

	/** Every context's generation in a fork of one session, all at once. */
	async function runTogether(
		root: Session,
		contexts: Int32Array[],
		options: (member: number) => GenerateOptions,
	): Promise<Run[]> {
		const forks: Session[] = [];
		for (const _ of contexts) forks.push(await root.fork());
		const runs = await Promise.all(
			forks.map((fork, member) => run(fork, contexts[member] as Int32Array, options(member))),
		);
		for (const fork of forks) await fork.dispose();
		return runs;
	}

	test.each([
		{ sampler: 'greedy', base: {} },
		{ sampler: 'sampled', base: { temperature: 0.8 } },
	])('at once each say what they say alone ($sampler)', async ({ sampler, base }) => {
		const choices = new Choices(5, `${name} ${sampler}`);
		const { shared, contexts } = makePrompts(choices);
		await using alone = await createSession();
		const plain: Run[] = [];
		for (const [seed, context] of contexts.entries())
			plain.push(await run(alone, context, { ...base, seed, maxTokens, draft: 'off' }));

		await using root = await createSession();
		await root.prefill(shared);
		const log = new ForkLog();
		let accepted = 0;
		for (const draft of ['off', 'auto', { size: 4 }, { size: 16 }] as const) {
			const runs = await runTogether(root, contexts, (member) => ({
				...base,
				seed: member,
				maxTokens,
				draft,
				prediction: corrupt((plain[member] as Run).tokens, 8, model.info.vocabularySize, choices),
			}));
			for (const [member, drafted] of runs.entries()) {
				await log.compare(`fork ${member}, drafts ${JSON.stringify(draft)}`, plain[member] as Run, drafted);
				accepted += drafted.metrics.accepted;
			}
		}
		console.log(`${name}, ${sampler} forks: ${log.report()}`);
		expect(log.wide).toEqual([]);
		if (model.info.drafts === 'off') expect(accepted).toBe(0);
		else expect(accepted).toBeGreaterThan(maxTokens);
	});

	test('share passes, and their prompt is computed once', async () => {
		const { shared, contexts } = makePrompts(new Choices(6, name));
		await using root = await createSession();
		const first = await root.prefill(shared);
		expect(first.reusedTokens).toBe(0);
		// They go on for long: where the machine is busy, the last one begins many passes after the first.
		const logitBias = { [model.info.eosToken]: Number.NEGATIVE_INFINITY };
		const options = { maxTokens: 500, logitBias, draft: 'off' } as const;
		const runs = await runTogether(root, contexts, (seed) => ({ seed, ...options }));
		for (const { metrics } of runs) {
			expect(metrics.promptTokens).toBeGreaterThan(shared.length);
			// The last token's logits were not needed yet: a fork computes that one again.
			expect(metrics.reusedTokens).toBeGreaterThanOrEqual(shared.length - 1);
		}
		const mostRows = Math.max(...runs.flatMap(({ metrics }) => metrics.passesByRows.map(({ rows }) => rows)));
		expect(mostRows).toBe(members);
	});

	test('leave the session they came from as it was', async () => {
		const { shared, contexts } = makePrompts(new Choices(7, name));
		await using root = await createSession();
		await root.prefill(shared);
		await runTogether(root, contexts, (seed) => ({ seed, temperature: 1, maxTokens }));
		expect(await root.history()).toEqual(shared);
		await using fresh = await createSession();
		const log = new ForkLog();
		const options = { maxTokens, draft: 'off' } as const;
		await log.compare(name, await run(fresh, shared, options), await run(root, shared, options));
		expect(log.wide).toEqual([]);
	});
});
