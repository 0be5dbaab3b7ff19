import { isRepriseError, messageOf, RepriseError } from './errors.js';
import { readLines } from './lines.js';

/** What a file of JSON Lines holds. */
export interface JsonLines<T> {
	/**
	 * What is made of a line's JSON; `number` is the line's, from 1 on. What it throws is told with its place.
	 */
	read(value: unknown, number: number): T;
	/** What a file of them holds, in the singular: a file without any is an error. */
	of: string;
	/** Called with the bytes of each part that was read. */
	onRead?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a file of one JSON value a line as a stream; empty lines are skipped.
 *
 * Throws `OPTION_INVALID` and `TEXT_INVALID` as `readLines` does, `OPTION_INVALID` for a line that is no
 * JSON, and what `read` throws, with the file and the line.
 */
export async function* readJsonLines<T>(
	path: string | URL,
	{ read, of, onRead }: JsonLines<T>,
): AsyncGenerator<T> {
	let number = 0;
	let found = false;
	for await (const line of readLines(path, onRead)) {
		number++;
		if (line.trim() === '') continue;
		found = true;
		yield parseJsonLine(line, `${path}, line ${number}`, (value) => read(value, number));
	}
	if (!found) throw new RepriseError('OPTION_INVALID', `${path} holds no ${of}`);
}

/** What `read` makes of a line; `place` says in errors where it was found. */
export function parseJsonLine<T>(line: string, place: string, read: (value: unknown) => T): T {
	try {
		return read(JSON.parse(line));
	} catch (error) {
		if (isRepriseError(error)) throw new RepriseError(error.code, `${place}: ${error.message}`);
		throw new RepriseError('OPTION_INVALID', `${place}: Expected a JSON object: ${messageOf(error)}`);
	}
}
