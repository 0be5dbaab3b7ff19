/** The signs around two versions of a passage, and between them. */
export interface Marks {
	readonly open: string;
	readonly between: string;
	readonly close: string;
}

/** `{as it is|as it is once revised}`, in prose. */
export const revisions: Marks = { open: '{', between: '|', close: '}' };
/** `«as it is¦as it is once changed»`, in programs. */
export const changes: Marks = { open: '«', between: '¦', close: '»' };
/** `‹a mistake¦what is right›`, in programs. */
export const mistakes: Marks = { open: '‹', between: '¦', close: '›' };

/**
 * The text with the first version of each passage, or the second. `takes` may say so for each, given the characters
 * since the end of the last that has the second.
 */
export function resolve(
	text: string,
	{ open, between, close }: Marks,
	takes: 'first' | 'second' | ((since: number) => boolean),
): string {
	let resolved = '';
	let from = 0;
	let changed = -Infinity;
	for (let start = text.indexOf(open); start >= 0; start = text.indexOf(open, from)) {
		const middle = text.indexOf(between, start);
		const end = text.indexOf(close, middle);
		if (middle < 0 || end < 0) throw new RangeError(`A mark is not closed: ${text.slice(start, start + 40)}`);
		resolved += text.slice(from, start);
		const second = typeof takes === 'function' ? takes(resolved.length - changed) : takes === 'second';
		resolved += second ? text.slice(middle + between.length, end) : text.slice(start + open.length, middle);
		from = end + close.length;
		if (second) changed = resolved.length;
	}
	return resolved + text.slice(from);
}

/** Words of `renames` become others, wherever they stand as whole words. */
export function rename(text: string, renames: ReadonlyArray<readonly [from: string, to: string]>): string {
	return renames.reduce(
		(renamed, [from, to]) => renamed.replaceAll(new RegExp(`(?<![\\w$])${from}(?![\\w$])`, 'g'), () => to),
		text,
	);
}
