import { abortSignal, type Check, callback, optional, optionsOf } from './options.js';

/** How a prompt is computed. */
export interface PrefillOptions {
	/**
	 * This function is called while the prompt is computed. Where it throws, the promise rejects with
	 * `ABORTED`, with what it threw as the `cause`. Default: none.
	 *
	 * @param done - The prompt's tokens that are computed.
	 * @param total - All tokens of the prompt.
	 */
	onProgress?: (done: number, total: number) => void;
	/**
	 * A signal that ends it within one batch: the promise rejects with `ABORTED`, and what was computed is
	 * kept. Default: none.
	 */
	signal?: AbortSignal;
}

/** What computing a prompt cost. */
export interface PrefillResult {
	/** The tokens of the whole context. */
	promptTokens: number;
	/** The tokens among these that were in the cache already. */
	reusedTokens: number;
	/** The milliseconds that it took. */
	prefillMs: number;
}

/** What each of the options must be. */
export const prefillChecks = optionsOf('prefill', {
	onProgress: optional(callback<(done: number, total: number) => void>()),
	signal: optional(abortSignal),
} satisfies Record<keyof PrefillOptions, Check<unknown>>);
