import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

/** `script` of util-linux makes a pseudo-terminal. */
export const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');

/** The command line in a pseudo-terminal. */
export class Terminal {
	/** All that was shown so far, as it came. */
	shown = '';
	/** The exit code. */
	readonly ended: Promise<number | null>;
	readonly #script;
	#seen = 0;
	#wake = () => {};

	constructor(args: readonly string[], variables: Record<string, string> = {}) {
		const words = [process.execPath, '--import', 'tsx', main, ...args];
		const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
		const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
		this.#script = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
			env: { ...env, TERM: 'xterm', SHELL: '/bin/sh', ...variables },
		});
		this.#script.stdin.on('error', () => {});
		for (const stream of [this.#script.stdout, this.#script.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => {
				this.shown += text;
				this.#wake();
			});
		this.ended = new Promise((resolve) =>
			this.#script.once('close', (code) => {
				resolve(code);
				this.#wake();
			}),
		);
	}

	/** Types `text`, and waits until `then` is shown after all that was waited for before; resolves with what came up to it. */
	async type(text: string, then?: RegExp): Promise<string> {
		this.#script.stdin.write(text);
		return then === undefined ? '' : this.until(then);
	}

	async until(shown: RegExp): Promise<string> {
		for (;;) {
			const rest = this.shown.slice(this.#seen);
			const found = shown.exec(rest);
			if (found) {
				const upTo = found.index + found[0].length;
				this.#seen += upTo;
				return rest.slice(0, upTo);
			}
			if (this.#script.exitCode !== null)
				throw new Error(`${shown} was never shown, but ${JSON.stringify(rest)}`);
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	kill(): void {
		this.#script.kill('SIGKILL');
	}
}
