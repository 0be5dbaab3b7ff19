import type { DraftSource } from './addon.js';
import type { DecodeParts, NativeMetrics } from './native-metrics.js';

/** What a generation cost and what its drafts gained: so far on a chunk, in all on the result. */
export interface Metrics {
	/** The tokens of the whole context that the generation started from. */
	promptTokens: number;
	/** The tokens among these that were in the cache already and were not computed again. */
	reusedTokens: number;
	/** The milliseconds that the prompt took. */
	prefillMs: number;
	/** The milliseconds from the call to the first token. */
	timeToFirstTokenMs: number;
	/** The milliseconds from the call to the last token, the prompt included. */
	totalMs: number;
	/** The milliseconds of all verify passes, drafting and sampling included. */
	decodeMs: number;
	/**
	 * What `decodeMs` was spent on: the parts add up to it. A session that shares passes with its forks counts a pass
	 * until its own tokens have come out of it: the whole computation, the forks' sampling before its own, and an equal
	 * share of growing the trees.
	 */
	decodeMsByPart: DecodeParts;
	/** The tokens that were generated, one that ends the turn included. */
	outputTokens: number;
	/** The tokens among these in which a chat's reply thinks, with the tags around them. */
	reasoningTokens: number;
	/** The number of verify passes. The pass of the prompt, which gives the first token, does not count. */
	passes: number;
	/** The tokens that verify passes gave. */
	passTokens: number;
	/** The draft tokens that were put before the model. */
	drafted: number;
	/** The draft tokens that the model would have generated itself. */
	accepted: number;
	/** `accepted / drafted`; 0 where nothing was drafted. */
	acceptanceRate: number;
	/** `passTokens / passes`: plain decoding gives 1. It is 0 where there was no pass. */
	tokensPerPass: number;
	/**
	 * The speed of decoding without the prompt: `passTokens` in each second of `decodeMs`; 0 where there was no
	 * pass.
	 */
	tokensPerSecond: number;
	/** The microseconds that drafting took for a verify pass, on average: `decodeMsByPart.drafting / passes`. */
	draftMicrosPerPass: number;
	/**
	 * The verify passes by their size. Sessions that share a pass count its rows together. A pass that computes another
	 * session's prompt, too, is not among them.
	 */
	passesByRows: Array<{
		/** The rows (tokens) that a pass computed. */
		rows: number;
		/** How many passes computed so many. */
		passes: number;
		/** The milliseconds that such a pass took, on average. */
		meanMs: number;
	}>;
	/** The accepted tokens by the source that they were drafted from. */
	acceptedBySource: Record<DraftSource, number>;
	/** The drafted tokens by the source that they were drafted from. */
	draftedBySource: Record<DraftSource, number>;
	/** How often a draft model was asked what comes next; each is a pass of its own. */
	draftModelPasses: number;
	/**
	 * The milliseconds of these passes. They are a part of `decodeMsByPart.drafting`, of which sessions that share a pass
	 * count equal shares.
	 */
	draftModelMs: number;
	/**
	 * The milliseconds that the same tokens would have taken one by one, by the costs that the session has
	 * measured.
	 */
	plainMsEstimate: number;
	/** `plainMsEstimate / decodeMs`: above 1, drafting has saved time. It is 0 where there was no pass. */
	speedupEstimate: number;
	/**
	 * The tokens whose two best scores were so close that a batch of another shape may choose the other one:
	 * within 0.1 in logits, and more where the cache is quantised (docs/lossless.md). Where a filter left one
	 * token, its distance to the best token that the filter took away counts.
	 */
	nearTies: number;
	/**
	 * The bytes of logits that were copied to host memory. With `deviceLogits` off these are all logits of all rows
	 * that were verified.
	 */
	logitBytesRead: number;
	/**
	 * The rows among them that were copied whole, a logit for each token of the vocabulary. With `deviceLogits` on these
	 * are the rows where a sampler looked at more than the best four.
	 */
	logitRowsFetched: number;
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
		decodeMsByPart: native.decodeMsByPart,
		outputTokens: native.outputTokens,
		reasoningTokens: native.reasoningTokens,
		passes,
		passTokens,
		drafted,
		accepted,
		acceptanceRate: ratio(accepted, drafted),
		tokensPerPass: ratio(passTokens, passes),
		tokensPerSecond: ratio(passTokens * 1000, decodeMs),
		draftMicrosPerPass: ratio(1000 * native.decodeMsByPart.drafting, passes),
		passesByRows: native.passesByRows,
		acceptedBySource: native.acceptedBySource,
		draftedBySource: native.draftedBySource,
		draftModelPasses: native.draftModelPasses,
		draftModelMs: native.draftModelMs,
		plainMsEstimate,
		speedupEstimate: ratio(plainMsEstimate, decodeMs),
		nearTies: native.nearTies,
		logitBytesRead: native.logitBytesRead,
		logitRowsFetched: native.logitRowsFetched,
	};
}

function ratio(part: number, whole: number): number {
	return whole > 0 ? part / whole : 0;
}
