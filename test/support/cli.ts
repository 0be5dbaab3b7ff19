import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface CliOutcome {
	status: number | null;
	stdout: string;
	stderr: string;
}

export interface CliOptions {
	input?: string;
	/** Called when standard output begins. */
	onOutput?: (pid: number) => void;
}

/** Runs the command line from its source, without a terminal. */
export const reprise = (args: readonly string[], options?: CliOptions) =>
	run(source('lib/cli/main.ts'), args, options);

export const demo = (args: readonly string[], options?: CliOptions) =>
	run(source('demo/demo.ts'), args, options);

function run(
	main: string,
	args: readonly string[],
	{ input = '', onOutput }: CliOptions = {},
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
