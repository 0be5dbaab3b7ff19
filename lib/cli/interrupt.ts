import { setMaxListeners } from 'node:events';

/** The exit code that shells report for a process that Ctrl-C ended. */
export const interruptedExitCode = 130;
/** The same for one that SIGTERM ended. */
export const terminatedExitCode = 143;

/** Turns the first Ctrl-C, SIGTERM or SIGHUP (a closed terminal) into an abort; the second ends the process as usual. */
export function onInterrupt(): { signal: AbortSignal; release(): void } {
	const controller = new AbortController();
	// Each arm of a benchmark listens, and Node.js would take more than ten for a leak.
	setMaxListeners(0, controller.signal);
	const abort = () => controller.abort();
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) process.once(signal, abort);
	return {
		signal: controller.signal,
		release: () => {
			for (const signal of signals) process.off(signal, abort);
		},
	};
}
