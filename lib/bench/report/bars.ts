import { belowTitle, fontFamily, heading, label, type Option } from './chart.js';
import { axisNumber, type Scale } from './scale.js';
import type { Theme } from './theme.js';

/** Pixels of one row of bars. */
const barRow = 24;

/** Where the bars begin, below a heading and a legend. */
const barsTop = belowTitle + 44;

/** A place for bars that lie, beside others that share their names. */
export interface BarPlace {
	readonly left: number;
	readonly width: number;
	readonly rows: number;
	readonly scale: Scale;
	readonly unit: string;
	/** What the bars show, over them. */
	readonly head: string;
}

export interface BarChart {
	readonly title: string;
	readonly origin: string;
	readonly places: readonly BarPlace[];
	/** Of the rows, at the first place alone. */
	readonly names: readonly string[];
	/** The series that the legend names, and the pixels between them. */
	readonly legend: { readonly data: readonly string[]; readonly itemGap: number };
	readonly series: readonly Option[];
}

/** Bars at places beside each other, under a heading and a legend. */
export function barChart({ title, origin, places, names, legend, series }: BarChart, theme: Theme): Option {
	const head = ({ head, left }: BarPlace) =>
		label(head, { left, top: barsTop - 18 }, { fontSize: 12, fontWeight: 'bold', color: theme.text });
	return {
		backgroundColor: theme.background,
		textStyle: { fontFamily, color: theme.text },
		aria: { enabled: true, decal: { show: true } },
		title: [...heading(title, origin, theme), ...places.map(head)],
		legend: {
			...{ ...legend, left: 8, top: belowTitle, selectedMode: false },
			textStyle: { color: theme.text, fontSize: 11.5, fontFamily },
		},
		grid: barGrids(places),
		xAxis: barScales(places, theme),
		yAxis: barNames(places, names, theme),
		series,
	};
}

const barGrids = (places: readonly BarPlace[]): Option[] =>
	places.map(({ left, width, rows }) => ({
		...{ left, width, top: barsTop, height: rows * barRow, outerBoundsMode: 'none' },
	}));

export const barsHeight = (rows: number): number => barsTop + rows * barRow + 44;

const barScales = (places: readonly BarPlace[], theme: Theme): Option[] =>
	places.map(({ scale, unit }, gridIndex) => ({
		...{ gridIndex, type: 'value', min: 0, ...scale, splitLine: { lineStyle: { color: theme.grid } } },
		...{ axisLine: { show: false }, axisTick: { show: false } },
		axisLabel: { color: theme.muted, fontSize: 10.5, margin: 7, formatter: axisNumber, hideOverlap: true },
		...{
			name: unit,
			nameLocation: 'middle',
			nameGap: 24,
			nameTextStyle: { color: theme.muted, fontSize: 11 },
		},
	}));

const barNames = (places: readonly BarPlace[], names: readonly string[], theme: Theme): Option[] =>
	places.map((_, gridIndex) => ({
		...{ gridIndex, type: 'category', inverse: true, data: names, axisTick: { show: false } },
		axisLine: { show: true, lineStyle: { color: theme.axis } },
		axisLabel: { show: gridIndex === 0, interval: 0, color: theme.text, fontSize: 11, fontFamily, margin: 8 },
	}));

/** Patterns by which parts are told apart without colours; none is drawn for `null`. */
export const patterns: ReadonlyArray<Option | null> = [
	null,
	{ symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 },
	{
		symbol: 'circle',
		symbolSize: 0.7,
		dashArrayX: [
			[5, 5],
			[0, 5, 5, 0],
		],
		dashArrayY: [5, 0],
	},
	{ symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 2 },
];

export const patterned = (pattern: Option | null, theme: Theme): Option =>
	pattern === null ? { decal: { symbol: 'none' } } : { decal: { ...pattern, color: theme.background } };
