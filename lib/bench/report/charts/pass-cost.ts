import { ours } from '../../arm.js';
import type { BenchResults } from '../../results.js';
import { type Spread, spreadOf } from '../../statistics.js';
import { type Chart, chartWidth, fontFamily, heading, type Option, originOf } from '../chart.js';
import { contextsOf } from '../lines.js';
import { movedApart, valueAxis } from '../panels.js';
import { axisNumber, contextLabel, scaleTo } from '../scale.js';
import type { Hue, Theme } from '../theme.js';

const place = { left: 56, top: 76, width: 570, height: 240 };
const height = 364;
/** Fewer passes than this tell little of what such a pass costs. */
const enoughPasses = 5;

interface Cost extends Spread {
	readonly rows: number;
}

/** What our passes cost by their rows, a line for each context length. */
export function passCostChart(results: BenchResults): Chart[] {
	const lines = contextsOf(results)
		.map((context) => ({ context, costs: costsAt(results, context) }))
		.filter(({ costs }) => costs.length > 0);
	if (lines.length === 0) return [];
	const title = 'What a pass costs, by its rows and the context length';
	const all = lines.flatMap(({ costs }) => costs);
	const scale = scaleTo(Math.max(...all.map(({ high }) => high)));
	const most = Math.max(...all.map(({ rows }) => rows));
	const ends = lines.map(({ costs }) => place.height * (1 - (costs.at(-1)?.median ?? 0) / scale.max));
	const fromAbove = ends.map((_, index) => index).sort((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0));
	const apart = movedApart(
		fromAbove.map((index) => ends[index] ?? 0),
		13,
		place.height,
	);
	const labelOffset = (index: number) => (apart[fromAbove.indexOf(index)] ?? 0) - (ends[index] ?? 0);
	return [
		{
			...{ name: 'pass-cost', title, width: chartWidth, height },
			caption:
				`Milliseconds of a pass of ${ours} that verifies so many tokens at once, all workloads together. Each point is ` +
				`the median of the runs' means, its bar their spread; rows with fewer than ${enoughPasses} passes are left out.`,
			option: (theme) => ({
				backgroundColor: theme.background,
				textStyle: { fontFamily, color: theme.text },
				title: heading(title, originOf(results), theme),
				grid: { ...place, outerBoundsMode: 'none' },
				xAxis: rowsAxis(most, theme),
				yAxis: valueAxis(scale, theme, 'milliseconds a pass'),
				series: lines.flatMap(({ context, costs }, index) =>
					costSeries(costs, index, theme, { text: contextLabel(context), offset: labelOffset(index) }),
				),
			}),
		},
	];
}

function costsAt(results: BenchResults, context: number): Cost[] {
	const told = results.cells
		.filter((cell) => cell.arm === ours && cell.context === context)
		.flatMap(({ samples }) => samples.flatMap(({ passesByRows }) => passesByRows ?? []));
	const rows = [...new Set(told.map((one) => one.rows))].sort((a, b) => a - b);
	return rows.flatMap((count) => {
		const same = told.filter((one) => one.rows === count && one.passes > 0);
		const passes = same.reduce((sum, one) => sum + one.passes, 0);
		if (passes < enoughPasses) return [];
		return [{ rows: count, ...spreadOf(same.map(({ meanMs }) => meanMs)) }];
	});
}

const ticksTo = (most: number): number[] =>
	[1, 2, 4, 8, 12, 16, 24, 32, 48, 64].filter((rows) => rows <= most);

const rowsAxis = (most: number, theme: Theme) => ({
	...{ type: 'value', min: 0, max: most + 0.5, splitLine: { show: false } },
	...{ name: 'rows of the pass', nameLocation: 'middle', nameGap: 24 },
	nameTextStyle: { color: theme.muted, fontSize: 11 },
	axisLine: { show: true, lineStyle: { color: theme.axis } },
	axisTick: { length: 4, customValues: ticksTo(most), lineStyle: { color: theme.axis } },
	axisLabel: {
		customValues: ticksTo(most),
		color: theme.muted,
		fontSize: 10.5,
		margin: 7,
		formatter: axisNumber,
	},
});

const symbols = ['circle', 'triangle', 'rect', 'diamond', 'roundRect'];
const dashes = [[], [6, 3], [2, 2.5], [9, 3, 2, 3]];
const hues: readonly Hue[] = ['blue', 'green', 'orange', 'purple', 'pink', 'ochre'];

function costSeries(
	costs: readonly Cost[],
	index: number,
	theme: Theme,
	end: { text: string; offset: number },
): Option[] {
	const color = theme.colors[hues[index % hues.length] ?? 'blue'];
	const dash = dashes[index % dashes.length] ?? [];
	return [
		{
			...{ type: 'line', silent: true, showAllSymbol: true, symbolSize: 6, z: 3 },
			symbol: symbols[index % symbols.length],
			lineStyle: { color, width: 1.8, type: dash.length > 0 ? dash : 'solid' },
			itemStyle: { color },
			data: costs.map(({ rows, median }) => [rows, median]),
			endLabel: {
				...{ show: true, formatter: () => end.text, color, fontSize: 11, distance: 8 },
				offset: [0, end.offset],
			},
		},
		{
			...{ type: 'line', silent: true, symbol: 'none', z: 2 },
			lineStyle: { color, width: 1.2, opacity: 0.75 },
			itemStyle: { color },
			data: costs.flatMap(({ rows, low, high }) => [
				[rows, low],
				[rows, high],
				[null, null],
			]),
		},
	];
}
