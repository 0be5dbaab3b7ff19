import { availableParallelism, cpus, loadavg, release, type as systemType, totalmem } from 'node:os';
import type { BenchMachine } from './results.js';

/** A load of so much before anything was started is another program's. */
const otherLoad = 0.5;
/** A load of so much more than the threads of one arm, after all arms had their turns, is another program's too. */
const otherLoadAfter = 0.75;

/** Processes that want a processor, on average over a minute; null where the system does not count them. */
export const systemLoad = (): number | null => (process.platform === 'win32' ? null : (loadavg()[0] ?? null));

/** The machine as it is now; `before` is its load before the benchmark. */
export function describeMachine(before: number | null): BenchMachine {
	const after = systemLoad();
	return {
		cpu: cpus()[0]?.model.trim() || process.arch,
		processors: availableParallelism(),
		memoryBytes: totalmem(),
		system: `${systemType()} ${release()}`,
		node: process.version,
		load: before === null || after === null ? null : { before, after },
	};
}

/** What is said before anything is measured, while there is time to do something about it; null on an idle machine. */
export const busyWarning = (load: number | null): string | null =>
	load !== null && load >= otherLoad
		? `Other programs are using the machine (load ${load.toFixed(2)}): what is measured now says little`
		: null;

/** What is said at the top of all that was measured on a machine that had other things to do; null else. */
export function loadWarning({ load }: Pick<BenchMachine, 'load'>, threads: number): string | null {
	if (!load) return null;
	const { before, after } = load;
	if (before < otherLoad && after < threads + otherLoadAfter) return null;
	const own = `${threads} thread${threads === 1 ? ' is' : 's are'} the benchmark’s own`;
	return `Other programs were using the machine (load ${before.toFixed(2)} before, ${after.toFixed(2)} after, of which ${own}): measure again when it is idle`;
}
