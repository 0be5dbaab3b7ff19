import { type Check, invalid, text } from '../../../options.js';

/** Strings that end a step. */
export const stepEnds: Check<readonly string[]> = (value, name) => {
	const ends = (Array.isArray(value) ? value : [value]).map((end) => text(end, name));
	if (ends.length > 0 && !ends.includes('')) return ends;
	throw invalid('a string or several, none of them empty,', name, value);
};

/** A text's steps, each with what ends it: joined they are the text. */
export function splitSteps(text: string, ends: readonly string[]): string[] {
	const steps: string[] = [];
	let rest = text;
	while (rest !== '') {
		const lengths = ends.flatMap((end) => (rest.includes(end) ? [rest.indexOf(end) + end.length] : []));
		const length = Math.min(rest.length, ...lengths);
		steps.push(rest.slice(0, length));
		rest = rest.slice(length);
	}
	return steps;
}
