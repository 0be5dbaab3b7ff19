import { writeSync } from 'node:fs';

/** In a child of `runInChildren`: does the cases one after another and says what came of each. */
export async function serveCases(run: (number: number) => Promise<string>): Promise<void> {
	const cases = process.argv.slice(process.argv.indexOf('--cases') + 1).map(Number);
	// Synchronously: a line must be out before the process can end by a signal.
	for (const number of cases) {
		writeSync(1, `begin ${number}\n`);
		writeSync(1, `end ${number} ${(await run(number)).replaceAll('\n', ' ')}\n`);
	}
}
