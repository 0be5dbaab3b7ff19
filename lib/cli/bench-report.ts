import { writeReport } from '../bench/report/write.js';
import type { BenchResults } from '../bench/results.js';
import { readResults } from '../bench/results-file.js';
import { messageOf, RepriseError } from '../errors.js';
import { filePath } from '../options.js';

/** Writes the report of results into a folder, and says where it is. */
export async function report(results: BenchResults, folder: string): Promise<void> {
	const { html, markdown, pictures } = await writeReport(results, folder).catch((error: unknown) => {
		throw new RepriseError(
			'OPTION_INVALID',
			`The report cannot be written to ${folder}: ${messageOf(error)}`,
			{
				cause: error,
			},
		);
	});
	process.stdout.write(`The report: ${html}, ${markdown}, ${pictures.length} pictures in charts/\n`);
}

/** Writes the report of results that lie in a file. */
export async function reportAgain(path: string, folder: string): Promise<void> {
	await report(await resultsOf(path, '--report'), folder);
}

/** Rejects with `OPTION_INVALID` where there are none. */
export async function resultsOf(path: string, flag: string): Promise<BenchResults> {
	const results = await readResults(filePath(path, flag));
	if (results) return results;
	throw new RepriseError('OPTION_INVALID', `Expected a results.json for ${flag} but there is no ${path}`);
}
