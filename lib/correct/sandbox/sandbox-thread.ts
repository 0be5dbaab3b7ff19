import type { Worker } from 'node:worker_threads';
import { RepriseError } from '../../errors.js';
import { startThread, type ThreadOptions } from '../../own-thread.js';
import { packageRoot } from '../../package-root.js';

/** One program and its limits, as the thread is told. */
export interface SandboxRequest {
	code: string;
	tests?: string;
	timeoutMs: number;
	memoryBytes: number;
	outputLimit: number;
}

/** What the thread says of a run; `undefined` where it ended of it. */
export interface SandboxReply {
	printed: string;
	warned: string;
	stopped?: 'time' | 'memory' | 'output' | 'stack' | 'crash';
	error?: { text: string; line?: number; isTested: boolean };
	/** The name of the error that keeps the tests from being compiled. */
	unreadable?: string;
	/** Why the program could not be run. */
	unable?: string;
}

/**
 * More than the thread needs for what it makes of the lines of a program (see sandbox-values.js). That is bounded, and
 * so is this: a heap without a limit would take all memory there is.
 */
function heapMiB(outputLimit: number): number {
	return 512 + Math.ceil((64 * outputLimit) / 2 ** 20);
}

/**
 * How the thread is started: with little memory, no variables, no streams of this process, and under Node's
 * permission model, which holds for the one thread and keeps it from files, processes, threads, addons and
 * the inspector. A Node whose permission model knows the network bars that as well.
 */
export function threadOptions(outputLimit: number): ThreadOptions {
	const permission = ['--permission', '--experimental-permission'].find((flag) =>
		process.allowedNodeEnvironmentFlags.has(flag),
	);
	return {
		flags: ['--no-warnings', ...(permission ? [permission] : [])],
		flagsToLoad: () =>
			permission
				? [`--allow-fs-read=${packageRoot().folder}/*`, '--preserve-symlinks', '--preserve-symlinks-main']
				: [],
		env: {},
		stdin: false,
		stdout: true,
		stderr: true,
		resourceLimits: {
			maxOldGenerationSizeMb: heapMiB(outputLimit),
			maxYoungGenerationSizeMb: 32,
			stackSizeMb: 4,
		},
	};
}

function start(outputLimit: number): Worker {
	const options = threadOptions(outputLimit);
	const startWith = (more: ThreadOptions) =>
		startThread('sandbox-worker', import.meta.url, { ...options, ...more });
	try {
		try {
			return startWith({});
		} catch (error) {
			// A Node that an app carries may know other flags than it says.
			if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
			return startWith({ flags: [], flagsToLoad: () => [] });
		}
	} catch (error) {
		throw cannotStart((error as Error).message);
	}
}

/** A thread that runs programs one at a time, until it is ended or dies. */
export class SandboxThread {
	/** Settles once the thread takes programs; rejects with `VERIFIER_FAILED`. */
	readonly ready: Promise<void>;
	/** Settles when the thread is gone. */
	readonly gone: Promise<void>;
	alive = true;
	readonly #worker: Worker;
	#begin: () => void = () => {};
	#settle: (reply: SandboxReply | undefined) => void = () => {};

	/**
	 * Throws `VERIFIER_FAILED` where Node throws why no thread can be started; `ready` rejects with the other
	 * reasons.
	 */
	constructor({ outputLimit }: Pick<SandboxRequest, 'outputLimit'>) {
		const worker = start(outputLimit);
		this.#worker = worker;
		this.gone = new Promise((resolve) => {
			worker.once('exit', () => {
				this.alive = false;
				this.#settle(undefined);
				resolve();
			});
		});
		this.ready = new Promise((resolve, reject) => {
			worker.once('message', () => {
				worker.on('message', (reply) => {
					if (reply === 'begun') this.#begin();
					else this.#settle(Object(reply) === reply ? reply : undefined);
				});
				worker.unref();
				resolve();
			});
			worker.on('error', (error: Error) => {
				reject(cannotStart(error.message));
				this.end();
			});
			worker.once('exit', (code) => reject(cannotStart(`it ended with ${code}`)));
		});
		this.ready.catch(() => {});
	}

	/**
	 * Runs a program; `undefined` where the thread died of it or was ended. `begin` is called where the time of
	 * the program begins.
	 */
	async run(request: SandboxRequest, begin: () => void): Promise<SandboxReply | undefined> {
		await this.ready;
		if (!this.alive) return undefined;
		// While it waits for programs it does not keep this process running.
		this.#worker.ref();
		const reply = await new Promise<SandboxReply | undefined>((resolve) => {
			this.#begin = begin;
			this.#settle = resolve;
			this.#worker.postMessage(request);
		});
		this.#begin = () => {};
		this.#settle = () => {};
		this.#worker.unref();
		return reply;
	}

	/** Ends the thread, whatever it computes. */
	end(): void {
		if (!this.alive) return;
		this.alive = false;
		void this.#worker.terminate();
	}
}

function cannotStart(reason: string): RepriseError {
	// The system's own reasons have codes such as EMFILE.
	const hint = /\bE[A-Z0-9]+\b/.test(reason)
		? '; close files or end processes, or raise what the system allows of them'
		: '';
	return new RepriseError(
		'VERIFIER_FAILED',
		`The thread that runs JavaScript could not be started (${reason})${hint}`,
	);
}
