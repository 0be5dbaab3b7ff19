import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface CliOutcome {
	status: number | null;
	stdout: string;
	stderr: string;
}

export interface CliOptions {
	input?: string;
	/** Standard output that takes nothing: a full disk, or a pipe that its reader has closed. */
	stdout?: 'full' | 'closed';
	/** Called when standard output begins, with what it begins with. */
	onOutput?: (pid: number, text: string) => void;
	/** Called with all that standard error has by then, whenever it has more. */
	onError?: (text: string, pid: number) => void;
}

/** Runs the command line from its source, without a terminal. */
export const reprise = (args: readonly string[], options?: CliOptions) =>
	run(source('lib/cli/main.ts'), args, options);

export const demo = (args: readonly string[], options?: CliOptions) =>
	run(source('demo/demo.ts'), args, options);

function run(
	main: string,
	args: readonly string[],
	{ input = '', onOutput, onError, stdout }: CliOptions = {},
): Promise<CliOutcome> {
	const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
	const full = stdout === 'full' ? openSync('/dev/full', 'w') : undefined;
	const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
		env,
		stdio: ['pipe', full ?? 'pipe', 'pipe'],
	}) as ChildProcessByStdio<Writable, Readable | null, Readable>;
	if (full !== undefined) closeSync(full);
	if (stdout === 'closed') child.stdout?.destroy();
	const outcome: CliOutcome = { status: null, stdout: '', stderr: '' };
	child.stdout?.setEncoding('utf8').on('data', (text: string) => {
		if (outcome.stdout === '') onOutput?.(child.pid as number, text);
		outcome.stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		outcome.stderr += text;
		onError?.(outcome.stderr, child.pid as number);
	});
	child.stdin.on('error', () => {});
	child.stdin.end(input);
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (status) => resolve({ ...outcome, status }));
	});
}
