import { createColors } from 'picocolors';
import type { DraftSource, Segment } from '../index.js';

export type Marker = (segments: readonly Segment[]) => string;

/** How drafted text is shown: a color for each source, or brackets where there are no colors. */
export function draftMarking(colored: boolean): { mark: Marker; legend: string } {
	if (!colored)
		return {
			mark: (segments) =>
				segments.map(({ text, source }) => (source === 'model' || text === '' ? text : `[${text}]`)).join(''),
			legend: '[in brackets]: accepted from a draft',
		};
	const { green, cyan, magenta, yellow, blue, gray, red, underline } = createColors(true);
	const colors: Record<DraftSource, (text: string) => string> = {
		prompt: green,
		output: cyan,
		prediction: magenta,
		reference: yellow,
		corpus: blue,
		grammar: gray,
		recycled: red,
		draftModel: underline,
	};
	const sources = Object.entries(colors).map(([source, color]) => color(source));
	return {
		mark: (segments) =>
			segments.map(({ text, source }) => (source === 'model' ? text : colors[source](text))).join(''),
		legend: `colored: accepted from a draft, found in ${sources.join(', ')}`,
	};
}

/**
 * Colors where a terminal shows them and nobody asked for none (no-color.org), or where FORCE_COLOR asks for
 * them; a FORCE_COLOR of 0 asks for none.
 */
export function hasColors(stream: NodeJS.WriteStream): boolean {
	const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
	if (NO_COLOR) return false;
	if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
	return Boolean(stream.isTTY && TERM !== 'dumb');
}
