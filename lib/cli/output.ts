const reasons: Partial<Record<string, string>> = {
	ENOSPC: 'no space is left where it goes',
	EPIPE: 'its reader has closed it',
};

/** Ends the process with one sentence once standard output takes no more. */
export function endWithOutput(): void {
	process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
		process.stderr.write(`reprise: Standard output cannot be written: ${reasons[code ?? ''] ?? message}\n`);
		process.exit(1);
	});
	// Standard error has no other place to say so; the text itself still goes to standard output.
	process.stderr.on('error', () => {});
}
