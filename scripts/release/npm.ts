import { spawnSync } from 'node:child_process';

/** Runs the npm that runs this script, or the one in PATH, and returns what it prints. Throws where it fails. */
export function npm(args: readonly string[], cwd: string): string {
	const script = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : null;
	// An outer npm leaves its own flags, such as a dry run, in the environment.
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isFlag(name)));
	const [command, first] = script ? [process.execPath, [script]] : ['npm', []];
	const { status, stdout, stderr, error } = spawnSync(command, [...first, ...args], {
		cwd,
		env,
		encoding: 'utf8',
		maxBuffer: 2 ** 28,
		shell: script === null && process.platform === 'win32',
	});
	if (status !== 0)
		throw new Error(`npm ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`, {
			cause: error,
		});
	return stdout;
}

/** The registry and what authenticates to it are the user's. */
const isFlag = (name: string) =>
	/^npm_config_(dry_run|json|global|prefix|local_prefix|workspace|ignore_scripts|omit|include|loglevel)$/i.test(
		name,
	);
