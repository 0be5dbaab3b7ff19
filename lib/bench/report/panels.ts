import { belowTitle, chartWidth, fontFamily, heading, label, type Option } from './chart.js';
import type { Line, Point } from './lines.js';
import { axisNumber, contextLabel, type Scale, scaleTo } from './scale.js';
import type { Theme } from './theme.js';

export interface Panel {
	readonly title: string;
	readonly lines: readonly Line[];
}

export interface PanelsOptions {
	readonly title: string;
	readonly origin: string;
	/** Of the upright axis. */
	readonly unit: string;
	readonly panels: readonly Panel[];
	/** Writes the figure at the end of a line. */
	readonly show: (value: number) => string;
	/** Whose figure is written beside ours: the best other line's. */
	readonly better: 'higher' | 'lower';
	/** A value at which a line is drawn across, such as that of plain decoding. */
	readonly reference?: number;
}

/** A rectangle of the drawing, in pixels. */
interface Place {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
}

const margin = { left: 56, right: 46, gap: 76, bottom: 44, row: 46, title: 18 };
const legendRow = 20;
/** A character of the legend in a wide font, and the symbol with the gap after a name; in pixels. */
const characterWidth = 6.3;
const symbolWidth = 60;

/** Where all is, by the number of panels and the names of the lines. */
function layoutOf({ panels }: PanelsOptions) {
	const columns = panels.length <= 3 ? panels.length : panels.length === 4 ? 2 : 3;
	const rows = Math.ceil(panels.length / columns);
	const width = (chartWidth - margin.left - margin.right - (columns - 1) * margin.gap) / columns;
	const height = columns === 1 ? 260 : columns === 2 ? 180 : 132;
	const top = belowTitle + legendRows(namesOf(panels)).length * legendRow + margin.title + 8;
	const places = panels.map(
		(_, index): Place => ({
			left: margin.left + (index % columns) * (width + margin.gap),
			top: top + Math.floor(index / columns) * (height + margin.row),
			width,
			height,
		}),
	);
	const isLowest = (index: number) => index + columns >= panels.length;
	return {
		columns,
		places,
		isLowest,
		height: top + rows * (height + margin.row) - margin.row + margin.bottom,
	};
}

const namesOf = (panels: readonly Panel[]) => [
	...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name))),
];

export const panelsHeight = (options: PanelsOptions): number => layoutOf(options).height;

/** Panels may be compared with each other where they have one scale, unless that would flatten most of them. */
const mostFlattened = 6;

function scalesOf(panels: readonly Panel[], reference: number): Scale[] {
	const highest = panels.map(({ lines }) =>
		Math.max(reference, ...lines.flatMap(({ points }) => points.map(({ high }) => high))),
	);
	const most = Math.max(...highest);
	const shared = most <= mostFlattened * Math.min(...highest);
	return highest.map((one) => scaleTo(shared ? most : one));
}

/** Several small charts of figures by context length, with one legend. */
export function panelsOption(options: PanelsOptions, theme: Theme): Option {
	const { panels, reference = 0 } = options;
	const { places, columns, isLowest } = layoutOf(options);
	const scales = scalesOf(panels, reference);
	const contexts = [
		...new Set(
			panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map((one) => one.context))),
		),
	].sort((a, b) => a - b);
	const axis = contextAxis(contexts, theme);
	return {
		backgroundColor: theme.background,
		textStyle: { fontFamily, color: theme.text },
		title: [
			...heading(options.title, options.origin, theme),
			...panels.map(({ title }, index) =>
				label(
					title,
					{ left: places[index]?.left ?? 0, top: (places[index]?.top ?? 0) - margin.title },
					{ fontSize: 12, fontWeight: 'bold', color: theme.text },
				),
			),
		],
		legend: legendsOf(namesOf(panels), theme),
		grid: places.map((place) => ({ ...place, outerBoundsMode: 'none' })),
		xAxis: panels.map((_, gridIndex) => ({
			...{ gridIndex, ...axis },
			...(isLowest(gridIndex) && { name: 'context length, tokens' }),
		})),
		yAxis: panels.map((_, gridIndex) => ({
			gridIndex,
			...valueAxis(
				scales[gridIndex] ?? scaleTo(0),
				theme,
				gridIndex % columns === 0 ? options.unit : undefined,
			),
		})),
		series: panels.flatMap(({ lines }, index) => {
			const place = places[index];
			const scale = scales[index];
			if (!place || !scale) return [];
			return [
				...(reference > 0 ? [referenceSeries(index, axis, reference, theme)] : []),
				...linesSeries(lines, {
					index,
					place,
					scale,
					contexts,
					show: options.show,
					better: options.better,
					theme,
				}),
			];
		}),
	};
}

/** An upright axis from zero on. */
export const valueAxis = (scale: Scale, theme: Theme, name?: string): Option => ({
	...{ type: 'value', min: 0, ...scale, splitLine: { lineStyle: { color: theme.grid } } },
	...{ axisLine: { show: false }, axisTick: { show: false } },
	axisLabel: { color: theme.muted, fontSize: 10.5, margin: 6, formatter: axisNumber },
	...(name !== undefined && { name, nameLocation: 'middle', nameGap: 38 }),
	nameTextStyle: { color: theme.muted, fontSize: 11 },
});

/** Context lengths double from line to line. */
export function contextAxis(contexts: readonly number[], theme: Theme) {
	const places = contexts.map(Math.log2);
	const labels = new Map(places.map((place, index) => [place, contextLabel(contexts[index] ?? 0)]));
	return {
		type: 'value',
		...axisEnds(contexts),
		splitLine: { show: false },
		axisLine: { show: true, onZero: false, lineStyle: { color: theme.axis } },
		axisTick: { show: true, customValues: places, length: 4, lineStyle: { color: theme.axis } },
		axisLabel: {
			...{ customValues: places, hideOverlap: true, color: theme.muted, fontSize: 10.5, margin: 7 },
			formatter: (value: number) => labels.get(value) ?? '',
		},
		...{ nameLocation: 'middle', nameGap: 24, nameTextStyle: { color: theme.muted, fontSize: 11 } },
	};
}

function axisEnds(contexts: readonly number[]) {
	const [first, last] = [Math.log2(contexts[0] ?? 1), Math.log2(contexts.at(-1) ?? 1)];
	const edge = contexts.length === 1 ? 0.5 : 0.04 * (last - first) + 0.08;
	return { min: first - edge, max: last + edge };
}

/** echarts would break rows by the widths of a font that the reader may not have. */
function legendRows(names: readonly string[]): string[][] {
	const rows: string[][] = [[]];
	let left = 0;
	for (const name of names) {
		const width = name.length * characterWidth + symbolWidth;
		if (left > 0 && left + width > chartWidth) {
			rows.push([]);
			left = 0;
		}
		rows.at(-1)?.push(name);
		left += width;
	}
	return rows;
}

export const legendsOf = (names: readonly string[], theme: Theme): Option[] =>
	legendRows(names).map((data, row) => ({
		...{ data, left: 8, top: belowTitle + row * legendRow, itemGap: 24, itemWidth: 30, itemHeight: 8 },
		textStyle: { color: theme.text, fontSize: 11.5, fontFamily },
		selectedMode: false,
	}));

const referenceSeries = (
	index: number,
	{ min, max }: { min: number; max: number },
	value: number,
	theme: Theme,
): Option => ({
	...{ type: 'line', silent: true, xAxisIndex: index, yAxisIndex: index, symbol: 'none', z: 1 },
	data: [
		[min, value],
		[max, value],
	],
	lineStyle: { color: theme.axis, width: 1.2 },
	itemStyle: { color: theme.axis },
});

interface InPanel {
	readonly index: number;
	readonly place: Place;
	readonly scale: Scale;
	readonly contexts: readonly number[];
	/** Writes the figures at the ends of lines; where it is missing, there are none. */
	readonly show?: (value: number) => string;
	readonly better?: 'higher' | 'lower';
	readonly theme: Theme;
}

/** Each line with its spread; ours is drawn over the others. */
export function linesSeries(lines: readonly Line[], panel: InPanel): Option[] {
	const { index, theme } = panel;
	const labels = endLabels(lines, panel);
	return lines.flatMap((line, among) => {
		const { style, points, name, isOurs } = line;
		const color = theme.colors[style.hue];
		const at = (point: Point) => Math.log2(point.context) + sideways(among, lines.length, panel);
		const common = { type: 'line', silent: true, xAxisIndex: index, yAxisIndex: index, z: isOurs ? 4 : 3 };
		const end = labels.get(line);
		return [
			{
				...{ ...common, name, symbol: style.symbol, symbolSize: isOurs ? 7 : 6.5, showAllSymbol: true },
				lineStyle: { color, width: style.width, type: style.dash.length > 0 ? style.dash : 'solid' },
				itemStyle: style.hollow
					? { color: theme.background, borderColor: color, borderWidth: 1.5 }
					: { color, borderWidth: 0 },
				data: points.map((point) => [at(point), point.median]),
				...(end && {
					endLabel: { show: true, ...end, color, fontSize: 11, fontWeight: isOurs ? 'bold' : 'normal' },
				}),
			},
			{
				...{ ...common, symbol: 'none', z: 2 },
				lineStyle: { color, width: isOurs ? 1.6 : 1.2, opacity: 0.75 },
				itemStyle: { color },
				data: points.flatMap((point) => [
					[at(point), point.low],
					[at(point), point.high],
					[null, null],
				]),
			},
		];
	});
}

/** Spreads must not hide each other: how far a line is moved to the right, in the axis's units. */
function sideways(among: number, count: number, { contexts, place }: InPanel): number {
	const middle = among - (count - 1) / 2;
	if (contexts.length === 1) return (middle * 0.8) / Math.max(1, count);
	return middle * Math.min(2.5, 12 / count) * unitsPerPixel(contexts, place);
}

function unitsPerPixel(contexts: readonly number[], { width }: Place): number {
	const { min, max } = axisEnds(contexts);
	return (max - min) / width;
}

/** The figures of ours and of the best of the others, at the right edge, moved apart where they would meet. */
function endLabels(lines: readonly Line[], panel: InPanel) {
	const { place, scale, show, contexts, better } = panel;
	if (!show) return new Map<Line, Option>();
	const last = Math.max(...lines.map(({ points }) => points.at(-1)?.context ?? 0));
	const isSingle = contexts.length === 1;
	const ends = lines
		.flatMap((line, among) => {
			const point = line.points.at(-1);
			return point?.context === last ? [{ line, among, value: point.median }] : [];
		})
		.sort((a, b) => b.value - a.value);
	const others = ends.filter(({ line }) => !line.isOurs);
	const bestOther = better === 'lower' ? others.at(-1) : others[0];
	const shown = ends.filter((end) => end.line.isOurs || end === bestOther);
	const heights = shown.map(({ value }) => place.height * (1 - value / scale.max));
	// Beside its symbol alone, a figure might stand on a line of the scale.
	const apart = isSingle ? heights.map((height) => height - 9) : movedApart(heights, 13, place.height);
	const edge = axisEnds(contexts).max;
	return new Map<Line, Option>(
		shown.map(({ line, among, value }, index) => {
			const left = Math.log2(last) + sideways(among, lines.length, panel);
			const right = isSingle ? 0 : (edge - left) / unitsPerPixel(contexts, place);
			const offset = [right, (apart[index] ?? 0) - (heights[index] ?? 0)];
			return [line, { formatter: () => show(value), offset, distance: 6 }];
		}),
	);
}

/**
 * Moves places apart to at least `gap`, from the upper to the lower, those that meet alike, and none below `most`. Sorted
 * as given; places that meet become one block around their middle.
 */
export function movedApart(places: readonly number[], gap: number, most: number): number[] {
	const blocks: { count: number; middle: number }[] = [];
	const first = ({ count, middle }: { count: number; middle: number }) => middle - ((count - 1) * gap) / 2;
	for (const place of places) {
		let block = { count: 1, middle: Math.min(place, most) };
		for (let above = blocks.at(-1); above; above = blocks.at(-1)) {
			if (first(block) - (first(above) + (above.count - 1) * gap) >= gap) break;
			const count = above.count + block.count;
			const middle = (above.middle * above.count + block.middle * block.count) / count;
			block = { count, middle: Math.min(middle, most - ((count - 1) * gap) / 2) };
			blocks.pop();
		}
		blocks.push(block);
	}
	return blocks.flatMap((block) =>
		Array.from({ length: block.count }, (_, index) => first(block) + index * gap),
	);
}
