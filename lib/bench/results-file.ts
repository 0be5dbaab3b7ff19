import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import type { BenchResults } from './results.js';
import { checkedResults } from './results-shape.js';

export const resultsFileName = 'results.json';

/** Microseconds are as exact as any clock here. */
const rounded = (_: string, value: unknown) =>
	typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;

/** Writes `results.json` into a folder, which is made; an older one is replaced when the new one is whole. */
export async function writeResults(folder: string, results: BenchResults): Promise<string> {
	const path = join(folder, resultsFileName);
	try {
		await mkdir(folder, { recursive: true });
		await writeFile(`${path}.new`, `${JSON.stringify(results, rounded, '\t')}\n`);
		await rename(`${path}.new`, path);
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`The results cannot be written to ${path}: ${messageOf(error)}`,
			{
				cause: error,
			},
		);
	}
	return path;
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
