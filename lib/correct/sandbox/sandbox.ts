import { onAbort } from '../../abort.js';
import { asyncDispose } from '../../async-dispose.js';
import { RepriseError } from '../../errors.js';
import { abortSignal, integer, invalid, optional, readOptions, text, withDefault } from '../../options.js';
import { type SandboxReply, SandboxThread } from './sandbox-thread.js';

/** The limits of programs. */
export interface SandboxOptions {
	/** The milliseconds that a program may run. Default: 2000. */
	timeoutMs?: number;
	/** The MiB of memory that a program may use, 1…1016. Default: 64. */
	memoryMiB?: number;
	/** The characters that a program may print before it is stopped. Default: 65,536. */
	outputLimit?: number;
	/** How many programs run at once, each in a thread of its own. Default: 2. */
	threads?: number;
}

/** How one program is run. */
export interface ProgramOptions {
	/** Code to run after the program. Default: none. */
	tests?: string | undefined;
	/** A signal that ends the program: the promise rejects with `ABORTED`. Default: none. */
	signal?: AbortSignal | undefined;
}

const runChecks = { tests: optional(text), signal: optional(abortSignal) };

export const sandboxChecks = {
	timeoutMs: withDefault(integer(1, 3_600_000), 2000),
	/** QuickJS's module takes 2 GiB of memory at most: twice this, and 16 MiB to start with. */
	memoryMiB: withDefault(integer(1, 1016), 64),
	outputLimit: withDefault(integer(1, 2 ** 24), 2 ** 16),
	threads: withDefault(integer(1, 256), 2),
};

/** How a program ended, and what it printed. */
export interface ProgramResult {
	/** What `console.log`, `info` and `debug` wrote, up to the limit. */
	printed: string;
	/** What `console.error` and `warn` wrote. */
	warned: string;
	/**
	 * The limit that ended it; `crash` means that QuickJS or the thread died of it. Absent where it ran to its end.
	 */
	stopped?: 'time' | 'memory' | 'output' | 'stack' | 'crash';
	/** What the program or its tests threw; absent where they threw nothing. */
	error?: {
		/** What was thrown, as Node prints it. */
		text: string;
		/** The line of the program, from 1, where it is known. */
		line?: number;
		/** Whether the tests threw it, and not the program. */
		isTested: boolean;
	};
}

/** A thread has this many milliseconds to report after it should have stopped a program by itself. */
const graceMs = 500;
/** The milliseconds that making an instance for a program may take. */
const preparationMs = 60_000;

/**
 * Runs JavaScript that nobody has read: in QuickJS (quickjs-emscripten), which has no files, no network, no
 * processes and no modules, inside WebAssembly, inside a thread that Node's permission model keeps from files
 * and processes. Threads are used again, and each program gets a new WebAssembly instance. A thread that is
 * late is ended. It starts no process.
 */
export class JavaScriptSandbox {
	readonly #limits: { timeoutMs: number; memoryBytes: number; outputLimit: number };
	readonly #most: number;
	readonly #all = new Set<SandboxThread>();
	readonly #idle: SandboxThread[] = [];
	readonly #waiting: (() => void)[] = [];
	#disposed = false;

	/**
	 * Makes a sandbox; its threads start when programs run. Throws `OPTION_INVALID`.
	 *
	 * @param options - The limits of its programs.
	 */
	constructor(options?: SandboxOptions) {
		const { memoryMiB, threads, ...limits } = readOptions(sandboxChecks, options, 'JavaScriptSandbox');
		this.#limits = { ...limits, memoryBytes: memoryMiB * 2 ** 20 };
		this.#most = threads;
	}

	/**
	 * Runs a program, and its tests after it. Rejects with `ABORTED` where the signal ends it, and with
	 * `DISPOSED`, `VERIFIER_FAILED` (no thread can be started, or it has no memory) or `OPTION_INVALID` (the tests are no
	 * JavaScript).
	 *
	 * @param code - The program.
	 * @param options - Tests and abort. Tests may use the names of the program and `assert(condition, message)`
	 * or `assert.equal(value, expected, message)`, and fail by throwing.
	 */
	async run(code: string, options?: ProgramOptions): Promise<ProgramResult> {
		if (typeof code !== 'string') throw invalid('a string', 'code', code);
		const { tests, signal } = readOptions(runChecks, options, 'run');
		const thread = await this.#take(signal);
		let late: NodeJS.Timeout | undefined;
		let stopped: 'time' | undefined;
		let unsubscribe = () => {};
		try {
			unsubscribe = onAbort(signal, () => thread.end());
			await thread.ready.catch((error) => {
				this.#check(signal);
				throw error;
			});
			const endAfter = (ms: number) => {
				clearTimeout(late);
				late = setTimeout(() => {
					stopped = 'time';
					thread.end();
				}, ms);
			};
			endAfter(preparationMs);
			const reply = await thread.run({ code, ...(tests !== undefined && { tests }), ...this.#limits }, () =>
				endAfter(this.#limits.timeoutMs + graceMs),
			);
			this.#check(signal);
			return reply === undefined ? { printed: '', warned: '', stopped: stopped ?? 'crash' } : toResult(reply);
		} finally {
			clearTimeout(late);
			unsubscribe();
			this.#give(thread);
		}
	}

	/** Ends all threads; programs still running reject with `DISPOSED`. A second call does nothing. */
	async dispose(): Promise<void> {
		this.#disposed = true;
		for (const wake of this.#waiting.splice(0)) wake();
		for (const thread of this.#all) thread.end();
		await Promise.all([...this.#all].map(({ gone }) => gone));
	}

	/** `await using` disposes the sandbox at the end of its block. */
	async [asyncDispose](): Promise<void> {
		await this.dispose();
	}

	#check(signal: AbortSignal | undefined): void {
		if (this.#disposed)
			throw new RepriseError('DISPOSED', 'The JavaScript sandbox was disposed; create another');
		if (signal?.aborted)
			throw new RepriseError('ABORTED', 'The program was stopped by its AbortSignal', {
				cause: signal.reason,
			});
	}

	async #take(signal: AbortSignal | undefined): Promise<SandboxThread> {
		for (;;) {
			this.#check(signal);
			const idle = this.#idle.pop();
			if (idle?.alive) return idle;
			if (this.#all.size < this.#most) return this.#start();
			if (idle === undefined) await this.#wait(signal);
		}
	}

	#start(): SandboxThread {
		const thread = new SandboxThread(this.#limits);
		this.#all.add(thread);
		void thread.gone.then(() => {
			this.#all.delete(thread);
			this.#waiting.shift()?.();
		});
		return thread;
	}

	#give(thread: SandboxThread): void {
		if (!thread.alive) return;
		this.#idle.push(thread);
		this.#waiting.shift()?.();
	}

	/** Waits until a thread is free or gone, or the signal fires. */
	async #wait(signal: AbortSignal | undefined): Promise<void> {
		let wake = () => {};
		let unsubscribe = () => {};
		await new Promise<void>((resolve) => {
			wake = resolve;
			unsubscribe = onAbort(signal, wake);
			this.#waiting.push(wake);
		});
		unsubscribe();
		const at = this.#waiting.indexOf(wake);
		if (at >= 0) this.#waiting.splice(at, 1);
		// Woken for a thread and aborted at once: the next may have it.
		else if (signal?.aborted) this.#waiting.shift()?.();
	}
}

/**
 * Checks the reply of a thread, which ran a program that nobody has read and may have been taken over by it.
 */
function toResult({ printed, warned, stopped, error, unreadable, unable }: SandboxReply): ProgramResult {
	if (unable !== undefined)
		throw new RepriseError(
			'VERIFIER_FAILED',
			`There is no memory to run a program in (${unable}); lower memoryMiB or threads, or raise what the system allows of address space`,
		);
	if (unreadable !== undefined)
		throw new RepriseError('OPTION_INVALID', `The tests are not JavaScript that can be run (${unreadable})`);
	const line = Number.isInteger(error?.line) ? { line: error?.line as number } : {};
	return {
		printed: String(printed),
		warned: String(warned),
		...(stopped !== undefined && { stopped }),
		...(error && { error: { text: String(error.text), isTested: error.isTested === true, ...line } }),
	};
}
