import { type Estimate, wilson } from '../../lib/correct/evaluation/measures.js';

/** Whether each task was answered rightly, by one way of answering; the same tasks in the same order for all ways. */
export type Outcomes = readonly boolean[];

export function accuracy(outcomes: Outcomes): Estimate {
	return wilson(count(outcomes, (right) => right) / outcomes.length, outcomes.length);
}

/** How much more of the same tasks one way answers rightly than another. */
export interface Difference extends Estimate {
	/** The tasks that it alone has right. */
	readonly won: number;
	/** The tasks that the other alone has right. */
	readonly lost: number;
}

/**
 * The difference of two accuracies on the same tasks, and its 95 % interval: Newcombe's method 10 (1998, Statistics in
 * Medicine 17, 2635-2650), which puts Wilson's intervals of both together by how far they go hand in hand. It holds
 * where few tasks or none are answered otherwise, which a bootstrap doesn't.
 */
export function difference(one: Outcomes, other: Outcomes): Difference {
	const n = one.length;
	const both = count(one, (right, task) => right && other[task] === true);
	const won = count(one, (right, task) => right && other[task] === false);
	const lost = count(one, (right, task) => !right && other[task] === true);
	const neither = n - both - won - lost;
	const [first, second] = [accuracy(one), accuracy(other)];
	const value = (won - lost) / n;
	const correlation = phi(both, won, lost, neither);
	const side = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
	return {
		value,
		low: value - side(first.value - first.low, second.high - second.value),
		high: value + side(second.value - second.low, first.high - first.value),
		won,
		lost,
	};
}

/** The correlation of two outcomes, with Newcombe's correction for continuity where it is positive. */
function phi(both: number, won: number, lost: number, neither: number): number {
	const scale = Math.sqrt((both + won) * (lost + neither) * (both + lost) * (won + neither));
	if (scale === 0) return 0;
	const product = both * neither - won * lost;
	const n = both + won + lost + neither;
	return (product > 0 ? Math.max(0, product - n / 2) : product) / scale;
}

const count = (outcomes: Outcomes, counts: (right: boolean, task: number) => boolean) =>
	outcomes.filter(counts).length;
