import { expect, test } from 'vitest';
import { describeDuration, Estimate } from '../../lib/bench/estimate.js';
import { sample } from '../support/bench.js';

const short = sample({ promptTokens: 256, firstTokenMs: 128, outputTokens: 11, totalMs: 128 + 100 });

test('what is left takes as long as prompts of that length, and tokens at the nearest', () => {
	const estimate = new Estimate(50);
	estimate.observe('plain', short);
	expect(estimate.remainingMs([{ arm: 'plain', context: 256, runs: 3 }])).toBe(3 * (128 + 500));
	// A prompt four times as long, from the one length that was seen.
	expect(estimate.remainingMs([{ arm: 'plain', context: 1024, runs: 1 }])).toBe(512 + 500);
	const long = sample({ promptTokens: 1000, firstTokenMs: 1000, outputTokens: 11, totalMs: 1200 });
	estimate.observe('plain', long);
	expect(estimate.remainingMs([{ arm: 'plain', context: 1000, runs: 1 }])).toBe(1000 + 1000);
	expect(estimate.remainingMs([{ arm: 'plain', context: 256, runs: 1 }])).toBe(128 + 500);
});

test('of an arm that has not run yet nothing is known', () => {
	const estimate = new Estimate(50);
	estimate.observe('plain', short);
	expect(estimate.remainingMs([{ arm: 'reprise', context: 256, runs: 1 }])).toBeNull();
	expect(estimate.remainingMs([])).toBe(0);
});

test('a duration is told as people tell it', () => {
	expect([100, 1000, 40_000, 720_000, 9_000_000].map(describeDuration)).toEqual([
		'1 second',
		'1 second',
		'40 seconds',
		'12 minutes',
		'2.5 hours',
	]);
});
