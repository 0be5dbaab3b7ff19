import { describe, expect, test } from 'vitest';
import { correct } from '../../lib/correct/correct.js';
import type { CorrectionEvent } from '../../lib/correct/events.js';
import { threeTurn } from '../../lib/correct/presets/three-turn.js';
import { verifierGuided } from '../../lib/correct/presets/verifier-guided.js';
import type { Verifier } from '../../lib/correct/verifier.js';
import { endsRight, follow, task } from '../support/correction.js';
import { ScriptedSession } from '../support/scripted.js';

const session = () =>
	new ScriptedSession((messages) => ['It is 5', 'It is 3', 'It is 4'][Math.floor(messages.length / 2)] ?? '');
const options = { verifier: endsRight };
const strategy = verifierGuided();

/** As it comes out of a file. */
const stored = (events: readonly CorrectionEvent[]): CorrectionEvent[] => JSON.parse(JSON.stringify(events));

const whole = await follow(session(), strategy, options);

test.each(whole.events.map((_, index) => index))(
	'from its first %i events a run goes on as it did',
	async (count) => {
		const calls = session();
		const log = stored(whole.events.slice(0, count));
		const resumed = await follow(calls, strategy, { ...options, log });
		expect(resumed.brief).toEqual(whole.brief.slice(count));
		expect(resumed.events.slice(0, count)).toEqual(log);
		expect(resumed.answer).toBe(whole.answer);
		const said = log.filter(({ type }) => type === 'attempt' || type === 'revision').length;
		expect(calls.calls).toHaveLength(3 - said);
	},
);

test('a run that had come to its end does nothing more', async () => {
	const calls = session();
	const resumed = await follow(calls, strategy, { ...options, log: stored(whole.events) });
	expect(resumed.brief).toEqual([]);
	expect(resumed).toMatchObject({ answer: whole.answer, stoppedBy: 'done', judgement: { outcome: 'pass' } });
	expect(calls.calls).toEqual([]);
});

test('a run that was aborted goes on', async () => {
	const verifier: Verifier = (answer, context) => {
		if (answer.endsWith('3')) abort.abort();
		return endsRight(answer, context);
	};
	const abort = new AbortController();
	const aborted = await follow(session(), strategy, { verifier, signal: abort.signal });
	expect(aborted.stoppedBy).toBe('aborted');
	const resumed = await follow(session(), strategy, { ...options, log: stored(aborted.events) });
	expect(resumed.answer).toBe('It is 4');
	expect(resumed.events.map(({ type }) => type)).toEqual(whole.events.map(({ type }) => type));
});

test('budgets count what the earlier part spent', async () => {
	const log = stored(whole.events.slice(0, 3));
	const { brief, cost } = await follow(session(), strategy, { ...options, log, budget: { tokens: 4 } });
	expect(brief).toEqual(['revision 2: It (cut)', 'result 1: It is 5 (tokens)']);
	expect(cost.tokens).toBe(4);
	const late = log.map((event) => ({ ...event, atMs: 1000 }));
	const after = await follow(session(), strategy, { ...options, log: late, budget: { timeMs: 900 } });
	expect(after.brief).toEqual(['result 1: It is 5 (time)']);
});

test('a log of another strategy is an error', async () => {
	const log = stored(whole.events);
	log.pop();
	await expect(follow(session(), threeTurn(), { log })).rejects.toMatchObject({
		code: 'LOG_MISMATCH',
		message: expect.stringContaining('verdict 1 where the strategy has a step critique'),
	});
});

describe('a log of another task is an error', () => {
	const other = { ...task, prompt: 'What is 2 + 3?' };
	test.each([1, whole.events.length - 1, whole.events.length])('from its first %i events', async (count) => {
		const calls = session();
		const log = stored(whole.events.slice(0, count));
		await expect(correct(calls, other, strategy, { ...options, log }).result).rejects.toMatchObject({
			code: 'LOG_MISMATCH',
			message: expect.stringMatching(/message 1 is "What is 2 \+ 2\?", not "What is 2 \+ 3\?"/),
		});
		expect(calls.calls).toEqual([]);
	});
});

test('a log with another system message is an error', async () => {
	const log = stored(whole.events);
	await expect(follow(session(), strategy, { ...options, system: 'Be brief.', log })).rejects.toMatchObject({
		code: 'LOG_MISMATCH',
	});
});

test('steps that a user has replaced go on from a log whatever their prompt', async () => {
	const own = strategy.with({
		attempt: async (context) => context.reply([{ role: 'user', content: 'In short: 2 + 2?' }]),
	});
	const run = await follow(session(), own, options);
	const log = stored(run.events);
	expect((await follow(session(), own, { ...options, log })).answer).toBe(run.answer);
});

test('a run that a budget ended does nothing more either', async () => {
	const limited = { ...options, budget: { tokens: 4 } };
	const { events, answer } = await follow(session(), strategy, limited);
	const calls = session();
	const again = await follow(calls, strategy, { ...limited, log: stored(events) });
	expect([again.brief, again.answer, again.stoppedBy]).toEqual([[], answer, 'tokens']);
	expect(calls.calls).toEqual([]);
});
