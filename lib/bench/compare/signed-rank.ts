/** How far differences lie from zero, all together. */
export interface Shift {
	/** The median of the averages of every two differences (Hodges and Lehmann, 1963). */
	readonly estimate: number;
	/** The 95 % interval: the shifts that the test does not refuse. Of fewer than six differences it is their range. */
	readonly low: number;
	readonly high: number;
	/** How often chance alone would bring differences so far to one side, either of them. */
	readonly p: number;
}

/**
 * Wilcoxon's signed-rank test (1945), two-sided, and the shift that belongs to it. Its distribution is counted out, with
 * equal differences at the middle of their ranks and those of zero left out, so it holds for few differences as well.
 * Throws where there are none.
 */
export function signedRank(differences: readonly number[]): Shift {
	if (differences.length === 0) throw new RangeError('There is no shift of nothing');
	const averages = walshAverages(differences);
	const left = refused(differences.length);
	const at = (index: number) => averages[index] ?? Number.NaN;
	return {
		estimate: (at((averages.length - 1) >> 1) + at(averages.length >> 1)) / 2,
		low: at(left),
		high: at(averages.length - 1 - left),
		p: chance(differences.filter((difference) => difference !== 0)),
	};
}

/** The least `p` that so many differences can have. */
export const leastChance = (count: number): number => Math.min(1, 2 * 0.5 ** count);

function walshAverages(differences: readonly number[]): number[] {
	return differences
		.flatMap((one, index) => differences.slice(index).map((other) => (one + other) / 2))
		.sort((a, b) => a - b);
}

/** How many averages at either end lie outside of the interval. */
function refused(count: number): number {
	const shares = distribution(Array.from({ length: count }, (_, index) => index + 1));
	let below = 0;
	let left = 0;
	for (; below + (shares[left] ?? 1) <= 0.025; left++) below += shares[left] ?? 0;
	// The sum of ranks `left - 1` is refused, so that many averages are.
	return Math.max(0, left - 1);
}

function chance(differences: readonly number[]): number {
	const ranks = doubledRanks(differences);
	const positive = ranks.reduce((sum, rank, index) => ((differences[index] ?? 0) > 0 ? sum + rank : sum), 0);
	const total = ranks.reduce((sum, rank) => sum + rank, 0);
	const extreme = Math.min(positive, total - positive);
	const below = distribution(ranks)
		.slice(0, extreme + 1)
		.reduce((sum, share) => sum + share, 0);
	return Math.min(1, 2 * below);
}

/** Twice the ranks by size, which are whole numbers also where several share the middle of theirs. */
function doubledRanks(differences: readonly number[]): number[] {
	const sizes = differences.map(Math.abs);
	return sizes.map((size) => {
		const smaller = sizes.filter((other) => other < size).length;
		const equal = sizes.filter((other) => other === size).length;
		return 2 * smaller + equal + 1;
	});
}

/** By the sum of the ranks that have a plus: its share of all ways to give a plus or a minus to each. */
function distribution(ranks: readonly number[]): Float64Array {
	const shares = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 0) + 1);
	shares[0] = 1;
	let reached = 0;
	for (const rank of ranks) {
		reached += rank;
		for (let sum = reached; sum >= 0; sum--)
			shares[sum] = 0.5 * (shares[sum] ?? 0) + (sum >= rank ? 0.5 * (shares[sum - rank] ?? 0) : 0);
	}
	return shares;
}
