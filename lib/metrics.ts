import type { DraftSource, NativeMetrics } from './addon.js';

/** What a generation cost and what its drafts gained; on every chunk (so far) and on the result (in all). */
export interface Metrics {
	/** Tokens of the whole context the generation started from. */
	promptTokens: number;
	/** Of these, tokens whose KV cache was already there and was not computed again. */
	reusedTokens: number;
	/** Milliseconds spent on the prompt. */
	prefillMs: number;
	/** Milliseconds from the call to the first token. */
	timeToFirstTokenMs: number;
	/** Milliseconds from the call to the last token, the prompt included. */
	totalMs: number;
	/** Milliseconds of all verify passes, drafting and sampling included. */
	decodeMs: number;
	/** Tokens said, an end-of-turn token included. */
	outputTokens: number;
	/** Verify passes. The prompt's own, which gives the first token, is none. */
	passes: number;
	/** Tokens that verify passes gave. */
	passTokens: number;
	/** Draft tokens put before the model. */
	drafted: number;
	/** Draft tokens the model would have said itself. */
	accepted: number;
	/** `accepted / drafted`, 0 without drafts. */
	acceptanceRate: number;
	/** `passTokens / passes`: 1 is plain decoding. 0 without a pass. */
	tokensPerPass: number;
	/** `passTokens` by second of `decodeMs`: the speed of decoding, the prompt aside. 0 without a pass. */
	tokensPerSecond: number;
	/** Microseconds spent on drafting in a verify pass, on average. */
	draftMicrosPerPass: number;
	/** Verify passes by the rows (tokens) they computed, all members of a family together, and their mean milliseconds. */
	passesByRows: Array<{ rows: number; passes: number; meanMs: number }>;
	/** Accepted tokens by where they were drafted from. */
	acceptedBySource: Record<DraftSource, number>;
	/** Drafted tokens by where they were drafted from. */
	draftedBySource: Record<DraftSource, number>;
	/** Milliseconds that one-token passes would have taken for the same tokens, by the measured cost table. */
	plainMsEstimate: number;
	/** `plainMsEstimate / decodeMs`: above 1, drafting has saved time. 0 without a pass. */
	speedupEstimate: number;
	/**
	 * Tokens whose two best scores were so close that a batch of another shape may choose the other: within 0.1 in
	 * logits, and more with quantised caches (docs/lossless.md). Where a filter left one token, its distance to the
	 * best one taken away counts.
	 */
	nearTies: number;
}

export function toMetrics(native: NativeMetrics): Metrics {
	const { passes, passTokens, drafted, accepted, decodeMs, plainMsEstimate } = native;
	return {
		promptTokens: native.promptTokens,
		reusedTokens: native.reusedTokens,
		prefillMs: native.prefillMs,
		timeToFirstTokenMs: native.timeToFirstTokenMs,
		totalMs: native.totalMs,
		decodeMs,
		outputTokens: native.outputTokens,
		passes,
		passTokens,
		drafted,
		accepted,
		acceptanceRate: ratio(accepted, drafted),
		tokensPerPass: ratio(passTokens, passes),
		tokensPerSecond: ratio(passTokens * 1000, decodeMs),
		draftMicrosPerPass: ratio(native.draftMicros, passes),
		passesByRows: native.passesByRows,
		acceptedBySource: native.acceptedBySource,
		draftedBySource: native.draftedBySource,
		plainMsEstimate,
		speedupEstimate: ratio(plainMsEstimate, decodeMs),
		nearTies: native.nearTies,
	};
}

function ratio(part: number, whole: number): number {
	return whole > 0 ? part / whole : 0;
}
