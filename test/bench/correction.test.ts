import { expect, test } from 'vitest';
import { fromJson, toJson } from '../../bench/correction/file.js';
import { correctionMarkdown, putInto } from '../../bench/correction/markdown.js';
import { difference } from '../../bench/correction/paired.js';
import { answersWithin, ConversationCost } from '../../bench/correction/pass-model.js';
import type { EqualPart } from '../../bench/correction/results.js';
import type { Turn } from '../../lib/replay/render.js';

const outcomes = (...counts: Array<[count: number, one: boolean, other: boolean]>) => {
	const pairs = counts.flatMap(([count, one, other]) => Array<[boolean, boolean]>(count).fill([one, other]));
	return [pairs.map(([one]) => one), pairs.map(([, other]) => other)] as const;
};

test('a difference of the same tasks has the interval of Newcombe’s example', () => {
	const [one, other] = outcomes([36, true, true], [12, true, false], [2, false, true]);
	const { value, low, high, won, lost } = difference(one, other);
	expect([value, won, lost]).toEqual([0.2, 12, 2]);
	expect(low).toBeCloseTo(0.0569, 4);
	expect(high).toBeCloseTo(0.3404, 4);
});

test('where no task is answered otherwise the difference still has an interval', () => {
	const [one, other] = outcomes([30, true, true], [10, false, false]);
	const { value, low, high } = difference(one, other);
	expect(value).toBe(0);
	expect(low).toBeLessThan(0);
	expect(high).toBe(-low);
});

const turn: Turn = {
	prompt: Int32Array.from({ length: 11 }, (_, index) => index),
	output: Int32Array.from({ length: 20 }, (_, index) => 100 + index),
};

test('without drafts a conversation costs its prompt’s pass and one for each further token', () => {
	expect(new ConversationCost(0.1, false).turn(turn).cost).toBeCloseTo(1 + 0.1 * 10 + 19);
});

test('an answer that repeats the one before costs a few passes with drafts', () => {
	const conversation = new ConversationCost(0.02, true);
	const first = conversation.turn(turn).cost;
	const again = conversation.turn({ prompt: Int32Array.of(7, 8), output: turn.output });
	expect(again.cost).toBeLessThan(first / 2);
	expect(again.drafted.length).toBeLessThan(10);
});

test('a vote has the first answer whatever it costs, and others in shared passes as they have room', () => {
	const answers = Array<Turn>(9).fill(turn);
	const first = 1 + 0.1 * 10 + 19;
	expect(answersWithin(0, answers, 0.1, false)).toBe(1);
	expect(answersWithin(first + 19.9, answers, 0.1, false)).toBe(1);
	// Two answers in shared passes of two rows: 20 × 1.1.
	expect(answersWithin(first + 22.1, answers, 0.1, false)).toBe(3);
	expect(answersWithin(first + 20 * 1.7 + 0.1, answers, 0.1, false)).toBe(9);
});

const side = { right: [true, false], answers: 4, tokens: 100, passes: 50, seconds: 1 };
const time = (others: number): EqualPart => ({
	command: 'npx tsx bench/correction.ts',
	began: '2026-01-01T00:00:00.000Z',
	model: 'model.gguf',
	tasks: 2,
	machine: {
		cpu: 'a processor',
		processors: 2,
		memoryBytes: 1e9,
		system: 'Linux',
		node: 'v20',
		load: null,
		others,
	},
	threads: 1,
	rows: [
		{
			strategy: 'threeTurn',
			verified: false,
			drafts: 'auto',
			first: [true, false],
			corrected: side,
			plain: side,
			agree: side,
		},
	],
});

test('times of a machine that had other things to do are not in the tables', () => {
	const quiet = correctionMarkdown({ format: 1, time: time(0.01) });
	expect(quiet).toContain('| threeTurn | auto | 50.0 %');
	expect(correctionMarkdown({ format: 1, time: time(1) }).trim()).toBe('');
});

test('a file keeps the outcomes of all tasks', () => {
	const results = { format: 1, time: time(0.01) } as const;
	expect(toJson(results)).toContain('"right": "10"');
	expect(fromJson(toJson(results))).toEqual(results);
});

test('tables go between the marks of a page, and nowhere else', () => {
	const marks = [
		'<!-- what bench/correction.ts writes begins here -->',
		'<!-- what bench/correction.ts writes ends here -->',
	];
	const page = ['before', marks[0], 'old', marks[1], 'after'].join('\n');
	expect(putInto(page, 'new\n')).toBe(['before', marks[0], '', 'new', '', marks[1], 'after'].join('\n'));
	expect(() => putInto('before', 'new')).toThrow('Expected a page with the lines');
});
