import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
	/** Exit status; null where a signal ended the process. */
	status: number | null;
	signal: NodeJS.Signals | null;
	stdout: string;
	stderr: string;
}

export interface FixtureOptions {
	args?: string[];
	nodeFlags?: string[];
	/** Added to the environment. */
	env?: Record<string, string>;
}

/** Runs test/fixtures/`name`.ts in a process of its own, so that a crash there is an outcome to look at. */
export function runFixture(name: string, options: FixtureOptions = {}): Promise<Outcome> {
	const { args = [], nodeFlags = [], env = {} } = options;
	const script = fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));
	const child = spawn(process.execPath, [...nodeFlags, '--import', 'tsx', script, ...args], {
		env: { ...process.env, ...env },
	});
	const outcome: Outcome = { status: null, signal: null, stdout: '', stderr: '' };
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		outcome.stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		outcome.stderr += text;
	});
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (status, signal) => resolve({ ...outcome, status, signal }));
	});
}
