import { ours } from '../../arm.js';
import type { BenchResults, Cell, PassParts } from '../../results.js';
import { medianOf } from '../../statistics.js';
import { type BarPlace, barChart, barsHeight, patterned, patterns } from '../bars.js';
import { type Chart, chartWidth, type Option, originOf } from '../chart.js';
import { contextsOf, withoutWorkloads, workloadsOf } from '../lines.js';
import { contextLabel, scaleTo } from '../scale.js';
import type { Hue, Theme } from '../theme.js';

/** Milliseconds of a pass by what they were spent on. */
interface Row {
	readonly name: string;
	readonly parts: PassParts;
}

type Part = keyof PassParts;

/** Between the rows of workloads and those of context lengths. */
const gap: Row = { name: '', parts: { drafting: 0, compute: 0, sampling: 0, bookkeeping: 0 } };

const parts: ReadonlyArray<{ part: Part; hue: Hue; pattern: Option | null }> = [
	{ part: 'compute', hue: 'grey', pattern: null },
	{ part: 'drafting', hue: 'blue', pattern: patterns[1] ?? null },
	{ part: 'sampling', hue: 'orange', pattern: patterns[2] ?? null },
	{ part: 'bookkeeping', hue: 'green', pattern: patterns[3] ?? null },
];
const besideComputing = parts.filter(({ part }) => part !== 'compute');

const sum = (of: PassParts, some: typeof parts) => some.reduce((all, { part }) => all + of[part], 0);

/** Where the time of our passes goes: all of it, and on a scale of its own what is not the model's computation. */
export function passPartsChart(results: BenchResults): Chart[] {
	const longest = contextsOf(results).findLast((context) => results.cells.some(tells(context)));
	if (longest === undefined) return [];
	const byWorkload = workloadsOf(results).flatMap((name) =>
		rowOf(
			name,
			results.cells.filter(tells(longest)).find(({ workload }) => workload === name),
		),
	);
	const pooled = withoutWorkloads(results).cells;
	const byContext = contextsOf(results).flatMap((context) =>
		rowOf(`all, ${contextLabel(context)}`, pooled.find(tells(context))),
	);
	const rows = byWorkload.map(({ name, parts }) => ({ name: `${name}, ${contextLabel(longest)}`, parts }));
	if (byContext.length > 1) rows.push(gap, ...byContext);
	const title = 'Where the time of a pass goes';
	return [
		{
			...{ name: 'pass-parts', title, width: chartWidth, height: barsHeight(rows.length) },
			caption:
				`One pass of ${ours} in the median run: on the left all of it, on the right what is not the computation of the ` +
				`model, in microseconds, and its share. First the workloads at ${contextLabel(longest)} tokens, then all of them ` +
				'together by context length.',
			option: (theme) => optionOf(rows, title, originOf(results), theme),
		},
	];
}

const tells =
	(context: number) =>
	(cell: Cell): boolean =>
		cell.arm === ours &&
		cell.context === context &&
		cell.samples.some(({ parts, passes }) => parts !== null && passes !== null && passes > 0);

function rowOf(name: string, cell: Cell | undefined): Row[] {
	const perPass = (cell?.samples ?? []).flatMap(({ parts, passes }) =>
		parts && passes
			? [
					{
						drafting: parts.drafting / passes,
						compute: parts.compute / passes,
						sampling: parts.sampling / passes,
						bookkeeping: parts.bookkeeping / passes,
					},
				]
			: [],
	);
	if (perPass.length === 0) return [];
	const median = (part: Part) => medianOf(perPass.map((one) => one[part]));
	return [
		{
			name,
			parts: {
				...{ drafting: median('drafting'), compute: median('compute') },
				...{ sampling: median('sampling'), bookkeeping: median('bookkeeping') },
			},
		},
	];
}

function optionOf(rows: readonly Row[], title: string, origin: string, theme: Theme): Option {
	const microseconds = rows.map(({ parts }) => 1000 * sum(parts, besideComputing));
	const places: BarPlace[] = [
		{
			...{ left: 120, width: 240, rows: rows.length, unit: 'milliseconds a pass', head: 'the whole pass' },
			scale: scaleTo(Math.max(...rows.map((row) => sum(row.parts, parts)))),
		},
		{
			...{ left: 396, width: 240, rows: rows.length, unit: 'microseconds a pass', head: 'beside computing' },
			scale: scaleTo(Math.max(...microseconds)),
		},
	];
	const chart = {
		title,
		origin,
		places,
		names: rows.map(({ name }) => name),
		legend: { data: parts.map(({ part }) => part), itemGap: 24 },
		series: [
			...parts.map((one) => stack(one, 0, rows, 1, theme)),
			...besideComputing.map((one) => stack(one, 1, rows, 1000, theme)),
			shares(rows, theme),
		],
	};
	return barChart(chart, theme);
}

const stack = (
	{ part, hue, pattern }: (typeof parts)[number],
	gridIndex: number,
	rows: readonly Row[],
	factor: number,
	theme: Theme,
): Option => ({
	...{ type: 'bar', name: part, stack: `stack-${gridIndex}`, xAxisIndex: gridIndex, yAxisIndex: gridIndex },
	...{ silent: true, barWidth: 14 },
	itemStyle: { color: theme.colors[hue], ...patterned(pattern, theme) },
	data: rows.map(({ parts }) => parts[part] * factor),
});

/** What computing leaves, in per cent of the pass, at the ends of the bars on the right. */
const shares = (rows: readonly Row[], theme: Theme): Option => ({
	...{ type: 'bar', stack: 'stack-1', xAxisIndex: 1, yAxisIndex: 1, silent: true, barWidth: 14 },
	itemStyle: { color: 'transparent', decal: { symbol: 'none' } },
	data: rows.map(() => 0),
	label: {
		...{ show: true, position: 'right', color: theme.muted, fontSize: 11 },
		formatter: ({ dataIndex }: { dataIndex: number }) => {
			const row = rows[dataIndex]?.parts;
			return row && sum(row, parts) > 0
				? `${((100 * sum(row, besideComputing)) / sum(row, parts)).toFixed(1)} %`
				: '';
		},
	},
});
