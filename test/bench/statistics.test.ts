import { describe, expect, test } from 'vitest';
import {
	decodingSpeed,
	pairedRatio,
	replySpeed,
	spreadOf,
	spreadOver,
	tokensPerPass,
} from '../../lib/bench/statistics.js';
import { cell, sample } from '../support/bench.js';

describe('the spread', () => {
	test('of fewer than seven runs goes from the lowest to the highest', () => {
		expect(spreadOf([5, 1, 3, 2])).toEqual({ median: 2.5, low: 1, high: 5 });
		expect(spreadOf([4])).toEqual({ median: 4, low: 4, high: 4 });
	});

	test('of seven runs or more is that of the quartiles', () => {
		expect(spreadOf([7, 6, 5, 4, 3, 2, 100])).toEqual({ median: 5, low: 3.5, high: 6.5 });
	});

	test('of no runs is none', () => {
		expect(() => spreadOf([])).toThrow('nothing');
		expect(spreadOver([sample({ passes: null })], tokensPerPass)).toBeNull();
	});
});

test('tokens a second count what came after the first token, for whole replies all', () => {
	const one = sample({ outputTokens: 101, decodeMs: 500, totalMs: 1000, passes: 50 });
	expect(decodingSpeed(one)).toBe(200);
	expect(replySpeed(one)).toBe(101);
	expect(tokensPerPass(one)).toBe(2);
});

test('an answer of one token has no decoding speed', () => {
	expect(decodingSpeed(sample({ outputTokens: 1, decodeMs: 0 }))).toBeNull();
});

test('the ratio of two cells is the median of the ratios of runs on the same task', () => {
	const fast = cell('fast', [100, 400, 300]);
	const slow = cell('slow', [50, 400, 100]);
	// By task 2, 1 and 3. The ratio of the medians would be another: 300 / 100.
	expect(pairedRatio(fast, slow, decodingSpeed)).toEqual({ median: 2, low: 1, high: 3 });
	expect(pairedRatio(fast, cell('none', []), decodingSpeed)).toBeNull();
});
