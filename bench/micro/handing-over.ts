import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Session } from '../../lib/index.js';
import type { Case } from '../cases.js';

const tokens = 64;

/** Milliseconds of the processor that the main thread took, from Linux; else those in which it did not wait. */
function mainThreadMs(): number {
	if (process.platform !== 'linux') return performance.eventLoopUtilization().active;
	return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/**
 * What it takes to hand a chunk over, one for each token: in JavaScript's thread to make it an object, put it before
 * its reader and count it; between the passes of the decode thread, to put it together and send it off.
 */
export function handingOverCase(name: string, session: Session, prompt: Int32Array): Case {
	const sum = { chunks: 0, mainMs: 0, passes: 0, decodeMs: 0, betweenMs: 0 };
	let isFirst = true;
	return {
		name,
		run: async () => {
			let [before, chunks] = [0, 0];
			const generation = session.generate(prompt, { draft: 'off', temperature: 0, maxTokens: tokens });
			for await (const _ of generation) {
				// From the first chunk on: the call itself and the prompt are none of it.
				if (chunks++ === 0) before = mainThreadMs();
			}
			const { metrics } = await generation.result;
			const mainMs = mainThreadMs() - before;
			if (!isFirst) {
				sum.chunks += chunks - 1;
				sum.mainMs += mainMs;
				sum.passes += metrics.passes;
				sum.decodeMs += metrics.decodeMs;
				sum.betweenMs += metrics.totalMs - metrics.prefillMs - metrics.decodeMs;
			}
			isFirst = false;
		},
		row: () => {
			const pass = sum.decodeMs / sum.passes;
			const main = sum.mainMs / sum.chunks;
			const between = sum.betweenMs / sum.passes;
			const share = (ms: number) => `${((100 * ms) / pass).toFixed(2)} %`;
			const micros = (ms: number) => (1000 * ms).toFixed(1);
			return [name, pass.toFixed(2), micros(main), share(main), micros(between), share(between)];
		},
	};
}
