import { belowTitle, fontFamily, type Option } from './chart.js';
import { axisNumber, type Scale } from './scale.js';
import type { Theme } from './theme.js';

/** Pixels of one row of bars. */
export const barRow = 24;

/** Where the bars begin, below a heading and a legend. */
export const barsTop = belowTitle + 44;

/** A place for bars that lie, beside others that share their names. */
export interface BarPlace {
	readonly left: number;
	readonly width: number;
	readonly rows: number;
	readonly scale: Scale;
	readonly unit: string;
}

export const barGrids = (places: readonly BarPlace[]): Option[] =>
	places.map(({ left, width, rows }) => ({
		...{ left, width, top: barsTop, height: rows * barRow, outerBoundsMode: 'none' },
	}));

export const barsHeight = (rows: number): number => barsTop + rows * barRow + 44;

export const barScales = (places: readonly BarPlace[], theme: Theme): Option[] =>
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

/** The names stand at the first place alone. */
export const barNames = (places: readonly BarPlace[], names: readonly string[], theme: Theme): Option[] =>
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
