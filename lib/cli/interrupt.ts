/** The exit code that shells report for a process that Ctrl-C ended. */
export const interruptedExitCode = 130;

/** Turns the first Ctrl-C into an abort; the second ends the process as usual. */
export function onInterrupt(): { signal: AbortSignal; release(): void } {
	const controller = new AbortController();
	const abort = () => controller.abort();
	process.once('SIGINT', abort);
	return { signal: controller.signal, release: () => process.off('SIGINT', abort) };
}
