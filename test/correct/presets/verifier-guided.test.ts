import { expect, test } from 'vitest';
import { verifierGuided } from '../../../lib/correct/presets/verifier-guided.js';
import { endsRight, follow } from '../../support/correction.js';
import { ScriptedSession } from '../../support/scripted.js';

/** Says 5, then 3, then 4. */
const third = () =>
	new ScriptedSession(
		(messages) => ['It is 5', 'It is 3', 'It is 4'][Math.floor(messages.length / 2)] ?? 'Enough',
	);

test('revises on the verifier’s message until the answer passes', async () => {
	const session = third();
	const { brief, answer, round, judgement, stoppedBy } = await follow(session, verifierGuided(), {
		verifier: endsRight,
	});
	expect(brief).toEqual([
		'attempt 1: It is 5',
		'verdict 1: fail',
		'decision 1: another',
		'revision 2: It is 3',
		'verdict 2: fail',
		'decision 2: another',
		'revision 3: It is 4',
		'verdict 3: pass',
		'result 3: It is 4 (done)',
	]);
	expect({ answer, round, judgement, stoppedBy }).toEqual({
		answer: 'It is 4',
		round: 3,
		judgement: { outcome: 'pass' },
		stoppedBy: 'done',
	});
	expect(session.calls.map(({ asked }) => asked)).toEqual([
		'user: What is 2 + 2?',
		'user: What is 2 + 2?\nassistant: It is 5\nuser: It is 5 is not right. Fix it.',
		'user: What is 2 + 2?\nassistant: It is 5\nuser: It is 5 is not right. Fix it.\nassistant: It is 3\nuser: It is 3 is not right. Fix it.',
	]);
});

test('keeps an answer that passes at once', async () => {
	const session = new ScriptedSession(() => 'It is 4');
	const { brief } = await follow(session, verifierGuided(), { verifier: endsRight });
	expect(brief).toEqual(['attempt 1: It is 4', 'verdict 1: pass', 'result 1: It is 4 (done)']);
});

test('a revision may see the last answer alone, in other words, and generate otherwise', async () => {
	const said = ['It is 5', 'It is 3', 'It is 4'];
	const session = new ScriptedSession(() => said.shift() ?? '');
	const strategy = verifierGuided({
		sees: 'last',
		ask: (message) => `No: ${message}`,
		revision: { temperature: 0.7 },
	});
	await follow(session, strategy, { verifier: endsRight });
	expect(session.calls.at(-1)?.asked).toBe(
		'user: What is 2 + 2?\nassistant: It is 3\nuser: No: It is 3 is not right.',
	);
	expect(session.calls.map(({ options }) => options.temperature)).toEqual([undefined, 0.7, 0.7]);
});

test('without a verifier it is an error that says what to pass', async () => {
	const session = new ScriptedSession(() => 'It is 5');
	await expect(follow(session, verifierGuided())).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringContaining('pass correct the option verifier'),
	});
});

test('an unknown option is an error', () => {
	expect(() => verifierGuided({ see: 'last' } as object)).toThrow(
		expect.objectContaining({
			code: 'OPTION_INVALID',
			message: expect.stringContaining('did you mean sees'),
		}),
	);
});

test('a revision may see the question alone, and is drafted from the answer before', async () => {
	const said = ['It is 5', 'It is 4'];
	const session = new ScriptedSession(() => said.shift() ?? '');
	const strategy = verifierGuided({ sees: 'question', revision: { temperature: 2 } });
	const { answer, round } = await follow(session, strategy, { verifier: endsRight });
	expect({ answer, round }).toEqual({ answer: 'It is 4', round: 2 });
	const [attempt, revision] = session.calls;
	expect(revision?.asked).toBe(attempt?.asked);
	expect(revision?.options).toMatchObject({ temperature: 2, prediction: 'It is 5' });
});
