import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import type { BenchResults } from './results.js';
import { checkedResults } from './results-shape.js';

export const resultsFileName = 'results.json';

/** Microseconds are as exact as any clock here. */
const rounded = (_: string, value: unknown) =>
	typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;

/** Makes the folder where it is not there. Throws `OPTION_INVALID` where nothing can be written in it. */
export async function requireWritable(folder: string): Promise<void> {
	const path = newFileOf(folder);
	try {
		await makeFolder(folder);
		await writeFile(path, '');
		await rm(path);
	} catch (error) {
		throw notWritten(folder, error);
	}
}

/** Writes `results.json` into a folder, which is made; an older one is replaced when the new one is whole. */
export async function writeResults(folder: string, results: BenchResults): Promise<string> {
	const path = join(folder, resultsFileName);
	try {
		await makeFolder(folder);
		await writeFile(newFileOf(folder), `${JSON.stringify(results, rounded, '\t')}\n`);
		await rename(newFileOf(folder), path);
	} catch (error) {
		throw notWritten(folder, error);
	}
	return path;
}

const newFileOf = (folder: string) => join(folder, `${resultsFileName}.new`);

/** One folder after another: below /proc, a recursive `mkdir` of Node.js does not return. */
async function makeFolder(folder: string): Promise<void> {
	if (await isFolder(folder)) return;
	if (dirname(folder) !== folder) await makeFolder(dirname(folder));
	try {
		await mkdir(folder);
	} catch (error) {
		// Another process may have made it meanwhile.
		if (!(await isFolder(folder))) throw error;
	}
}

const isFolder = (path: string) =>
	stat(path).then(
		(found) => found.isDirectory(),
		() => false,
	);

function notWritten(folder: string, cause: unknown): RepriseError {
	const path = join(folder, resultsFileName);
	const message = `The results cannot be written to ${path}: ${messageOf(cause)}`;
	return new RepriseError('OPTION_INVALID', message, { cause });
}

/**
 * Reads what `writeResults` wrote; null where there is no such file. Throws `OPTION_INVALID` where it holds something
 * else.
 */
export async function readResults(path: string): Promise<BenchResults | null> {
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw new RepriseError('OPTION_INVALID', `${path} cannot be read: ${messageOf(error)}`);
	}
	try {
		return checkedResults(JSON.parse(text));
	} catch (error) {
		const why = isRepriseError(error) ? error.message : 'it is no JSON';
		throw new RepriseError('OPTION_INVALID', `There are no results of reprise bench in ${path}: ${why}`);
	}
}
