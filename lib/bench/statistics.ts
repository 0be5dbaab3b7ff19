import type { BenchResults, Cell, Sample } from './results.js';

/** A median, and how far the runs lie around it. */
export interface Spread {
	readonly median: number;
	/** The lowest and the highest of fewer than seven runs, else the quartiles. */
	readonly low: number;
	readonly high: number;
}

/** From so many runs on the spread is that of the quartiles. */
const enoughForQuartiles = 7;

/** Throws where there are no numbers. */
export function spreadOf(numbers: readonly number[]): Spread {
	if (numbers.length === 0) throw new RangeError('There is no median of nothing');
	const sorted = [...numbers].sort((a, b) => a - b);
	const quartiles = sorted.length >= enoughForQuartiles;
	return {
		median: quantile(sorted, 0.5),
		low: quantile(sorted, quartiles ? 0.25 : 0),
		high: quantile(sorted, quartiles ? 0.75 : 1),
	};
}

export const medianOf = (numbers: readonly number[]): number => spreadOf(numbers).median;

/** Between two numbers it lies on the line from one to the other (Hyndman and Fan's type 7). */
function quantile(sorted: readonly number[], share: number): number {
	const place = share * (sorted.length - 1);
	const below = sorted[Math.floor(place)] ?? Number.NaN;
	const above = sorted[Math.ceil(place)] ?? Number.NaN;
	return below + (place - Math.floor(place)) * (above - below);
}

/**
 * Tokens a second after the first token, which comes with the prompt; null for an answer of one token, which has no
 * such speed.
 */
export const decodingSpeed = ({ outputTokens, decodeMs }: Sample): number | null =>
	outputTokens > 1 && decodeMs > 0 ? ((outputTokens - 1) * 1000) / decodeMs : null;

/** Tokens of the answer in each second of the whole reply, its prompt included. */
export const replySpeed = ({ outputTokens, totalMs }: Sample): number => (outputTokens * 1000) / totalMs;

/** Tokens that each pass gave after the first token, where the arm counts its passes. */
export const tokensPerPass = ({ outputTokens, passes }: Sample): number | null =>
	passes !== null && passes > 0 ? (outputTokens - 1) / passes : null;

/** The spread of a figure over the runs of a cell that have it; null where none has. */
export function spreadOver(
	samples: readonly Sample[],
	figure: (sample: Sample) => number | null,
): Spread | null {
	const numbers = samples.map(figure).filter((number) => number !== null);
	return numbers.length > 0 ? spreadOf(numbers) : null;
}

/**
 * How many times `figure` of one cell is that of the other: the ratios of runs on the same task, and their spread; null
 * where no two runs have it.
 */
export function pairedRatio(
	cell: Cell,
	base: Cell,
	figure: (sample: Sample) => number | null,
): Spread | null {
	const ratios = cell.samples.flatMap((sample, run) => {
		const other = base.samples[run];
		const [above, below] = [figure(sample), other ? figure(other) : null];
		return above !== null && below ? [above / below] : [];
	});
	return ratios.length > 0 ? spreadOf(ratios) : null;
}

/** The cell of an arm, a workload and a context length, where it was measured. */
export const cellOf = (
	{ cells }: Pick<BenchResults, 'cells'>,
	{ workload, context, arm }: Pick<Cell, 'workload' | 'context' | 'arm'>,
): Cell | undefined =>
	cells.find((cell) => cell.workload === workload && cell.context === context && cell.arm === arm);
