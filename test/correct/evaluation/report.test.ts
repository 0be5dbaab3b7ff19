import { describe, expect, test } from 'vitest';
import { noCost } from '../../../lib/correct/cost.js';
import type { RoundOutcome } from '../../../lib/correct/evaluation/outcomes.js';
import { correctionReport } from '../../../lib/correct/evaluation/report.js';
import type { TaskRun } from '../../../lib/correct/evaluation/run-tasks.js';
import { correctionTraces, preferencePairs } from '../../../lib/correct/evaluation/training-data.js';
import type { CorrectionEvent, ReplyEvent } from '../../../lib/correct/events.js';

const question = { role: 'user', content: 'How many?' } as const;

/** A step of ten tokens in five passes that took 100 ms, and ended `at`. */
const step = (
	type: ReplyEvent['type'],
	round: number,
	at: number,
	text = '',
	key = `${round}`,
): ReplyEvent => ({
	...{
		type,
		key,
		round,
		atMs: at,
		durationMs: 100,
		text,
		prompt: [question],
		finishReason: 'end',
		cut: false,
	},
	cost: { ...noCost, tokens: 10, passes: 5, passTokens: 9, drafted: 8, accepted: 4 },
});

function run(id: string, right: RoundOutcome[], events: CorrectionEvent[] = []): TaskRun {
	const answers = right.map((_, index) =>
		step(index === 0 ? 'attempt' : 'revision', index + 1, 100 * (index + 1), `${id} ${index + 1}`),
	);
	const result = {
		answer: '',
		round: right.length,
		judgement: undefined,
		stoppedBy: 'done',
		cost: noCost,
		totalMs: 0,
	} as const;
	return {
		...{ task: { id, prompt: '' }, sample: 0, strategy: 'any', allowance: 'own', faults: [] },
		right,
		solved: right.at(-1) === true,
		result: { ...result, events: events.length > 0 ? events : answers },
	};
}

/** Kept, broken, mended at once, mended late, never right. */
const runs = [
	run('kept', [true]),
	run('broken', [true, false]),
	run('mended', [false, true]),
	run('late', [false, false, true]),
	run('never', [false, false, false]),
];

describe('by round', () => {
	const { rounds } = correctionReport(runs);

	test('an answer that is not revised stays', () => {
		expect(rounds.map(({ measures }) => measures?.after.value)).toEqual([2 / 5, 2 / 5, 3 / 5]);
		expect(rounds.map(({ answers }) => answers)).toEqual([5, 4, 2]);
	});

	test('the cells, CL and CS are those from the round before', () => {
		expect(rounds[1]?.measures).toMatchObject({
			cells: { rightRight: 1, rightWrong: 1, wrongRight: 1, wrongWrong: 2 },
			confidence: { value: 1 / 2 },
			critique: { value: 1 / 3 },
		});
		expect(rounds[2]?.measures?.cells).toEqual({
			rightRight: 2,
			rightWrong: 0,
			wrongRight: 1,
			wrongWrong: 2,
		});
	});

	test('an answer that is still open counts from the round on in which it is whole', () => {
		const open = [...runs, run('open', ['open', true, false])];
		const { rounds, total } = correctionReport(open);
		expect(rounds.map(({ measures }) => measures?.after.value)).toEqual([2 / 5, 3 / 6, 3 / 6]);
		expect(rounds[1]?.measures?.cells).toEqual(correctionReport(runs).rounds[1]?.measures?.cells);
		expect(rounds[2]?.measures?.cells).toMatchObject({ rightWrong: 1 });
		expect(total.measures?.after.value).toBe(3 / 6);
		expect(total.measures?.cells).toEqual(correctionReport(runs).total.measures?.cells);
	});

	test('cost and speed are those of its steps', () => {
		expect(rounds[1]).toMatchObject({
			cost: { tokens: 40, passes: 20 },
			tokensPerPass: 9 / 5,
			acceptedShare: 1 / 2,
			seconds: 0.4,
			tokensPerSecond: 100,
		});
	});
});

describe('in total', () => {
	const { total } = correctionReport(runs);

	test('the first answers are set against the final ones', () => {
		expect(total.measures).toMatchObject({
			cells: { rightRight: 1, rightWrong: 1, wrongRight: 2, wrongWrong: 1 },
			before: { value: 2 / 5 },
			after: { value: 3 / 5 },
		});
	});

	test('costs are by solved task', () => {
		expect(total).toMatchObject({ runs: 5, solved: 3, tokensPerSolved: 110 / 3, cost: { tokens: 110 } });
		expect(total.secondsPerSolved).toBeCloseTo(1.1 / 3, 9);
	});

	test('of nothing solved, costs by solved task are unknown', () => {
		expect(correctionReport([run('never', [false])]).total).toMatchObject({
			tokensPerSolved: null,
			secondsPerSolved: null,
		});
	});

	test('of nothing at all there is nothing', () => {
		expect(correctionReport([])).toMatchObject({
			rounds: [],
			total: { runs: 0, measures: null, tokensPerPass: 0 },
		});
	});
});

test('steps at the same time count once in time', () => {
	const events = [
		step('attempt', 1, 100, '', '0.0/0'),
		step('attempt', 1, 150, '', '0.1/0'),
		step('attempt', 1, 400, '', '0.2/0'),
	];
	expect(correctionReport([run('voted', [true], events)]).total).toMatchObject({
		seconds: 0.25,
		tokensPerSecond: 120,
	});
});

describe('for training', () => {
	test('a pair is the first wrong answer and the first right one after it', () => {
		expect(preferencePairs(runs)).toEqual([
			{
				prompt: [question],
				chosen: [{ role: 'assistant', content: 'mended 2' }],
				rejected: [{ role: 'assistant', content: 'mended 1' }],
			},
			{
				prompt: [question],
				chosen: [{ role: 'assistant', content: 'late 3' }],
				rejected: [{ role: 'assistant', content: 'late 1' }],
			},
		]);
	});

	test('a trace is the conversation up to the first right answer', () => {
		expect(correctionTraces(runs)).toEqual(
			['mended 2', 'late 3'].map((content) => ({ messages: [question, { role: 'assistant', content }] })),
		);
	});

	test('a first answer without a verdict gives none', () => {
		const unknown = { ...run('any', [false, true]), right: [null, true] };
		expect([preferencePairs([unknown]), correctionTraces([unknown])]).toEqual([[], []]);
	});

	test('runs that were not graded give none', () => {
		expect(preferencePairs([{ ...run('any', [false, true]), right: null }])).toEqual([]);
	});
});
