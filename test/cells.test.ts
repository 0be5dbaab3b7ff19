import { describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel, type Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import type { SessionOptions } from '../lib/session-options.js';
import { Choices } from './support/choices.js';
import { noEnd } from './support/endless.js';
import { embeddedModel, randomModel, type tinyShapes } from './support/models.js';
import { ForkLog, run } from './support/runs.js';

type Shape = (typeof tinyShapes)[number];

const caches: Array<{ name: string; shape: Shape; options: SessionOptions }> = [
	{ name: 'full attention', shape: 'tiny-llama', options: {} },
	{ name: 'a sliding window', shape: 'tiny-gemma3', options: {} },
	{ name: 'a pruned sliding window', shape: 'tiny-gemma3', options: { fullSlidingWindow: false } },
	{ name: 'recurrent states', shape: 'tiny-mamba', options: {} },
	{ name: 'recurrent states beside attention', shape: 'tiny-lfm2', options: {} },
];

const tokensOf = (choices: Choices, model: Model, count: number) =>
	Int32Array.from({ length: count }, () => 10 + choices.below(model.info.vocabularySize - 20));

/** Keeps the generations that a session and a fresh one with its history make, in f32 up to near-ties. */
async function compareWithFresh(log: ForkLog, label: string, session: Session, fresh: Session) {
	const options: GenerateOptions = { maxTokens: 20, draft: 'off', logitBias: noEnd(session.model) };
	const history = await session.history();
	await fresh.rollback(0);
	const plain = await run(fresh, history, options);
	await log.compare(label, plain, await run(session, null, options));
}

describe.each(caches)('with $name', ({ shape, options }) => {
	const create = (model: Model, more: SessionOptions = {}) =>
		model.createSession({ threads: 1, keyType: 'f32', valueType: 'f32', ...options, ...more });

	test('a session that is rolled back after a fork has gone goes on as a fresh one', async () => {
		await using model = await loadModel(await randomModel(shape));
		const choices = new Choices(1, shape);
		const log = new ForkLog();
		const say = (session: Session, maxTokens: number, seed: number) =>
			session.generate(null, { maxTokens, seed, temperature: 0.7, draft: 'off', logitBias: noEnd(model) })
				.result;
		for (const length of [200, 90, 40]) {
			await using session = await create(model, { contextLength: 1024 });
			await using fresh = await create(model, { contextLength: 1024 });
			await session.prefill(tokensOf(choices, model, length));
			const fork = await session.fork();
			await Promise.all([say(session, 100, 1), say(fork, 100, 2)]);
			await fork.dispose();
			await say(session, 80, 3);
			for (const back of [150, 60, 10, 1]) {
				await session.rollback(Math.min(back, length));
				await compareWithFresh(log, `${length} tokens, back to ${back}`, session, fresh);
			}
		}
		expect(log.wide).toEqual([]);
	});

	test.each([
		{ leaves: 'trees', maxSequences: 0 },
		{ leaves: 'chains', maxSequences: 1 },
	])('a full context that shifts leaves drafted text as it is ($leaves)', async ({ maxSequences }) => {
		await using model = await loadModel(await randomModel(shape));
		const log = new ForkLog();
		for (const contextLength of [64, 100]) {
			const say = async (draft: GenerateOptions['draft'] & {}) => {
				await using session = await create(model, { contextLength, overflow: 'shift', maxSequences });
				const prompt = tokensOf(new Choices(2, shape), model, 9);
				return await run(session, prompt, { maxTokens: 160, draft, logitBias: noEnd(model) });
			};
			const plain = await say('off');
			expect([plain.finishReason, plain.tokens.length]).toEqual(['length', 160]);
			for (const draft of ['auto', { size: 12 }] as const)
				await log.compare(`${contextLength}, ${JSON.stringify(draft)}`, plain, await say(draft));
		}
		expect(log.wide).toEqual([]);
	});

	test('a full context shifts beside an idle fork, which goes on as a fresh session', async () => {
		await using model = await loadModel(await randomModel(shape));
		const log = new ForkLog();
		const prompt = tokensOf(new Choices(3, shape), model, 40);
		const generate: GenerateOptions = { maxTokens: 300, draft: { size: 8 }, logitBias: noEnd(model) };
		for (const contextLength of [64, 256]) {
			const context = { contextLength, overflow: 'shift' } as const;
			await using alone = await create(model, context);
			const expected = await run(alone, prompt, generate);

			await using session = await create(model, context);
			await session.prefill(prompt);
			const fork = await session.fork();
			const kept = await (await session.fork()).fork();
			const said = await run(session, null, generate);
			expect([said.finishReason, said.tokens.length]).toEqual(['length', 300]);
			await log.compare(`${contextLength}, with forks`, expected, said);

			await using fresh = await create(model, { contextLength: 512 });
			for (const one of [fork, kept]) {
				expect(await one.history()).toEqual(prompt);
				await compareWithFresh(log, `${contextLength}, fork`, one, fresh);
			}
		}
		expect(log.wide).toEqual([]);
	});

	test('sessions that generate at once and fill the cache together shift in turn', async () => {
		await using model = await loadModel(await randomModel(shape));
		await using session = await create(model, { contextLength: 256, overflow: 'shift', maxSequences: 8 });
		await session.prefill(tokensOf(new Choices(4, shape), model, 30));
		const family = [session, await session.fork(), await session.fork(), await session.fork()];
		const said = await Promise.all(
			family.map((one, seed) =>
				run(one, null, { maxTokens: 250, seed, temperature: 1, draft: { size: 6 }, logitBias: noEnd(model) }),
			),
		);
		expect(said.map(({ finishReason, tokens }) => [finishReason, tokens.length])).toEqual(
			family.map(() => ['length', 250]),
		);
	});
});

test('a sliding-window cache of full size keeps what the window hides, so that nothing is computed again', async () => {
	await using model = await loadModel(await randomModel('tiny-gemma3'));
	await using session = await model.createSession({ contextLength: 512, threads: 1 });
	const options = { draft: 'off', logitBias: noEnd(model) } as const;
	await session.prefill(tokensOf(new Choices(5, 'kept'), model, 200));
	// The fork's cells lie between the session's: the search for free ones meets both.
	const fork = await session.fork();
	await Promise.all([session, fork].map((one) => one.generate(null, { ...options, maxTokens: 100 }).result));
	await fork.dispose();
	await session.generate(null, { ...options, maxTokens: 80 }).result;
	await session.rollback(100);
	const { metrics } = await session.generate(null, { ...options, maxTokens: 1 }).result;
	expect(metrics.reusedTokens).toBe(99);
	await using fresh = await model.createSession({ contextLength: 512, threads: 1 });
	const log = new ForkLog();
	await compareWithFresh(log, 'rolled back', session, fresh);
	expect(log.wide).toEqual([]);
});

test.each([1, 3])('forks of a long prompt find room in a pruned window (%d forks)', async (forks) => {
	await using model = await loadModel(await randomModel('tiny-gemma3'));
	const context = { contextLength: 4096, fullSlidingWindow: false, threads: 1 } as const;
	// The window's cache has 256 cells, and those that the forks share are not given away.
	await using session = await model.createSession({
		...context,
		microBatchSize: 32,
		maxSequences: 1 + forks,
	});
	await using fresh = await model.createSession(context);
	await session.prefill(tokensOf(new Choices(7, 'pruned'), model, 600));
	const family = [session];
	for (let i = 0; i < forks; i++) family.push(await session.fork());
	const log = new ForkLog();
	const said = await Promise.all(
		family.map((one, seed) =>
			run(one, null, { maxTokens: 100, seed, temperature: 1, logitBias: noEnd(model), draft: { size: 6 } }),
		),
	);
	for (const [i, { finishReason }] of said.entries()) {
		expect(finishReason).toBe('length');
		await compareWithFresh(log, `fork ${i}`, family[i] as Session, fresh);
	}
	expect(log.wide).toEqual([]);
});

test('forks of forks of a hybrid model, rolled back and at once, go on as fresh sessions', async () => {
	await using model = await loadModel(await randomModel('tiny-lfm2'));
	const choices = new Choices(6, 'family');
	const log = new ForkLog();
	const options = { threads: 1, contextLength: 512, keyType: 'f32', valueType: 'f32' } as const;
	await using fresh = await model.createSession(options);
	const say = (session: Session, maxTokens: number, size: number) =>
		session.generate(null, { maxTokens, draft: { size }, temperature: 0.5, logitBias: noEnd(model) }).result;
	for (let round = 0; round < 12; round++) {
		const microBatchSize = choices.of([512, 32, 20]);
		await using a = await model.createSession({ ...options, microBatchSize });
		await a.prefill(tokensOf(choices, model, 20 + choices.below(100)));
		const b = await a.fork();
		const c = await b.fork();
		for (const session of [c, b, a])
			await session.rollback(1 + choices.below((await session.history()).length - 1));
		await a.append(tokensOf(choices, model, 2));
		const family = [a, b, c, await a.fork()];
		await say(b, 1 + choices.below(40), 8);
		await Promise.all(family.map((session) => say(session, 1 + choices.below(30), choices.of([2, 5, 8]))));
		for (const session of family) await compareWithFresh(log, `round ${round}`, session, fresh);
	}
	expect(log.wide).toEqual([]);
});

test('a session with an idle fork shifts as one without', async () => {
	await using model = await loadModel(embeddedModel);
	await using session = await model.createSession({ contextLength: 128, overflow: 'shift' });
	await session.prefill('Once upon a time');
	await session.fork();
	const { finishReason, tokens } = await session.generate(null, { maxTokens: 300, logitBias: noEnd(model) })
		.result;
	expect([finishReason, tokens.length]).toEqual(['length', 300]);
});
