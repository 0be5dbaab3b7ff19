import { floor, ours } from '../arm.js';
import type { BenchResults, Cell, Sample } from '../results.js';
import { cellOf, pairedRatio, type Spread, spreadOver } from '../statistics.js';
import { armStyles, type Family, familiesOf, familyStyle, type LineStyle } from './arms.js';

/** A figure of an arm, or of the best arm of a family, at one context length. */
export interface Point extends Spread {
	readonly context: number;
	readonly arm: string;
}

/** A figure by context length. */
export interface Line {
	readonly name: string;
	readonly style: LineStyle;
	/** Of an arm or a family on which a reader's eye should fall. */
	readonly isOurs: boolean;
	readonly points: readonly Point[];
}

/** What is drawn of a cell; null where the cell does not tell. */
export type Figure = (cell: Cell, results: BenchResults) => Spread | null;

export const ofSamples =
	(figure: (sample: Sample) => number | null): Figure =>
	({ samples }) =>
		spreadOver(samples, figure);

/** How many times a figure is that of plain decoding of the same tasks. */
export const toFloor =
	(figure: (sample: Sample) => number | null): Figure =>
	(cell, results) => {
		const base = cellOf(results, { ...cell, arm: floor });
		return base ? pairedRatio(cell, base, figure) : null;
	};

export const workloadsOf = ({ cells }: Pick<BenchResults, 'cells'>): string[] => [
	...new Set(cells.map(({ workload }) => workload)),
];

export const contextsOf = ({ cells }: Pick<BenchResults, 'cells'>): number[] =>
	[...new Set(cells.map(({ context }) => context))].sort((a, b) => a - b);

/** The cells of all workloads at one context length as if they were one, for figures that do not go by the workload. */
export function withoutWorkloads(results: BenchResults): BenchResults {
	const cells = contextsOf(results).flatMap((context) =>
		results.arms.flatMap(({ name: arm }): Cell[] => {
			const same = results.cells.filter((cell) => cell.context === context && cell.arm === arm);
			const samples = same.flatMap((cell) => cell.samples);
			return samples.length > 0 ? [{ workload: 'all', context, arm, samples }] : [];
		}),
	);
	return { ...results, cells };
}

function pointOf(results: BenchResults, cell: Cell | undefined, figure: Figure): Point | null {
	const spread = cell && figure(cell, results);
	return spread ? { ...spread, context: cell.context, arm: cell.arm } : null;
}

/**
 * A line for each family: at each context length its best arm, by the median, which is chosen after the fact and so in
 * the family's favour. Families that do not tell the figure have no line.
 */
export function familyLines(
	results: BenchResults,
	workload: string,
	figure: Figure,
	{ better, families = familiesOf(results) }: { better: 'higher' | 'lower'; families?: readonly Family[] },
): Line[] {
	const all = familiesOf(results);
	const sign = better === 'higher' ? 1 : -1;
	const contexts = contextsOf(results);
	return families.flatMap((family) => {
		const points = contexts.flatMap((context) => {
			const candidates = family.arms
				.map((arm) => pointOf(results, cellOf(results, { workload, context, arm }), figure))
				.filter((point) => point !== null)
				.sort((a, b) => sign * (b.median - a.median));
			return candidates.slice(0, 1);
		});
		const place = all.findIndex(({ name }) => name === family.name);
		const name = family.arms.length > 1 ? `${family.name}, best of ${family.arms.length}` : family.name;
		const line = { name, style: familyStyle(family, place), isOurs: family.name === ours, points };
		return points.length > 0 ? [line] : [];
	});
}

/** A line for each arm that tells the figure. */
export function armLines(results: BenchResults, workload: string, figure: Figure): Line[] {
	const families = familiesOf(results);
	return [...armStyles(families)].flatMap(([arm, style]) => {
		const points = contextsOf(results)
			.map((context) => pointOf(results, cellOf(results, { workload, context, arm }), figure))
			.filter((point) => point !== null);
		return points.length > 0 ? [{ name: arm, style, isOurs: arm === ours, points }] : [];
	});
}
