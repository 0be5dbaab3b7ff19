import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { heldOutProblems } from '../../../demo/held-out.js';
import {
	agree,
	bestOf,
	type CorrectOptions,
	correct,
	iterativeDeepening,
	peers,
	plain,
	type Strategy,
	spontaneous,
	strategy,
	treeSearch,
} from '../../../lib/correct/index.js';
import { strategyByName, strategyNames } from '../../../lib/correct/presets/by-name.js';
import { loadModel } from '../../../lib/index.js';
import { embeddedModel } from '../../support/models.js';

const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());
/** It has learnt to solve such problems by programs of several lines. */
const solverModel = fileURLToPath(new URL('../../../models/reprise-2m.gguf', import.meta.url));
const openSession = () => model.createSession({ contextLength: 4096, threads: 1 });

const task = {
	id: 'pears',
	prompt:
		'Write a JavaScript program that solves the problem and prints the answer.\nMara has 12 bags with 7 pears in each. Mara gives 5 pears to Tom. How many pears are left?',
};

/** These come to an end in few tokens. */
const short: Readonly<Record<string, () => Strategy>> = {
	iterativeDeepening: () => iterativeDeepening({ stretchTokens: 20 }),
	peers: () => peers({ stretchTokens: 30, summaryTokens: 10 }),
};

const presets: ReadonlyArray<() => Strategy> = [
	// What looks at images runs in test/images/vision.test.ts.
	...strategyNames
		.filter((name) => name !== 'lookBack')
		.map((name) => short[name] ?? (() => strategyByName(name))),
	() => bestOf({ refine: 'local' }),
	() => bestOf({ refine: 'global' }),
];

describe.each(presets.map((preset) => [preset().name, preset] as const))(
	'%s on a real model',
	(name, preset) => {
		const needsVerifier = ['verifierGuided', 'constitution'].includes(name);
		const options = (): CorrectOptions => ({
			...(needsVerifier && {
				verifier: () => ({ outcome: 'fail', message: 'That is not the answer.' }) as const,
			}),
			generate: { maxTokens: 100 },
			budget: { rounds: 2 },
		});

		test('comes to an answer, and leaves nothing behind', async () => {
			await using session = await openSession();
			const { answer, cost, events } = await correct(session, task, preset(), options()).result;
			expect(answer).not.toBe('');
			expect(cost.tokens).toBeGreaterThan(10);
			const keys = events.flatMap((event) => ('key' in event ? [event.key] : []));
			expect(new Set(keys).size).toBe(keys.length);
			expect(events.at(-1)?.type).toBe('result');
			expect(await session.generate(null, { maxTokens: 5 }).text()).toBeTypeOf('string');
		});

		test('goes on from a log', async () => {
			await using session = await openSession();
			const whole = await correct(session, task, preset(), options()).result;
			await using fresh = await openSession();
			const log = whole.events.slice(0, Math.floor(whole.events.length / 2));
			const { answer, events } = await correct(fresh, task, preset(), { ...options(), log }).result;
			expect(answer).not.toBe('');
			expect(events.slice(0, log.length)).toEqual(log);
			const keys = events.flatMap((event) => ('key' in event ? [event.key] : []));
			expect(new Set(keys).size).toBe(keys.length);
		});
	},
);

test.each([
	['spontaneous', () => spontaneous()],
	['treeSearch', () => treeSearch({ width: 1, sampling: { temperature: 0 } })],
])('the steps of %s go on as the whole answer does, where they are all right', async (_, preset) => {
	const right = preset().with({ verify: () => ({ outcome: 'pass' }), value: () => ({ outcome: 'pass' }) });
	const options = { generate: { temperature: 0, maxTokens: 200 } };
	await using solver = await loadModel(solverModel);
	for (const [id, problem] of heldOutProblems(8, 3).entries()) {
		await using session = await solver.createSession({ contextLength: 2048, threads: 1 });
		const whole = await correct(session, problem, plain(), options).result;
		const inSteps = await correct(session, problem, right, options).result;
		expect(inSteps.answer, `problem ${id}`).toBe(whole.answer);
		expect(whole.answer.split('\n').length).toBeGreaterThan(3);
	}
});

test('branches compute their prompt once', async () => {
	await using session = await openSession();
	const { promptTokens } = await session.chat().prefill([{ role: 'user', content: task.prompt }]);
	await session.rollback(0);
	const samples = 5;
	const { cost } = await correct(session, task, agree({ samples }), { generate: { maxTokens: 20 } }).result;
	// Each branch computes the last token once more, for its logits.
	expect(cost.computedTokens).toBeLessThanOrEqual(promptTokens + samples);
});

test('odds are the model’s own: those of many draws', async () => {
	await using session = await openSession();
	const replies = ['Yes', 'No'] as const;
	const ask = strategy('ask', async (run) => run.attempt()).with({
		attempt: async (context, messages) => String(await context.odds(messages, replies)),
	});
	const forwards = Number((await correct(session, task, ask).result).answer);
	const [yes, no] = replies.map((reply) => model.tokenize(reply)[0] as number);
	const logitBias = { [yes as number]: 1000, [no as number]: 1000 };
	const chat = session.chat();
	let drawn = 0;
	const draws = 300;
	for (let seed = 0; seed < draws; seed++) {
		const messages = [{ role: 'user' as const, content: task.prompt }];
		const { tokens } = await chat.reply(messages, { temperature: 1, seed, logitBias, maxTokens: 1 }).result;
		if (tokens[0] === yes) drawn++;
	}
	const deviation = Math.sqrt((forwards * (1 - forwards)) / draws);
	expect(Math.abs(drawn / draws - forwards)).toBeLessThan(4 * deviation + 0.01);
});
