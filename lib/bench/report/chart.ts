import type { BenchResults } from '../results.js';
import type { Theme } from './theme.js';

/** A picture of the report. */
export interface Chart {
	/** Of its files, without what stands for the theme. */
	readonly name: string;
	readonly title: string;
	/** What is drawn and how to read it, in whole sentences. */
	readonly caption: string;
	/** Pixels. */
	readonly width: number;
	readonly height: number;
	/** The options of echarts. */
	option(theme: Theme): Option;
}

export type Option = Record<string, unknown>;

export const chartWidth = 700;

/** Where the first line of a chart's own content may begin, in pixels. */
export const belowTitle = 52;

/** What every chart says of its origin: it may be seen alone. */
export function originOf({ model, threads, choices, machine }: BenchResults): string {
	const shown = [model.name, model.quantisation, `${threads} thread${threads === 1 ? '' : 's'}`, machine.cpu];
	if (choices === 'recorded') shown.unshift('Recorded answers');
	return shown.join(' · ');
}

/** Without quotation marks, which echarts would write into an attribute as they are. */
export const fontFamily = 'system-ui, -apple-system, Segoe UI, Liberation Sans, Arial, sans-serif';

/** A line of text, placed by its upper left corner or, with `align`, by its middle or its right. */
export const label = (
	text: string,
	{ left, top }: { left: number; top: number },
	style: Option,
	align: 'left' | 'center' | 'right' = 'left',
): Option => ({
	...{ text, left, top, padding: 0, textAlign: align },
	textStyle: { fontFamily, fontSize: 11, fontWeight: 'normal', ...style },
});

/** The title and the origin, over everything else. */
export function heading(title: string, origin: string, theme: Theme): Option[] {
	const shortened = origin.length > 112 ? `${origin.slice(0, 111)}…` : origin;
	return [
		label(title, { left: 12, top: 10 }, { fontSize: 15, fontWeight: 'bold', color: theme.text }),
		label(shortened, { left: 12, top: 32 }, { color: theme.muted }),
	];
}
