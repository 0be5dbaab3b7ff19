import { availableParallelism, cpus, loadavg, release, type as systemType, totalmem } from 'node:os';
import type { BenchMachine } from './results.js';

/** Where others keep this much of one processor busy, on average, figures are not to be trusted. */
const disturbing = 0.1;
/** Where that is not known: a load of so much before anything was started is another program's. */
const otherLoad = 0.5;
/** And so is a load of so much more than the threads of one arm after all arms had their turns. */
const otherLoadAfter = 0.75;

/** Processes that want a processor, on average over a minute; null where the system does not count them. */
export const systemLoad = (): number | null => (process.platform === 'win32' ? null : (loadavg()[0] ?? null));

/** The machine as it is now; `before` is its load before the benchmark, `others` as in `BenchMachine`. */
export function describeMachine(before: number | null, others: number | null): BenchMachine {
	const after = systemLoad();
	return {
		cpu: cpus()[0]?.model.trim() || process.arch,
		processors: availableParallelism(),
		memoryBytes: totalmem(),
		system: `${systemType()} ${release()}`,
		node: process.version,
		load: before === null || after === null ? null : { before, after },
		others,
	};
}

/**
 * What is said at the top of all that was measured on a machine that had other things to do; null else. `threads` are
 * those of an arm.
 */
export function loadWarning(
	{ load, processors, others }: Pick<BenchMachine, 'load' | 'processors' | 'others'>,
	threads: number,
): string | null {
	const busy = typeof others === 'number' ? others >= disturbing : isHigh(load, threads);
	if (!busy) return null;
	const told = [
		...(typeof others === 'number' ? [`${others.toFixed(2)} of ${processors} processors`] : []),
		...(load ? [`load ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`] : []),
	];
	return `Other programs were using the machine (${told.join('; ')}): measure again when it is idle`;
}

const isHigh = (load: BenchMachine['load'], threads: number) =>
	load !== null && (load.before >= otherLoad || load.after >= threads + otherLoadAfter);
