import type { ArmFacts, BenchResults } from '../../results.js';
import { spreadOf } from '../../statistics.js';
import { familiesOf } from '../arms.js';
import { type BarPlace, barChart, barsHeight, patterned, patterns } from '../bars.js';
import { type Chart, chartWidth, type Option, originOf } from '../chart.js';
import { scaleTo, shortNumber } from '../scale.js';
import type { Hue, Theme } from '../theme.js';

const nameWidth = 228;
const places = { start: { left: nameWidth, width: 160 }, memory: { left: nameWidth + 226, width: 180 } };

/** How long each arm takes to its first token of all, and how much memory. */
export function startChart(results: BenchResults): Chart[] {
	const arms = results.arms.filter(({ startMs, memory }) => startMs.length > 0 || memory !== null);
	if (arms.length === 0) return [];
	const title = 'Start-up and memory';
	return [
		{
			...{ name: 'start', title, width: chartWidth, height: barsHeight(arms.length) },
			caption:
				'On the left the time from the start of the process to the first token of a short prompt, with its spread. On ' +
				'the right the most memory of the process after that token, and after all runs. Less is better.',
			option: (theme) => optionOf(arms, results, title, theme),
		},
	];
}

const hueOf = (results: BenchResults, arm: string): Hue =>
	familiesOf(results).find(({ arms }) => arms.includes(arm))?.hue ?? 'grey';

function optionOf(arms: readonly ArmFacts[], results: BenchResults, title: string, theme: Theme): Option {
	const starts = arms.map(({ startMs }) => (startMs.length > 0 ? spreadOf(startMs) : null));
	const bars: BarPlace[] = [
		{
			...{ ...places.start, rows: arms.length, unit: 'milliseconds', head: 'to the first token' },
			scale: scaleTo(Math.max(0, ...starts.map((start) => start?.high ?? 0)), 4),
		},
		{
			...{ ...places.memory, rows: arms.length, unit: 'MiB', head: 'memory' },
			scale: scaleTo(Math.max(0, ...arms.map(({ memory }) => (memory?.peak ?? 0) / 2 ** 20)), 4),
		},
	];
	const chart = {
		title,
		origin: originOf(results),
		places: bars,
		names: arms.map(({ name }) => name),
		legend: { data: ['memory after the first token', 'memory after all runs'], itemGap: 50 },
		series: [
			{
				...{ type: 'bar', xAxisIndex: 0, yAxisIndex: 0, silent: true, barWidth: 13 },
				itemStyle: { decal: { symbol: 'none' } },
				label: valueLabel((index) => starts[index]?.median ?? null, theme),
				data: arms.map(({ name }, index) => {
					const { median = null, high = 0 } = starts[index] ?? {};
					// The figure stands beyond the spread.
					const beyond = ((high - (median ?? high)) / (bars[0]?.scale.max ?? 1)) * places.start.width;
					return {
						value: median,
						itemStyle: { color: theme.colors[hueOf(results, name)] },
						label: { distance: 6 + beyond },
					};
				}),
			},
			{
				...{ type: 'line', xAxisIndex: 0, yAxisIndex: 0, silent: true, symbol: 'none', z: 5 },
				lineStyle: { color: theme.text, width: 1.4 },
				itemStyle: { color: theme.text },
				data: starts.flatMap((start, index) =>
					start
						? [
								[start.low, index],
								[start.high, index],
								[null, null],
							]
						: [],
				),
			},
			{
				...{ type: 'bar', name: 'memory after the first token', stack: 'memory', silent: true, barWidth: 13 },
				...{
					xAxisIndex: 1,
					yAxisIndex: 1,
					itemStyle: { color: theme.colors.grey, decal: { symbol: 'none' } },
				},
				data: arms.map(({ memory }) => (memory ? memory.started / 2 ** 20 : null)),
			},
			{
				...{ type: 'bar', name: 'memory after all runs', stack: 'memory', silent: true, barWidth: 13 },
				...{ xAxisIndex: 1, yAxisIndex: 1 },
				itemStyle: { color: theme.colors.grey, ...patterned(patterns[1] ?? null, theme) },
				data: arms.map(({ memory }) => (memory ? (memory.peak - memory.started) / 2 ** 20 : null)),
				label: valueLabel((index) => {
					const peak = arms[index]?.memory?.peak;
					return peak === undefined ? null : peak / 2 ** 20;
				}, theme),
			},
		],
	};
	return barChart(chart, theme);
}

const valueLabel = (figureOf: (index: number) => number | null, theme: Theme): Option => ({
	...{ show: true, position: 'right', color: theme.muted, fontSize: 11, distance: 8 },
	formatter: ({ dataIndex }: { dataIndex: number }) => {
		const value = figureOf(dataIndex);
		return value === null ? '' : shortNumber(value);
	},
});
