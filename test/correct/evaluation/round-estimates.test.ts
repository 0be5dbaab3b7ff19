import { describe, expect, test } from 'vitest';
import { RoundEstimates } from '../../../lib/correct/evaluation/round-estimates.js';
import { answer } from '../../support/correction.js';

describe('RoundEstimates', () => {
	/** Learns `count` questions of each kind: right or wrong by round. */
	const learnt = (...kinds: Array<[count: number, right: Array<boolean | null>]>) => {
		const estimates = new RoundEstimates();
		for (const [count, right] of kinds) for (let i = 0; i < count; i++) estimates.learn(right);
		return (round: number) => estimates.rule({ answers: [answer(round)], judgement: undefined });
	};

	test('stop once it is known that more is broken than mended', () => {
		expect(learnt([8, [false, true]], [7, [true, false]], [10, [true, true]])(1)).toBeNull();
		expect(learnt([7, [false, true]], [8, [true, false]], [10, [true, true]])(1)).toBeNull();
		expect(learnt([2, [false, true]], [12, [true, false]], [10, [true, true]])(1)).toBe('not-worth-it');
		expect(learnt([4, [true, false]], [20, [true, true]])(1)).toBe('not-worth-it');
	});

	test('go on where nothing right is at risk, though nothing was mended yet', () => {
		expect(learnt([200, [false, false]])(1)).toBeNull();
		expect(learnt([100, [false, false]], [100, [true, true]])(1)).toBeNull();
	});

	test('learn nothing from answers without a verdict', () => {
		expect(learnt([200, [true, null]], [200, [null, false]])(1)).toBeNull();
	});

	test('go on where too few questions are known', () => {
		expect(learnt([19, [true, false]])(1)).toBeNull();
		expect(learnt([100, [true]])(1)).toBeNull();
	});

	test('know each round by itself', () => {
		const rule = learnt([20, [false, true, false]]);
		expect([rule(1), rule(2), rule(3)]).toEqual([null, 'not-worth-it', null]);
	});
});
