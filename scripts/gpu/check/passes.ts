import { join } from 'node:path';
import { PassProgram } from '../../../bench/pass-cost/pass-program.js';
import { median } from '../../../bench/summary.js';

/** Both sides of the steps that kernels take. */
const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 24, 32, 33, 48, 64];

/** Milliseconds of a pass on the clock. */
export interface PassTimes {
	depth: number;
	rows: number;
	ms: number;
}

/** Times passes that are repeated, so that each has the size of the one before. */
export async function timePasses(
	work: string,
	model: string,
	depths: readonly number[],
	repetitions: number,
	log: (line: string) => void,
): Promise<PassTimes[]> {
	const program = join(work, 'cmake', 'reprise-pass-cost');
	const context = Math.max(...depths) + 256;
	using passes = new PassProgram(program, model, context, 1, 'auto', work);
	const times: PassTimes[] = [];
	for (const depth of depths) {
		await passes.fill(depth);
		for (const count of rows) {
			const taken: number[] = [];
			for (let i = 0; i < repetitions; i++) taken.push((await passes.pass(count)).wallMs);
			times.push({ depth, rows: count, ms: median(taken) });
		}
		log(
			`depth ${depth}: ${times
				.filter((one) => one.depth === depth)
				.map((one) => `${one.rows} rows ${one.ms.toFixed(2)} ms`)
				.join(', ')}`,
		);
	}
	return times;
}
