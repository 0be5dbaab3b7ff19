import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RepriseError } from '../../errors.js';
import { LastWords } from './last-words.js';

/** So long a process may take to end by itself. */
const patienceMs = 5_000;
const lastWordsMs = 50;
/** A program may be a script that starts another: elsewhere than on Windows both are in a group of their own. */
const inGroup = process.platform !== 'win32';

/** A server as a child process: what it says is kept for errors, and it ends with its benchmark. */
export class ServerProcess {
	/** By `performance.now()`, just before it was made. */
	readonly began = performance.now();
	readonly #child: ChildProcess;
	readonly #ended: Promise<void>;
	readonly #lastWords = new LastWords();
	#fault: Error | null = null;

	/** `onOutput` is called whenever it says something. */
	constructor(program: string, args: readonly string[], signal: AbortSignal, onOutput: () => void) {
		this.#child = spawn(program, args, {
			...{ stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, detached: inGroup },
		});
		for (const stream of [this.#child.stdout, this.#child.stderr]) this.#lastWords.hear(stream, onOutput);
		const abort = () => {
			this.#fault ??= new RepriseError('ABORTED', 'The benchmark was aborted');
			this.#kill('SIGKILL');
		};
		this.#ended = new Promise((resolve) => {
			this.#child.on('error', (error) => {
				this.#fault ??= error;
				if (this.#child.pid === undefined) resolve();
			});
			// Not 'close': what it says stays open where it has left a child.
			this.#child.on('exit', async (code, by) => {
				this.#kill('SIGKILL');
				await sleep(lastWordsMs);
				this.#fault ??= this.#lastWords.endOf('server', code, by);
				signal.removeEventListener('abort', abort);
				resolve();
			});
		});
		signal.addEventListener('abort', abort);
		if (signal.aborted) abort();
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/** Why it cannot answer any more; null while it can. */
	get fault(): Error | null {
		return this.#fault;
	}

	/** Resolves once it has ended, for whatever reason. */
	get ended(): Promise<void> {
		return this.#ended;
	}

	async stop(): Promise<void> {
		this.#kill('SIGTERM');
		const late = setTimeout(() => this.#kill('SIGKILL'), patienceMs);
		await this.#ended;
		clearTimeout(late);
	}

	/** All of its group, of which some may be left when it has ended itself. */
	#kill(signal: NodeJS.Signals): void {
		const { pid } = this.#child;
		if (pid === undefined) return;
		try {
			process.kill(inGroup ? -pid : pid, signal);
		} catch {
			// It has ended.
		}
	}
}

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
	const server = createServer();
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}
