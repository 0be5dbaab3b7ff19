import { describe, expect, test } from 'vitest';
import { correct } from '../../lib/correct/correct.js';
import { agree } from '../../lib/correct/presets/agree.js';
import { bestOf } from '../../lib/correct/presets/best-of.js';
import { verifierGuided } from '../../lib/correct/presets/verifier-guided.js';
import { printedBy } from '../../lib/correct/printed-by.js';
import { judgeInWords, pTrue } from '../../lib/correct/self-judge.js';
import { strategy } from '../../lib/correct/strategy.js';
import { JavaScriptSandbox } from '../../lib/correct/verifiers/index.js';
import { endsRight, follow, task } from '../support/correction.js';
import { ScriptedSession } from '../support/scripted.js';

const session = () => new ScriptedSession((messages) => (messages.length > 1 ? 'It is 4' : 'It is 5'));
const options = { verifier: endsRight };

describe('every step can be replaced', () => {
	test('an attempt, by a text from elsewhere', async () => {
		const own = verifierGuided().with({ attempt: async () => 'It is 3' });
		const { brief, events } = await follow(session(), own, options);
		expect(brief[0]).toBe('attempt 1: It is 3');
		expect(events[0]).toMatchObject({
			prompt: [{ role: 'user', content: task.prompt }],
			finishReason: 'end',
		});
	});

	test('a revision, which knows what it revises', async () => {
		const own = verifierGuided().with({ revise: async (_, __, ___, of) => `${of.text}, or it is 4` });
		expect((await follow(session(), own, options)).answer).toBe('It is 5, or it is 4');
	});

	test('verifying, which comes before the option verifier', async () => {
		const own = verifierGuided().with({ verify: () => ({ outcome: 'pass' }) });
		expect((await follow(session(), own, options)).answer).toBe('It is 5');
	});

	test('selecting, among the given answers alone', async () => {
		const select = bestOf().with({
			verify: () => ({ outcome: 'score', score: 1 }),
			select: async (_, answers) => ({ chosen: answers.at(-1) as (typeof answers)[number], reason: 'last' }),
		});
		expect((await follow(session(), select)).events.at(-1)).toMatchObject({ chosen: '0.3/0' });
		const strange = select.with({
			select: async (_, [first]) => ({
				chosen: { ...(first as NonNullable<typeof first>), key: '9' },
				reason: '',
			}),
		});
		await expect(follow(session(), strange)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	});

	test('an answer from another run takes no place in this one', async () => {
		const other = await follow(session(), verifierGuided(), options);
		const own = verifierGuided().with({
			attempt: async () => ({ ...other.events[0], key: '7', round: 3 }) as never,
		});
		expect((await follow(session(), own, options)).events[0]).toMatchObject({ key: '0', round: 1 });
	});

	test('a step that throws ends the run with its error', async () => {
		const own = verifierGuided().with({ attempt: () => Promise.reject(new Error('no network')) });
		await expect(follow(session(), own, options)).rejects.toThrow('no network');
	});

	test('what a step says is counted, in tokens and in its budget', async () => {
		const own = strategy('twice', (run) => run.attempt(), {
			attempt: async (context, messages) => {
				await context.reply(messages);
				return context.reply(messages);
			},
		});
		expect((await follow(session(), own)).cost.tokens).toBe(6);
		expect((await follow(session(), own, { budget: { tokens: 4 } })).brief[0]).toBe('attempt 1: It (cut)');
	});
});

test('answers that are programs agree in what they print', async () => {
	await using sandbox = new JavaScriptSandbox();
	const programs = [
		'console.log(1 + 1)',
		'throw 4',
		'console.log("It is 4")',
		'console.log(2 * 2)',
		'throw 5',
	];
	const at = new ScriptedSession(() => `\`\`\`js\n${programs.shift()}\n\`\`\``);
	const { answer } = await follow(at, agree({ by: printedBy(sandbox) }));
	expect(answer).toContain('It is 4');
});

test.each([
	['a strategy that is none', () => correct(session(), task, {} as never)],
	['a task without a prompt', () => correct(session(), { id: 'a' } as never, verifierGuided())],
	['an unknown option', () => correct(session(), task, verifierGuided(), { verifer: endsRight } as never)],
	['an unknown step', () => verifierGuided().with({ revice: async () => '' } as never)],
	['a step that is no function', () => strategy('own', async (run) => run.attempt(), { verify: 3 } as never)],
	['an unknown option of a judge', () => pTrue({ treshold: 1 } as never)],
	['one reply', () => pTrue({ replies: ['Yes'] } as never)],
	['no question', () => judgeInWords({ question: 3 } as never)],
])('%s is an error at once', (_, make) => {
	expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});
