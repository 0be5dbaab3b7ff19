import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	anotherRoundHelps,
	correctionMeasures,
	type Transition,
	wilson,
} from '../../../lib/correct/evaluation/measures.js';

/** A question's samples as written: 'rw' was right and became wrong. */
const samples = (...cells: string[]): Transition[] =>
	cells.map((cell) => ({ before: cell[0] === 'r', after: cell[1] === 'r' }));

const once = (...cells: string[]) => cells.map((cell) => samples(cell));

describe('one sample a question', () => {
	const measures = correctionMeasures(once('rr', 'rr', 'rr', 'rw', 'wr', 'wr', 'ww', 'ww', 'ww', 'ww'));

	test('the four cells are counted', () => {
		expect(measures.cells).toEqual({ rightRight: 3, rightWrong: 1, wrongRight: 2, wrongWrong: 4 });
	});

	test('CL is the share of right answers kept, CS that of wrong ones mended', () => {
		expect(measures.confidence?.value).toBe(3 / 4);
		expect(measures.critique?.value).toBe(2 / 6);
	});

	test('RSS is where the accuracy after lies between its bounds', () => {
		expect(measures.before.value).toBe(0.4);
		expect(measures.after.value).toBe(0.5);
		expect(measures.relative?.value).toBeCloseTo((0.5 - 0.16) / (2 * 0.4 * 0.6), 12);
	});
});

describe('several samples a question', () => {
	// P(a) = 1/2, 1, 0; P(b|a) = 1, 1/2, -; P(b|¬a) = 0, -, 1/4.
	const measures = correctionMeasures([
		samples('rr', 'rr', 'ww', 'ww'),
		samples('rr', 'rw'),
		samples('wr', 'ww', 'ww', 'ww'),
	]);

	test('a question counts once, however often it was sampled', () => {
		expect(measures.before.value).toBeCloseTo((1 / 2 + 1 + 0) / 3, 12);
		expect(measures.after.value).toBeCloseTo((1 / 2 + 1 / 2 + 1 / 4) / 3, 12);
		expect(measures.confidence?.value).toBeCloseTo((1 / 2 + 1 / 2) / (3 / 2), 12);
		expect(measures.critique?.value).toBeCloseTo(1 / 4 / (1 / 2 + 1), 12);
	});

	test('samples that are all alike widen no confidence: they count as one', () => {
		const alike = (cell: string) => samples(cell, cell, cell, cell);
		const four = correctionMeasures(['rr', 'rr', 'ww', 'ww', 'ww'].map(alike));
		const one = correctionMeasures(once('rr', 'rr', 'ww', 'ww', 'ww'));
		expect(four.before.high - four.before.low).toBeGreaterThanOrEqual(one.before.high - one.before.low);
	});

	test('samples that differ as much as questions do narrow the interval', () => {
		const many = correctionMeasures(Array.from({ length: 10 }, () => samples('rr', 'ww', 'rr', 'ww')));
		const one = correctionMeasures(once(...Array.from({ length: 5 }, () => ['rr', 'ww']).flat()));
		expect(many.before.high - many.before.low).toBeLessThan(one.before.high - one.before.low);
	});
});

describe('edges', () => {
	test('where nothing was right, CL and RSS are unknown', () => {
		const { before, confidence, critique, relative } = correctionMeasures(once('wr', 'ww', 'ww'));
		expect({ confidence, relative }).toEqual({ confidence: null, relative: null });
		expect([before.value, critique?.value]).toEqual([0, 1 / 3]);
	});

	test('where everything was right, CS and RSS are unknown', () => {
		const { before, confidence, critique, relative } = correctionMeasures(once('rr', 'rw'));
		expect({ critique, relative }).toEqual({ critique: null, relative: null });
		expect([before.value, confidence?.value]).toEqual([1, 1 / 2]);
	});

	test('of no question everything is unknown', () => {
		const { before, confidence, critique } = correctionMeasures([]);
		expect({ before, confidence, critique }).toEqual({
			before: { value: 0, low: 0, high: 1 },
			confidence: null,
			critique: null,
		});
	});
});

const cell = fc.constantFrom('rr', 'rw', 'wr', 'ww');
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 20 });

test('Acc₂ = Acc₁ · CL + (1 − Acc₁) · CS, for any outcomes', () => {
	fc.assert(
		fc.property(table, (questions) => {
			const { before, after, confidence, critique } = correctionMeasures(questions.map((q) => samples(...q)));
			const kept = before.value * (confidence?.value ?? 0);
			const mended = (1 - before.value) * (critique?.value ?? 0);
			expect(after.value).toBeCloseTo(kept + mended, 9);
		}),
	);
});

test('RSS is above a half exactly where the accuracy rises', () => {
	fc.assert(
		fc.property(table, (questions) => {
			const measures = correctionMeasures(questions.map((q) => samples(...q)));
			const { before, after, relative } = measures;
			if (!relative || Math.abs(after.value - before.value) < 1e-9) return;
			expect(relative.value > 0.5).toBe(after.value > before.value);
			expect(anotherRoundHelps(measures)).toBe(after.value > before.value);
		}),
	);
});

test('every interval holds its value', () => {
	fc.assert(
		fc.property(table, (questions) => {
			const { before, after, confidence, critique, relative } = correctionMeasures(
				questions.map((q) => samples(...q)),
			);
			for (const estimate of [before, after, confidence, critique, relative]) {
				if (!estimate) continue;
				expect(estimate.low).toBeLessThanOrEqual(estimate.value + 1e-12);
				expect(estimate.high).toBeGreaterThanOrEqual(estimate.value - 1e-12);
			}
		}),
	);
});

test('Wilson’s interval is that of published tables', () => {
	// Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
	for (const [hits, trials, low, high] of [
		[81, 263, 0.2553, 0.3662],
		[15, 148, 0.0624, 0.1605],
		[0, 20, 0, 0.1611],
		[1, 29, 0.0061, 0.1718],
	] as const) {
		const estimate = wilson(hits / trials, trials);
		expect(estimate.low).toBeCloseTo(low, 4);
		expect(estimate.high).toBeCloseTo(high, 4);
	}
});

test('another round never helps where nothing is mended', () => {
	expect(anotherRoundHelps(correctionMeasures(once('rr', 'ww')))).toBe(false);
	expect(anotherRoundHelps(correctionMeasures(once('rr', 'wr')))).toBe(true);
	expect(anotherRoundHelps(correctionMeasures(once('rw', 'wr')))).toBe(false);
});
