import { describe, expect, test } from 'vitest';
import { aggregate } from '../../../lib/correct/presets/aggregate.js';
import { agree } from '../../../lib/correct/presets/agree.js';
import { bestOf } from '../../../lib/correct/presets/best-of.js';
import { constitution } from '../../../lib/correct/presets/constitution.js';
import { contradictions } from '../../../lib/correct/presets/contradictions.js';
import { decomposeCritiqueRefine } from '../../../lib/correct/presets/decompose-critique-refine.js';
import { iterativeDeepening } from '../../../lib/correct/presets/iterative-deepening.js';
import { peers } from '../../../lib/correct/presets/peers.js';
import { plain } from '../../../lib/correct/presets/plain.js';
import { planActJudge } from '../../../lib/correct/presets/plan-act-judge.js';
import { spontaneous } from '../../../lib/correct/presets/spontaneous.js';
import { RepriseError } from '../../../lib/errors.js';
import { endsRight, follow } from '../../support/correction.js';
import { type Scripted, ScriptedSession } from '../../support/scripted.js';

/** Says these, one after another. */
const inOrder = (...said: Scripted[]) => new ScriptedSession(() => said.shift() ?? 'nothing more');

/** The last message of each call. */
const lastAsked = (session: ScriptedSession) =>
	session.calls.map(({ asked }) => asked.split(/\n(?=\w+: )/).at(-1));

const yes = (probability: number): Scripted => ({ reply: 'Yes', probability });
const isTrue = (probability: number): Scripted => ({ reply: 'True', probability });

test('plain answers once', async () => {
	expect((await follow(inOrder('It is 5'), plain())).brief).toEqual([
		'attempt 1: It is 5',
		'result 1: It is 5 (done)',
	]);
});

test('a stop string of the caller’s is none of the answer', async () => {
	const { answer } = await follow(inOrder('It is 4 END and more'), plain(), { generate: { stop: [' END'] } });
	expect(answer).toBe('It is 4');
});

describe('decomposeCritiqueRefine', () => {
	test('lists the constraints, judges each, and has only what fails mended', async () => {
		const session = inOrder('A long 4', '- short\n- a digit\n', yes(0.2), yes(0.9), '4', yes(0.7), yes(0.9));
		const { brief } = await follow(session, decomposeCritiqueRefine());
		expect(brief).toEqual([
			'attempt 1: A long 4',
			'critique 1: - short\n- a digit\n',
			'verdict 1: fail',
			'verdict 1: pass',
			'decision 1: another',
			'revision 2: 4',
			'verdict 2: pass',
			'verdict 2: pass',
			'result 2: 4 (done)',
		]);
		expect(session.calls[4]?.asked).toContain('Your answer does not keep:\n- short\nWrite it again');
	});

	test('takes constraints that are known, and a judge of the user’s', async () => {
		const seen: string[] = [];
		const strategy = decomposeCritiqueRefine({ constraints: () => ['even', 'small'] }).with({
			verify: (_, { text }, about) => {
				seen.push(`${text} ${about}`);
				return { outcome: 'pass' };
			},
		});
		const { brief } = await follow(inOrder('4'), strategy);
		expect(brief).toEqual(['attempt 1: 4', 'verdict 1: pass', 'verdict 1: pass', 'result 1: 4 (done)']);
		expect(seen).toEqual(['4 even', '4 small']);
	});
});

describe('spontaneous', () => {
	test('cuts back to before the first bad step and goes on from there', async () => {
		const session = inOrder(
			'one\ntwo',
			yes(0.9),
			'ten\nmore',
			yes(0.1),
			'two\nthree',
			yes(0.8),
			'three',
			yes(0.9),
		);
		const { brief, answer } = await follow(session, spontaneous());
		expect(brief).toEqual([
			'attempt 1: one\n',
			'verdict 1: pass',
			'attempt 1: one\nten\n',
			'verdict 1: fail',
			'decision 1: another',
			'revision 2: one\ntwo\n',
			'verdict 2: pass',
			'attempt 2: one\ntwo\nthree',
			'verdict 2: pass',
			'result 2: one\ntwo\nthree (done)',
		]);
		expect(answer).toBe('one\ntwo\nthree');
		expect(lastAsked(session).filter((asked) => asked?.startsWith('assistant'))).toEqual([
			'assistant: one\n',
			'assistant: one\n',
			'assistant: one\ntwo\n',
		]);
		expect(session.calls[4]?.options.temperature).toBe(0.8);
	});

	test('says the rest unchecked where no round is left', async () => {
		const session = inOrder('one\ntwo', yes(0.1), 'two');
		const { brief } = await follow(session, spontaneous(), { budget: { rounds: 1 } });
		expect(brief).toEqual([
			'attempt 1: one\n',
			'verdict 1: fail',
			'decision 1: rounds',
			'attempt 1: one\ntwo',
			'result 1: one\ntwo (rounds)',
		]);
	});

	test('checks no more steps than it may', async () => {
		const session = inOrder('one\ntwo', yes(0.9), 'two\nthree', 'three\nfour');
		const { brief } = await follow(session, spontaneous({ maxSteps: 2 }));
		expect(brief.slice(-2)).toEqual([
			'attempt 1: one\ntwo\nthree\nfour',
			'result 1: one\ntwo\nthree\nfour (done)',
		]);
	});
});

test('iterativeDeepening thinks again at budgets that grow by the ratio', async () => {
	const session = inOrder('a b c d e f', 'g h', 'i');
	const strategy = iterativeDeepening({ stretchTokens: 3, ratio: 2, trigger: ' Wait!' });
	const { brief } = await follow(session, strategy, { budget: { rounds: 3 } });
	expect(brief).toEqual([
		'attempt 1: a b c',
		'decision 1: another',
		'revision 2: a b c Wait!g h',
		'decision 2: another',
		'revision 3: a b c Wait!g h Wait!i',
		'decision 3: rounds',
		'result 3: a b c Wait!g h Wait!i (rounds)',
	]);
	expect(session.calls.map(({ options }) => options.maxTokens)).toEqual([3, 6, 12]);
});

describe('agree', () => {
	test('takes the first of the answers that most agree with', async () => {
		const session = inOrder('It is 5', 'Is it 4?', 'So 4.');
		const { brief, answer } = await follow(session, agree({ samples: 3 }));
		expect(brief).toEqual([
			'attempt 1: So 4.',
			'attempt 1: It is 5',
			'attempt 1: Is it 4?',
			'choice 1: 0.1/0 of 0.0/0,0.1/0,0.2/0',
			'result 1: Is it 4? (done)',
		]);
		expect(answer).toBe('Is it 4?');
	});

	test('computes the prompt once, draws each answer by a seed of its own, and gives its forks back', async () => {
		const session = inOrder('1', '2', '3', '4');
		const { cost } = await follow(session, agree({ samples: 4 }));
		expect([session.computed, cost.computedTokens]).toEqual([2 + 5, 2 + 5]);
		expect(new Set(session.calls.map(({ options }) => options.seed)).size).toBe(4);
		expect(session.forks).toBe(0);
	});

	test('votes by what the user says', async () => {
		const strategy = agree({ samples: 3, by: async (text) => text.slice(0, 1) });
		expect((await follow(inOrder('a1', 'b2', 'b1'), strategy)).answer).toBe('b2');
	});

	test('votes among what a budget has left', async () => {
		const session = inOrder('So 4', '4', '5 or 6');
		const { brief, stoppedBy } = await follow(session, agree({ samples: 3 }), { budget: { tokens: 5 } });
		expect(brief).toContain('attempt 1: 5 (cut)');
		expect(brief.at(-1)).toBe('result 1: So 4 (tokens)');
		expect([stoppedBy, session.forks]).toEqual(['tokens', 0]);
	});

	test('votes when time is up, among the answers that came to their end', async () => {
		const slow = { text: 'after long thought 9', msPerToken: 1000 };
		const session = inOrder('4', '4', '4', '7', slow);
		const { brief, stoppedBy } = await follow(session, agree({ samples: 5 }), { budget: { timeMs: 400 } });
		expect(brief.at(-2)).toMatch(/^choice 1: /);
		expect(brief.at(-1)).toBe('result 1: 4 (time)');
		expect([stoppedBy, session.forks]).toEqual(['time', 0]);
	});

	test('with what a budget has room for votes where the context has none left', async () => {
		const said = ['It is 7', '4', '4'];
		const session = new ScriptedSession(() => {
			const next = said.shift();
			if (next === undefined) throw new RepriseError('CONTEXT_OVERFLOW', 'no room');
			return next;
		});
		const options = { budget: { tokens: 12 } };
		const { answer, stoppedBy } = await follow(session, agree({ samples: 'budget' }), options);
		expect({ answer, stoppedBy, forks: session.forks }).toEqual({ answer: '4', stoppedBy: 'done', forks: 0 });
	});
});

test('aggregate writes one answer from all', async () => {
	const session = inOrder('It is 5', 'It is 4', 'So 4');
	const { brief, cost } = await follow(session, aggregate({ samples: 2 }));
	expect(brief).toEqual([
		'attempt 1: It is 5',
		'attempt 1: It is 4',
		'revision 2: So 4',
		'result 2: So 4 (done)',
	]);
	expect(session.calls.at(-1)?.asked).toMatch(
		/^user: What is 2 \+ 2\?\n\nHere are .*\n\nResponse 1:\nIt is 5\n\nResponse 2:\nIt is 4\n\nConsider /,
	);
	expect(cost.reusedTokens).toBeGreaterThan(0);
});

describe('bestOf', () => {
	test('takes the answer that the model holds most probable', async () => {
		const session = new ScriptedSession((messages) => {
			const answer = messages.at(-2)?.content;
			if (answer) return isTrue(answer === 'It is 4' ? 0.9 : 0.3);
			return said.shift() as string;
		});
		const said = ['It is 5', 'It is 4', 'It is 3'];
		const { brief, judgement } = await follow(session, bestOf({ samples: 3 }));
		expect(brief.slice(-2)).toEqual(['choice 1: 0.1/0 of 0.0/0,0.1/0,0.2/0', 'result 1: It is 4 (done)']);
		expect(judgement).toMatchObject({ outcome: 'score', score: expect.closeTo(0.9, 6) });
	});

	test('ranks by a verifier’s scores', async () => {
		const { answer } = await follow(inOrder('a', 'abc', 'ab'), bestOf({ samples: 3 }), {
			verifier: (text) => ({ outcome: 'score', score: text.length }),
		});
		expect(answer).toBe('abc');
	});

	test('refines the best as a whole, and keeps the better of both', async () => {
		const verifier = (text: string) => ({ outcome: 'score', score: text.length }) as const;
		const strategy = bestOf({ samples: 2, refine: 'global' });
		const better = await follow(inOrder('a', 'abc', 'abcd'), strategy, { verifier });
		expect(better.brief.slice(-4)).toEqual([
			'revision 2: abcd',
			'verdict 2: score',
			'choice 2: 3 of 0.1/0,3',
			'result 2: abcd (done)',
		]);
		expect((await follow(inOrder('a', 'abc', 'ab'), strategy, { verifier })).answer).toBe('abc');
	});

	test('refines from the first step that is judged wrong on', async () => {
		const session = inOrder(
			'one\nten\nthree',
			isTrue(0.6),
			isTrue(0.9),
			isTrue(0.2),
			'two\nthree',
			isTrue(0.8),
		);
		const { brief } = await follow(session, bestOf({ samples: 1, refine: 'local' }));
		expect(brief).toEqual([
			'attempt 1: one\nten\nthree',
			'verdict 1: score',
			'choice 1: 0.0/0 of 0.0/0',
			'decision 1: another',
			'verdict 1: score',
			'verdict 1: score',
			'revision 2: one\ntwo\nthree',
			'verdict 2: score',
			'choice 2: 5 of 0.0/0,5',
			'result 2: one\ntwo\nthree (done)',
		]);
	});
});

test('contradictions says each sentence in another way, and mends where the two contradict', async () => {
	const session = inOrder(
		'He was born in 1900. He was a poet.',
		'Born in 1901, he lived. And more.',
		yes(0.1),
		'He was a poet.',
		'He was a poet.',
	);
	const { brief } = await follow(session, contradictions());
	expect(brief).toEqual([
		'attempt 1: He was born in 1900. He was a poet.',
		'critique 2: Born in 1901, he lived. And more.',
		'verdict 1: fail',
		'decision 1: another',
		'revision 2: He was a poet.',
		'result 2: He was a poet. (done)',
	]);
	expect(session.calls[2]?.asked).toContain('1. He was born in 1900.\n2. Born in 1901, he lived.\n');
});

describe('peers', () => {
	test('read each other’s summaries before they go on, and agree at the end', async () => {
		const session = new ScriptedSession((messages, { maxTokens }) => {
			const path = String(messages.at(-1)?.content);
			if (path.includes('peers')) return ' so 4';
			if (maxTokens === 2) return ' it is';
			return first.shift() as string;
		});
		const first = ['a b c d', 'e f g h'];
		const strategy = peers({
			paths: 2,
			stretchTokens: 3,
			summary: ' In short',
			summaryTokens: 2,
			tell: (summaries) => `peers: ${summaries}`,
		});
		const { brief } = await follow(session, strategy);
		expect(brief).toEqual([
			'attempt 1: a b c',
			'decision 1: another',
			'attempt 1: e f g',
			'decision 1: another',
			'critique 2: a b c In short it is',
			'critique 2: e f g In short it is',
			'revision 2: a b c In short it is\n\npeers: In short it is\n\n so 4',
			'revision 2: e f g In short it is\n\npeers: In short it is\n\n so 4',
			'choice 2: 0.0/3 of 0.0/3,0.1/3',
			expect.stringMatching(/^result 2: a b c .* \(done\)$/s),
		]);
		expect(session.forks).toBe(0);
	});

	test('do not wait for one that has ended', async () => {
		const said = ['short', 'a b c d'];
		const session = new ScriptedSession((_, { maxTokens }) =>
			maxTokens === 3 ? (said.shift() ?? 'end') : 'sum',
		);
		const { stoppedBy } = await follow(session, peers({ paths: 2, stretchTokens: 3, summaryTokens: 5 }));
		expect(stoppedBy).toBe('done');
	});
});

test('constitution learns from a mistake, and holds it before the next task', async () => {
	const session = inOrder('It is 5', 'It is 4', 'Add with care.', 'It is 4');
	const principles: string[] = [];
	const strategy = constitution({ principles });
	const first = await follow(session, strategy, { verifier: endsRight });
	expect(first.brief.slice(-3)).toEqual([
		'verdict 2: pass',
		'critique 3: Add with care.',
		'result 2: It is 4 (done)',
	]);
	expect(principles).toEqual(['Add with care.']);
	const second = await follow(session, strategy, { verifier: endsRight });
	expect(second.brief.slice(0, 2)).toEqual(['attempt 1: It is 4', 'verdict 1: pass']);
	expect(lastAsked(session).at(-1)).toBe(
		'user: Keep to these principles:\n- Add with care.\n\nWhat is 2 + 2?',
	);
});

test('constitution forgets the oldest principles beyond maxPrinciples', async () => {
	const session = inOrder('It is 5', 'It is 4', 'Add with care.');
	const principles = ['Be brief.', 'Be kind.'];
	await follow(session, constitution({ principles, maxPrinciples: 2 }), { verifier: endsRight });
	expect(principles).toEqual(['Be kind.', 'Add with care.']);
});

test('planActJudge plans, works, and is sent back by the judge', async () => {
	const no: Scripted = { reply: 'Yes', probability: 0.2 };
	const session = inOrder('1. Add.', 'It is 5', no, 'Too many.', 'It is 4', yes(0.9));
	const { brief } = await follow(session, planActJudge());
	expect(brief).toEqual([
		'critique 1: 1. Add.',
		'attempt 1: It is 5',
		'verdict 1: fail',
		'decision 1: another',
		'revision 2: It is 4',
		'verdict 2: pass',
		'result 2: It is 4 (done)',
	]);
	expect(session.calls[1]?.asked).toContain('Plan:\n1. Add.');
	expect(session.calls[4]?.asked).toContain('The judge says: Too many.');
	expect(session.calls[3]?.asked).not.toContain('Plan');
});
