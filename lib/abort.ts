import { callNative, fromNative, messageOf, RepriseError } from './errors.js';
import { abortSignal, type Check, optional } from './options.js';

/** How a call can be ended before its time. */
export interface AbortOptions {
	/** A signal that ends the call: the promise rejects with `ABORTED`. Default: none. */
	signal?: AbortSignal;
}

export const abortChecks = {
	signal: optional(abortSignal),
} satisfies Record<keyof AbortOptions, Check<unknown>>;

/** A call of the addon that can be ended before its time. */
export interface NativeCall<T> {
	readonly promise: Promise<T>;
	/** Makes the promise reject with code `ABORTED`, unless it has settled by then or is about to. */
	abort(): void;
}

/**
 * Calls `listener` when `signal` is aborted, until the function that this gives is called. Subscribe before there
 * is anything to free: what looks like a signal may throw, and then this throws `OPTION_INVALID`.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
	try {
		signal?.addEventListener('abort', listener, { once: true });
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected an AbortSignal for signal but its addEventListener threw: ${messageOf(error)}`,
			{ cause: error },
		);
	}
	return () => {
		try {
			signal?.removeEventListener('abort', listener);
		} catch {
			// The work is over, and what it gave counts more than a listener that is left.
		}
	};
}

/**
 * Gives what a native call gives, unless `signal` is aborted before: then it rejects with `ABORTED`, once the
 * addon has ended the call. What comes in spite of that goes to `free`, where there is such a function.
 */
export async function awaitAbortable<T>(
	start: () => NativeCall<T>,
	signal: AbortSignal | undefined,
	what: string,
	free?: (result: T) => unknown,
): Promise<T> {
	const aborted = () => new RepriseError('ABORTED', `${what} was aborted`, { cause: signal?.reason });
	if (signal?.aborted) throw aborted();
	let call: NativeCall<T> | undefined;
	let isAborted = false;
	const unsubscribe = onAbort(signal, () => {
		isAborted = true;
		call?.abort();
	});
	try {
		if (isAborted) throw aborted();
		call = callNative(start);
		const result = await call.promise;
		if (!isAborted || !free) return result;
		await free(result);
	} catch (error) {
		const failure = fromNative(error);
		throw isAborted && failure.code === 'ABORTED' ? aborted() : failure;
	} finally {
		unsubscribe();
	}
	throw aborted();
}

/** What `work` gives, or null as soon as `stop` is aborted. */
export async function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T | null> {
	let stopped: () => void = () => {};
	const aborted = new Promise<null>((resolve) => {
		stopped = () => resolve(null);
		if (stop.aborted) stopped();
		stop.addEventListener('abort', stopped, { once: true });
	});
	try {
		return await Promise.race([work, aborted]);
	} finally {
		stop.removeEventListener('abort', stopped);
		// A failure after the abort is nobody's any more.
		work.catch(() => {});
	}
}

/** Waits until all have settled, but no longer than so many milliseconds. */
export async function settledWithin(work: ReadonlyArray<Promise<unknown>>, timeMs: number): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise((resolve) => {
		timer = setTimeout(resolve, timeMs);
	});
	await Promise.race([Promise.allSettled(work), late]);
	clearTimeout(timer);
}

/**
 * What `work` gives, or a rejection as soon as `signal` is aborted: with its reason, or with what `reason` gives. The
 * work itself goes on.
 */
export function unlessAborted<T>(
	work: Promise<T>,
	signal: AbortSignal,
	reason: () => unknown = () => signal.reason,
): Promise<T> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(reason());
		if (signal.aborted) abort();
		const unsubscribe = onAbort(signal, abort);
		work.then(resolve, reject).finally(unsubscribe);
	});
}
