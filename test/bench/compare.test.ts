import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareResults, type FigureChanges } from '../../lib/bench/compare/compare.js';
import { leastChance, signedRank } from '../../lib/bench/compare/signed-rank.js';
import { type MadeUp, madeUpResults } from '../support/bench-results.js';

describe('the signed-rank test', () => {
	test('has the tables’ probabilities', () => {
		// All of one sign: 2 / 2^n. Of eight, the sums 3 or less come up in 5 of 256 ways (Wilcoxon's table).
		expect(signedRank([1, 2, 3, 4, 5, 6]).p).toBeCloseTo(2 / 64, 12);
		expect(signedRank([-1, -2, 3, 4, 5, 6, 7, 8]).p).toBeCloseTo((2 * 5) / 256, 12);
		expect(signedRank([1, -1]).p).toBe(1);
		expect(signedRank([0, 0, 0]).p).toBe(1);
		expect(leastChance(6)).toBeCloseTo(2 / 64, 12);
	});

	test('counts equal differences at the middle of their ranks', () => {
		// Ranks 1.5, 1.5, 3 with signs + + +: one way of eight, on either side.
		expect(signedRank([2, 2, 5]).p).toBeCloseTo(2 / 8, 12);
		// Ranks 1.5, 1.5, 3 with a minus at one 1.5: sums of 1.5 or less in 3 of 8 ways.
		expect(signedRank([-2, 2, 5]).p).toBeCloseTo((2 * 3) / 8, 12);
	});

	test('gives the shift of Hodges and Lehmann with its interval', () => {
		const shift = signedRank([1.1, 2.2, 0.2, 0.4, 2.5, 5.9, 3.2, 3.5]);
		// Sums of 3 or less have a chance of 5 in 256 on either side, of 4 or less one of 7: three averages are outside.
		expect(shift.p).toBeCloseTo(2 / 256, 12);
		expect(shift.estimate).toBeGreaterThan(2);
		expect(shift.estimate).toBeLessThan(2.4);
		expect([shift.low, shift.high]).toEqual([0.65, 4.2]);
		const few = signedRank([1, 2, 3]);
		expect([few.low, few.high]).toEqual([1, 3]);
		expect(() => signedRank([])).toThrow(RangeError);
	});

	test('gives the median of all averages of two, whatever the differences', () => {
		const difference = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -3, max: 3, noNaN: true }));
		fc.assert(
			fc.property(fc.array(difference, { minLength: 1, maxLength: 40 }), (differences) => {
				const averages = differences
					.flatMap((one, index) => differences.slice(index).map((other) => (one + other) / 2))
					.sort((a, b) => a - b);
				const { estimate, low, high } = signedRank(differences);
				const middle = [averages.length - 1, averages.length].map((place) => averages[place >> 1] ?? 0);
				expect(estimate).toBeCloseTo(((middle[0] ?? 0) + (middle[1] ?? 0)) / 2, 12);
				expect(low).toBeGreaterThanOrEqual(averages[0] ?? 0);
				expect(high).toBeLessThanOrEqual(averages.at(-1) ?? 0);
			}),
		);
	});

	test('of many differences is the one that is counted out, and takes no time that grows with their square', () => {
		// All ways of 300 signs, by the sum of the ranks that have a plus.
		const ranks = Array.from({ length: 300 }, (_, index) => index + 1);
		let shares = [1];
		for (const rank of ranks) {
			const next = new Array(shares.length + rank).fill(0);
			for (const [sum, share] of shares.entries()) {
				next[sum] += share / 2;
				next[sum + rank] += share / 2;
			}
			shares = next;
		}
		const differences = ranks.map((rank) => (rank % 9 < 4 ? -rank : rank));
		const minus = differences.reduce((sum, one) => (one < 0 ? sum - one : sum), 0);
		const counted = 2 * shares.slice(0, minus + 1).reduce((sum, share) => sum + share, 0);
		expect(counted).toBeGreaterThan(0.05);
		expect(signedRank(differences).p).toBeCloseTo(counted, 3);
		const many = Array.from({ length: 30_000 }, (_, index) => Math.sin(index) + 0.1);
		const { estimate, low, high, p } = signedRank(many);
		expect(estimate).toBeCloseTo(0.1, 2);
		expect(low).toBeLessThan(estimate);
		expect(high).toBeGreaterThan(estimate);
		expect(high - low).toBeLessThan(0.02);
		expect(p).toBeLessThan(0.001);
	});

	test('is wrong about as seldom as it says', () => {
		let state = 1;
		const random = () => {
			state = (state * 48271) % 2147483647;
			return state / 2147483647;
		};
		const found = Array.from({ length: 600 }, () =>
			signedRank(Array.from({ length: 15 }, () => random() + random() + random() - 1.5)),
		);
		expect(found.filter(({ p }) => p < 0.05).length / found.length).toBeLessThan(0.08);
		const missed = found.filter(({ low, high }) => low > 0 || high < 0).length / found.length;
		expect(missed).toBeGreaterThan(0.02);
		expect(missed).toBeLessThan(0.08);
	});
});

describe('two benchmarks', () => {
	const compare = (later: MadeUp, earlier: MadeUp = {}) =>
		compareResults(madeUpResults(earlier), madeUpResults({ seed: 7, ...later }));
	const verdicts = ({ byArm }: FigureChanges) => new Map(byArm.map(({ arm, verdict }) => [arm, verdict]));
	const [decoding, replies, first] = [0, 1, 2];
	const figure = (of: ReturnType<typeof compare>, place: number) => of.figures[place] as FigureChanges;

	test('of the same programs differ by noise alone', () => {
		const { figures, differences, otherTasks } = compare({ noise: 0.03 });
		expect(differences).toEqual([]);
		expect(otherTasks).toBe(0);
		expect(figures.map(({ name }) => name)).toEqual(['decoding', 'whole replies', 'first token']);
		for (const { byArm, byWorkload } of figures)
			for (const { verdict, arm, workload } of [...byArm, ...byWorkload])
				expect(verdict, `${arm} ${workload}`).toBe('no change');
	});

	test('tell the arm that became faster, in decoding and not in its prompt', () => {
		const compared = compare({ faster: { reprise: 1.08, plain: 0.95 } });
		const found = verdicts(figure(compared, decoding));
		expect(found.get('reprise')).toBe('faster');
		expect(found.get('plain')).toBe('slower');
		expect([...found.values()].filter((verdict) => verdict !== 'no change')).toHaveLength(2);
		const [ours] = figure(compared, decoding).byArm;
		expect(ours?.low).toBeLessThan(1.08);
		expect(ours?.high).toBeGreaterThan(1.08);
		expect(verdicts(figure(compared, replies)).get('reprise')).toBe('faster');
		expect(verdicts(figure(compared, first)).get('reprise')).toBe('no change');
		expect(figure(compared, decoding).byWorkload.filter(({ verdict }) => verdict === 'faster')).toHaveLength(
			7,
		);
	});

	test('on a machine that became slower are told apart from it by the programs that stayed the same', () => {
		const slower = Object.fromEntries(madeUpResults().arms.map(({ name }) => [name, 0.9]));
		const compared = compare({ faster: { ...slower, reprise: 0.95 } });
		expect(compared.controls).toHaveLength(11);
		expect(figure(compared, decoding).machine).toBeCloseTo(0.9, 1);
		expect(verdicts(figure(compared, decoding)).get('reprise')).toBe('faster');
		expect(verdicts(figure(compared, decoding)).get('plain')).toBe('no change');
		const alone = compare({ faster: slower, arms: ['reprise', 'plain'] }, { arms: ['reprise', 'plain'] });
		expect(alone.controls).toEqual([]);
		expect(figure(alone, decoding).machine).toBe(null);
		expect(verdicts(figure(alone, decoding)).get('plain')).toBe('slower');
	});

	test('of few runs are said to be too few, whatever the difference', () => {
		const few = { contexts: [256], workloads: ['rewrite'], runs: 3 };
		const compared = compare({ ...few, faster: { reprise: 2 } }, few);
		expect(verdicts(figure(compared, decoding)).get('reprise')).toBe('too few runs');
	});

	test('say what else differs, and leave out what one of them lacks', () => {
		const compared = compare(
			{ choices: 'own', arms: ['reprise', 'node-llama-cpp'], contexts: [256] },
			{ arms: ['reprise', 'plain'], contexts: [256, 1024] },
		);
		expect(compared.differences).toEqual([
			'choices: recorded → own',
			'node-llama-cpp is in the later results alone',
			'plain is in the earlier results alone',
		]);
		expect(figure(compared, decoding).byArm.map(({ arm, pairs }) => [arm, pairs])).toEqual([
			['reprise', 7 * 5],
		]);
		expect(compare({ arms: [] }).figures.every(({ byArm }) => byArm.length === 0)).toBe(true);
	});

	test('do not compare runs of different tasks', () => {
		const earlier = madeUpResults({ contexts: [256], workloads: ['quote'], arms: ['reprise'] });
		const later = {
			...earlier,
			cells: earlier.cells.map((cell) => ({
				...cell,
				samples: cell.samples.map((sample, run) => ({
					...sample,
					promptTokens: sample.promptTokens + (run === 0 ? 1 : 0),
				})),
			})),
		};
		const compared = compareResults(earlier, later);
		expect(compared.otherTasks).toBe(1);
		expect(figure(compared, decoding).byArm[0]?.pairs).toBe(4);
	});
});
