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

/** Of more differences the distribution is taken for the normal one, which it is by then to a thousandth. */
const countedOut = 200;
/** The normal distribution has 2.5 % beyond so many standard deviations. */
const deviations = 1.959964;

/**
 * Wilcoxon's signed-rank test (1945), two-sided, and the shift that belongs to it. Of up to 200 differences its
 * distribution is counted out, with equal ones at the middle of their ranks and those of zero left out, so it holds for
 * few as well. Throws where there are none.
 */
export function signedRank(differences: readonly number[]): Shift {
	const count = differences.length;
	if (count === 0) throw new RangeError('There is no shift of nothing');
	const sorted = Float64Array.from(differences).sort();
	const averages = (count * (count + 1)) / 2;
	const left = refused(count);
	const at = (index: number) => walshAverage(sorted, index);
	return {
		estimate: (at((averages - 1) >> 1) + at(averages >> 1)) / 2,
		low: at(left),
		high: at(averages - 1 - left),
		p: chance(differences.filter((difference) => difference !== 0)),
	};
}

/** The least `p` that so many differences can have. */
export const leastChance = (count: number): number => Math.min(1, 2 * 0.5 ** count);

/**
 * The average of two of the sorted numbers, or of one with itself, that so many such averages are below: found by
 * halving the range, since all of them together are too many. It is as exact as numbers are.
 */
function walshAverage(sorted: Float64Array, index: number): number {
	let low = sorted[0] ?? Number.NaN;
	let high = sorted.at(-1) ?? Number.NaN;
	while (low < high) {
		const middle = low + (high - low) / 2;
		if (middle === high || averagesUpTo(sorted, middle) > index) {
			if (middle === high) return averagesUpTo(sorted, low) > index ? low : high;
			high = middle;
		} else {
			if (middle === low) return high;
			low = middle;
		}
	}
	return low;
}

function averagesUpTo(sorted: Float64Array, limit: number): number {
	let count = 0;
	let last = sorted.length - 1;
	for (let first = 0; first < sorted.length; first++) {
		while (last >= first && ((sorted[first] ?? 0) + (sorted[last] ?? 0)) / 2 > limit) last--;
		if (last < first) break;
		count += last - first + 1;
	}
	return count;
}

/** How many averages at either end lie outside of the interval. */
function refused(count: number): number {
	if (count > countedOut) {
		const deviation = Math.sqrt((count * (count + 1) * (2 * count + 1)) / 24);
		return Math.floor((count * (count + 1)) / 4 - deviations * deviation);
	}
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
	if (ranks.length > countedOut) {
		const deviation = Math.sqrt(ranks.reduce((sum, rank) => sum + rank ** 2, 0)) / 2;
		return Math.min(1, 2 * normalTail((total / 2 - extreme) / deviation));
	}
	const below = distribution(ranks)
		.slice(0, extreme + 1)
		.reduce((sum, share) => sum + share, 0);
	return Math.min(1, 2 * below);
}

/** The share of a normal distribution above so many standard deviations, to 10⁻⁷ (Abramowitz and Stegun, 26.2.17). */
function normalTail(deviations: number): number {
	const t = 1 / (1 + 0.2316419 * deviations);
	const factors = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
	const sum = factors.reduceRight((rest, factor) => (rest + factor) * t, 0);
	return (Math.exp(-(deviations ** 2) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

/** Twice the ranks by size, which are whole numbers also where several share the middle of theirs. */
function doubledRanks(differences: readonly number[]): number[] {
	const order = differences
		.map((_, index) => index)
		.sort((a, b) => sizeAt(differences, a) - sizeAt(differences, b));
	const ranks: number[] = [];
	for (let first = 0; first < order.length; ) {
		const size = sizeAt(differences, order[first] ?? 0);
		let end = first;
		while (end < order.length && sizeAt(differences, order[end] ?? 0) === size) end++;
		for (const index of order.slice(first, end)) ranks[index] = first + end + 1;
		first = end;
	}
	return ranks;
}

const sizeAt = (differences: readonly number[], index: number): number => Math.abs(differences[index] ?? 0);

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
