import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { RepriseError } from './errors.js';
import { filePath } from './options.js';

/**
 * The lines of a text file, or of its first `bytes`, as a stream; `onRead` is called with the bytes of each
 * part that was read. Node's own `readline` also breaks lines at U+2028 and U+2029, which JSON allows inside
 * of strings.
 *
 * Throws `OPTION_INVALID` where the file cannot be read, and `TEXT_INVALID` where it is not UTF-8.
 */
export async function* readLines(
	path: string | URL,
	onRead: (bytes: number) => void = () => {},
	bytes = Infinity,
): AsyncGenerator<string> {
	let rest = '';
	for await (const part of decoded(filePath(path, 'path'), onRead, bytes)) {
		const lines = (rest + part).split('\n');
		rest = lines.pop() ?? '';
		yield* lines;
	}
	if (rest !== '') yield rest;
}

async function* decoded(
	path: string,
	onRead: (bytes: number) => void,
	bytes: number,
): AsyncGenerator<string> {
	if (bytes === 0) return;
	const decoder = new TextDecoder('utf-8', { fatal: true });
	try {
		for await (const part of createReadStream(path, { end: bytes - 1 }) as AsyncIterable<Buffer>) {
			onRead(part.length);
			yield decoder.decode(part, { stream: true });
		}
		yield decoder.decode();
	} catch (error) {
		throw unreadable(path, error as NodeJS.ErrnoException);
	}
}

function unreadable(path: string, error: NodeJS.ErrnoException): Error {
	switch (error.code) {
		case 'ENOENT':
			return new RepriseError('OPTION_INVALID', `There is no file ${path}`);
		case 'EISDIR':
			return new RepriseError('OPTION_INVALID', `${path} is a directory; pass the JSONL files in it`);
		case 'EACCES':
			return new RepriseError('OPTION_INVALID', `${path} cannot be read: ${error.message}`);
		case 'ERR_ENCODING_INVALID_ENCODED_DATA':
			return new RepriseError('TEXT_INVALID', `Expected UTF-8 text but ${path} holds other bytes`);
		default:
			return error;
	}
}
