import type { Worker } from 'node:worker_threads';
import { onAbort } from '../../../abort.js';
import { RepriseError } from '../../../errors.js';
import { startThread } from '../../../own-thread.js';

/** A check, and what comes of it. */
interface Checks {
	regex: { check: { source: string; flags: string; text: string }; result: boolean };
	schema: {
		check: { schema: string; json: string };
		result: {
			/** Why the schema cannot be used. */
			unusable?: string;
			/** Why the text is no JSON. */
			malformed?: string;
			/** The JSON is nested too deeply to be looked at. */
			tooDeep?: boolean;
			/** The first errors, and how many there are beyond them. */
			errors?: string[];
			more?: number;
		};
	};
}

export interface CheckLimits {
	/** The milliseconds that the check itself may take. */
	timeoutMs: number;
	/** A signal that ends the check. */
	signal: AbortSignal | undefined;
	/** What takes the time, for the error. */
	name: string;
}

type Message =
	| { state: 'ready' | 'begun' }
	| { state: 'done'; result: unknown }
	| { state: 'failed'; reason: string };

/** The milliseconds that the work before a check may take, which is compiling a schema. */
const preparationMs = 60_000;

/** So many threads work at the same time. */
const mostThreads = 4;

/**
 * Does a check that may take for ever on a thread, which is ended when its time is over. The thread is kept
 * for the next check. Rejects with `ABORTED` or `VERIFIER_FAILED`.
 */
export async function checkInThread<Kind extends keyof Checks>(
	kind: Kind,
	check: Checks[Kind]['check'],
	limits: CheckLimits,
): Promise<Checks[Kind]['result']> {
	await turn(limits.signal);
	const thread = takeThread();
	try {
		return await thread.run({ kind, ...check }, limits);
	} finally {
		if (thread.isAlive) idle.push(thread);
		nextTurn();
	}
}

const idle: CheckThread[] = [];

function takeThread(): CheckThread {
	for (;;) {
		const thread = idle.pop() ?? new CheckThread();
		if (thread.isAlive) return thread;
	}
}

const waiting: Array<() => void> = [];
let working = 0;

/** Settles when a thread may work; rejects where the signal fires before. */
async function turn(signal: AbortSignal | undefined): Promise<void> {
	if (signal?.aborted) throw aborted(signal);
	if (working < mostThreads) {
		working++;
		return;
	}
	await new Promise<void>((resolve, reject) => {
		const begin = () => {
			unsubscribe();
			resolve();
		};
		const leave = () => {
			waiting.splice(waiting.indexOf(begin), 1);
			reject(aborted(signal));
		};
		const unsubscribe = onAbort(signal, leave);
		waiting.push(begin);
	});
}

function nextTurn(): void {
	const begin = waiting.shift();
	if (begin) begin();
	else working--;
}

class CheckThread {
	isAlive = true;
	#worker: Worker | undefined;
	#isReady = false;
	#take: (message: Message) => void = () => {};
	#fail: (reason: string) => void = () => {};

	run<T>(request: object, { timeoutMs, signal, name }: CheckLimits): Promise<T> {
		let timer: NodeJS.Timeout | undefined;
		const abort = () => this.#end();
		let unsubscribe = () => {};
		const done = new Promise<T>((resolve, reject) => {
			const late = (ms: number, what: string, advice: string) => {
				clearTimeout(timer);
				timer = setTimeout(() => {
					reject(failed(`${name} took more than ${ms} ms ${what}; simplify it${advice}`));
					this.#end();
				}, ms);
			};
			const send = () => {
				late(preparationMs, 'to be compiled', '');
				this.#worker?.postMessage(request);
			};
			this.#take = (message) => {
				if (message.state === 'ready') send();
				else if (message.state === 'begun') late(timeoutMs, 'on an answer', ', or raise timeoutMs');
				else if (message.state === 'done') resolve(message.result as T);
				else if (message.state === 'failed')
					reject(failed(`${name} cannot be used on an answer (${message.reason})`));
			};
			this.#fail = (reason) =>
				reject(signal?.aborted ? aborted(signal) : failed(`${name} cannot be used (${reason})`));
			unsubscribe = onAbort(signal, abort);
			if (signal?.aborted) throw aborted(signal);
			this.#start();
			if (this.#isReady) send();
		});
		return done.finally(() => {
			clearTimeout(timer);
			unsubscribe();
			this.#take = () => {};
			this.#fail = () => {};
			this.#worker?.unref();
		});
	}

	/** A thread that waits for the next check does not keep the process running. */
	#start(): void {
		if (this.#worker) {
			this.#worker.ref();
			return;
		}
		try {
			this.#worker = startThread('check-worker', import.meta.url);
		} catch (error) {
			this.isAlive = false;
			throw failed(`No thread can be started for a check (${(error as Error).message})`);
		}
		this.#worker.on('message', (message: Message) => {
			if (message.state === 'ready') this.#isReady = true;
			this.#take(message);
		});
		this.#worker.on('error', (error) => this.#end(error.message));
		this.#worker.on('exit', () => this.#end('its thread was ended'));
	}

	#end(reason = 'its thread was ended'): void {
		this.isAlive = false;
		void this.#worker?.terminate();
		this.#fail(reason);
	}
}

function failed(message: string): RepriseError {
	return new RepriseError('VERIFIER_FAILED', message);
}

function aborted(signal: AbortSignal | undefined): RepriseError {
	return new RepriseError('ABORTED', 'The check was stopped by its AbortSignal', { cause: signal?.reason });
}
