import { describe, expect, test } from 'vitest';
import { correct } from '../../lib/correct/correct.js';
import { verifierGuided } from '../../lib/correct/presets/verifier-guided.js';
import { endsRight, follow, task } from '../support/correction.js';
import { ScriptedSession } from '../support/scripted.js';

/** Never right, and never the same. */
const wrong = (msPerToken = 0) =>
	new ScriptedSession((messages) => ({ text: `It is not ${messages.length}5 or more`, msPerToken }));
const guided = verifierGuided();

describe('rounds', () => {
	test('are four where nothing is said', async () => {
		const { round, stoppedBy } = await follow(wrong(), guided, { verifier: endsRight });
		expect({ round, stoppedBy }).toEqual({ round: 4, stoppedBy: 'rounds' });
	});

	test('end with the last answer', async () => {
		const { brief } = await follow(wrong(), guided, { verifier: endsRight, budget: { rounds: 2 } });
		expect(brief.slice(-3)).toEqual([
			'verdict 2: fail',
			'decision 2: rounds',
			'result 2: It is not 35 or more (rounds)',
		]);
	});
});

describe('tokens', () => {
	test('cut an answer short, which then does not take the place of a whole one', async () => {
		const session = wrong();
		const { brief, cost } = await follow(session, guided, { verifier: endsRight, budget: { tokens: 8 } });
		expect(brief.slice(-2)).toEqual(['revision 2: It is (cut)', 'result 1: It is not 15 or more (tokens)']);
		expect(cost.tokens).toBe(8);
		expect(session.calls.at(-1)?.options.maxTokens).toBe(2);
	});

	test('that are just spent allow a verdict still', async () => {
		const { brief } = await follow(wrong(), guided, { verifier: endsRight, budget: { tokens: 12 } });
		expect(brief.slice(-3)).toEqual([
			'verdict 2: fail',
			'decision 2: tokens',
			'result 2: It is not 35 or more (tokens)',
		]);
	});

	test('that are too few for an answer give its beginning', async () => {
		const { answer, stoppedBy } = await follow(wrong(), guided, {
			verifier: endsRight,
			budget: { tokens: 1 },
		});
		expect({ answer, stoppedBy }).toEqual({ answer: 'It', stoppedBy: 'tokens' });
	});
});

describe('time', () => {
	test('ends an answer under way', async () => {
		const slowLater = new ScriptedSession((messages) => ({
			text: `It is not ${messages.length}5 or more`,
			msPerToken: messages.length === 1 ? 0 : 200,
		}));
		const { brief, totalMs: ms } = await follow(slowLater, guided, {
			verifier: endsRight,
			budget: { timeMs: 500 },
		});
		expect(brief.at(-1)).toMatch(/^result 1: It is not 15 or more \(time\)$/);
		expect(ms).toBeGreaterThanOrEqual(500);
		expect(ms).toBeLessThan(1200);
	});

	test('of nothing ends before the first token', async () => {
		const session = wrong();
		const { brief } = await follow(session, guided, { verifier: endsRight, budget: { timeMs: 0 } });
		expect(brief).toEqual(['result 0:  (time)']);
		expect(session.calls).toEqual([]);
	});

	test('ends a verifier too', async () => {
		const { brief } = await follow(wrong(), guided, {
			verifier: () => new Promise(() => {}),
			budget: { timeMs: 400 },
		});
		expect(brief).toEqual(['attempt 1: It is not 15 or more', 'result 1: It is not 15 or more (time)']);
	});

	test('that ends a verdict of the model’s own leaves the session free for the next task', async () => {
		const chat = new ScriptedSession((messages) =>
			messages.length === 1 ? 'It is 4' : { text: 'This is a long verdict on it', msPerToken: 150 },
		).chat();
		const session = { chat: () => chat };
		const judging = guided.with({
			verify: async (context, answer) => {
				const ask = { role: 'user', content: 'Is it right?' } as const;
				return { outcome: 'fail', message: (await context.reply([...answer.messages, ask])).text };
			},
		});
		const late = await correct(session, task, judging, { budget: { timeMs: 250 } }).result;
		expect(late.stoppedBy).toBe('time');
		const next = await correct(session, task, guided, { verifier: endsRight }).result;
		expect(next.answer).toBe('It is 4');
	});
});

describe('an abort', () => {
	test('ends the run with the best answer so far, and leaves what was under way out of the log', async () => {
		const correction = correct(wrong(10), task, guided, { verifier: endsRight });
		for await (const event of correction) if (event.type === 'decision') break;
		const { answer, stoppedBy, events } = await correction.result;
		expect({ answer, stoppedBy }).toEqual({ answer: 'It is not 15 or more', stoppedBy: 'aborted' });
		expect(events.map(({ type }) => type)).toEqual(['attempt', 'verdict', 'decision', 'result']);
	});

	test('by a signal that has fired does nothing at all', async () => {
		const session = wrong();
		const options = { verifier: endsRight, signal: AbortSignal.abort() };
		expect((await follow(session, guided, options)).brief).toEqual(['result 0:  (aborted)']);
		expect(session.calls).toEqual([]);
	});

	test('reaches the verifier', async () => {
		const aborted: string[] = [];
		const correction = correct(wrong(), task, guided, {
			verifier: (_, { signal }) =>
				new Promise((_, reject) => {
					signal.addEventListener('abort', () => {
						aborted.push('verifier');
						reject(signal.reason);
					});
					correction.abort();
				}),
		});
		expect((await correction.result).stoppedBy).toBe('aborted');
		expect(aborted).toEqual(['verifier']);
	});
});

test.each([
	[{ rounds: 0 }, 'rounds'],
	[{ tokens: 0.5 }, 'tokens'],
	[{ timeMs: -1 }, 'timeMs'],
	[{ seconds: 1 }, 'has no option "seconds"'],
])('a budget of %j is an error', (budget, message) => {
	expect(() => correct(wrong(), task, guided, { budget } as object)).toThrow(
		expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
	);
});
