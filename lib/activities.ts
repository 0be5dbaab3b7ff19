import { onAbort, settledWithin, unlessStopped } from './abort.js';
import { awaitNative, RepriseError } from './errors.js';

interface Activity {
	name: string;
	/** Whether it changes the history. */
	changes: boolean;
	done: Promise<unknown>;
	/** Aborts it. */
	stop: AbortController;
}

/** So long a worker may take to answer the addon after an abort, and two seconds. */
const disposalPatienceMs = 12_000;

/**
 * What a session is doing: one call that changes its history, or any number that leave it as it is. Whatever else is
 * asked for meanwhile is refused with `SESSION_BUSY`.
 */
export class Activities {
	readonly #underWay = new Set<Activity>();
	readonly #abort: () => void;
	/**
	 * While a text becomes tokens: what is asked for meanwhile waits for it, to reach the addon in its order.
	 */
	#texts: Promise<unknown> | null = null;
	#ended = false;

	/** `abort` ends what changes the history. */
	constructor(abort: () => void) {
		this.#abort = abort;
	}

	/** Settles when no text becomes tokens; null where none does. */
	get texts(): Promise<unknown> | null {
		return this.#texts;
	}

	/** Throws `DISPOSED`. */
	requireUsable(): void {
		if (this.#ended) throw new RepriseError('DISPOSED', 'The session was disposed; create another');
	}

	/** Throws `SESSION_BUSY` or `DISPOSED`. */
	requireIdle(): void {
		this.requireUsable();
		const [activity] = this.#underWay;
		this.#refuseDuring(activity);
	}

	/** What `work` gives, which turns texts into tokens. */
	whenTokens<T>(work: () => Promise<T>): Promise<T> {
		const done = work();
		const settled = done
			.catch(() => {})
			.then(() => {
				if (this.#texts === settled) this.#texts = null;
			});
		this.#texts = settled;
		return done;
	}

	/**
	 * Runs a native call that changes the history. Everything up to the call itself happens before it returns.
	 * `stop`, and so `signal`, aborts what the addon does; what comes before that looks at it.
	 */
	async exclusive<T>(
		name: string,
		call: (stop: AbortSignal) => Promise<T>,
		signal?: AbortSignal,
		stop = new AbortController(),
	): Promise<T> {
		this.requireIdle();
		stop.signal.addEventListener('abort', () => this.#abort(), { once: true });
		return this.#run({ name, changes: true, stop }, call, signal);
	}

	/** Runs a native call that leaves the history as it is; the addon takes them in their order. */
	async shared<T>(name: string, call: (stop: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
		this.requireUsable();
		this.#refuseDuring([...this.#underWay].find(({ changes }) => changes));
		const before = this.#texts;
		const inTurn = async (stop: AbortSignal) => {
			await unlessStopped(before as Promise<unknown>, stop);
			return call(stop);
		};
		const activity = { name, changes: false, stop: new AbortController() };
		return this.#run(activity, before ? inTurn : call, signal);
	}

	get ended(): boolean {
		return this.#ended;
	}

	/**
	 * Takes no call any more, and aborts those under way. Settles when these have ended, or after some seconds; null
	 * where there are none.
	 */
	end(): Promise<void> | null {
		this.#ended = true;
		return this.#underWay.size > 0 ? abortAll([...this.#underWay]) : null;
	}

	async #run<T>(
		begun: Omit<Activity, 'done'>,
		call: (stop: AbortSignal) => Promise<T>,
		signal: AbortSignal | undefined,
	): Promise<T> {
		const abort = () => begun.stop.abort(signal?.reason);
		if (signal?.aborted) abort();
		const unsubscribe = onAbort(signal, abort);
		const activity = { ...begun, done: awaitNative(() => call(begun.stop.signal)) };
		this.#underWay.add(activity);
		try {
			return await activity.done;
		} finally {
			this.#underWay.delete(activity);
			unsubscribe();
		}
	}

	#refuseDuring(activity: Activity | undefined): void {
		if (!activity) return;
		throw new RepriseError(
			'SESSION_BUSY',
			`The session is ${activity.name}; await that, abort it, or use a fork of the session`,
		);
	}
}

/** What leaves the history as it is may come to its end where nothing else is under way. */
async function abortAll(underWay: readonly Activity[]): Promise<void> {
	const settled = () =>
		settledWithin(
			underWay.map(({ done }) => done),
			disposalPatienceMs,
		);
	if (!underWay.some(({ changes }) => changes)) await settled();
	for (const { stop } of underWay) stop.abort();
	await settled();
}
