import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

export interface CliOutcome {
	status: number | null;
	stdout: string;
	stderr: string;
}

/** Runs the command line from its source, without a terminal. `onOutput` is called when standard output begins. */
export function reprise(
	args: readonly string[],
	{ input = '', onOutput }: { input?: string; onOutput?: (pid: number) => void } = {},
): Promise<CliOutcome> {
	const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
	const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { env });
	const outcome: CliOutcome = { status: null, stdout: '', stderr: '' };
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		if (outcome.stdout === '') onOutput?.(child.pid as number);
		outcome.stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		outcome.stderr += text;
	});
	child.stdin.on('error', () => {});
	child.stdin.end(input);
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (status) => resolve({ ...outcome, status }));
	});
}
