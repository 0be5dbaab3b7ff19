import { afterAll, expect, test } from 'vitest';
import { correct, threeTurn, verifierGuided } from '../../lib/correct/index.js';
import { javascript } from '../../lib/correct/verifiers/index.js';
import { loadModel } from '../../lib/index.js';
import { brief } from '../support/correction.js';
import { embeddedModel } from '../support/models.js';
import { verify } from '../support/verify.js';

const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());
const openSession = () => model.createSession({ contextLength: 2048, threads: 1 });

const problem = {
	id: 'pears',
	prompt:
		'Write a JavaScript program that solves the problem and prints the answer.\nMara has 12 bags with 7 pears in each. Mara gives 5 pears to Tom. How many pears are left?',
	answer: '79',
};

const verifier = javascript();
afterAll(() => verifier.dispose());

test('verifierGuided mends a wrong answer', async () => {
	await using session = await openSession();
	const wrong =
		'```js\nconst bags = 12;\nconst perBag = 7;\nconst given = 5;\nconst total = bags * perBag;\nconst left = total + given;\nconsole.log(left);\n```';
	const strategy = verifierGuided({ sees: 'last' }).with({ attempt: async () => wrong });
	const { answer, stoppedBy, cost, events } = await correct(session, problem, strategy, { verifier }).result;
	expect([await verify(verifier, answer, problem), stoppedBy]).toEqual([
		{ outcome: 'pass', message: 'The program printed 79.' },
		'done',
	]);
	expect(events.map(({ type }) => type)).toEqual([
		'attempt',
		'verdict',
		'decision',
		'revision',
		'verdict',
		'result',
	]);
	expect(cost.tokens).toBeGreaterThan(20);
});

test('threeTurn repeats itself, and drafts what it repeats', async () => {
	await using session = await openSession();
	const strategy = threeTurn({
		reread: 'Check the program line by line. Is it right?',
		final: 'Give the final program.',
	});
	const { events } = await correct(session, problem, strategy, { generate: { draft: { size: 16 } } }).result;
	expect(events.map(brief).at(-1)).toContain('console.log');
	const [first, , last] = events.flatMap((event) =>
		event.type === 'attempt' || event.type === 'critique' || event.type === 'revision' ? [event.cost] : [],
	);
	if (!first || !last) throw new Error('Expected three statements');
	expect(last.passTokens / last.passes).toBeGreaterThan((2 * first.passTokens) / first.passes);
	expect(last.computedTokens).toBeLessThan(30);
});

test('a conversation that outgrows the context ends with the best answer so far', async () => {
	await using session = await model.createSession({ contextLength: 320, threads: 1 });
	const never = () => ({ outcome: 'fail', message: 'That is not the answer.' }) as const;
	const options = { verifier: never, budget: { rounds: 20 }, generate: { maxTokens: 100 } };
	const { answer, round, stoppedBy } = await correct(session, problem, verifierGuided(), options).result;
	expect(answer).toContain('console.log');
	expect(round).toBeGreaterThan(1);
	expect(stoppedBy).toBe('context');
});

test('a task that has no room in the context is an error', async () => {
	await using session = await model.createSession({ contextLength: 32, threads: 1 });
	await expect(correct(session, problem, threeTurn()).result).rejects.toMatchObject({
		code: 'CONTEXT_OVERFLOW',
	});
});

test('the chat’s template may be another', async () => {
	await using session = await openSession();
	const chat = { template: '{{ messages[0].content }}{{ mark }}', templateVariables: { mark: '>>' } };
	await correct(session, { id: 'a', prompt: 'Hello' }, threeTurn(), { chat, generate: { maxTokens: 3 } })
		.result;
	expect(model.detokenize(await session.history(), { renderSpecial: true })).toMatch(/^Hello>>/);
	expect(() => correct(session, problem, threeTurn(), { chat: { system: 'Hi' } as object })).toThrow(
		expect.objectContaining({ code: 'OPTION_INVALID' }),
	);
});
