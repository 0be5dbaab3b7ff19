import type { DraftSource } from './addon.js';

/** The milliseconds of verify passes by what they were spent on. */
export interface DecodeParts {
	/** Growing draft trees, and what the drafter learns from the passes. */
	drafting: number;
	/** Computing the model. */
	compute: number;
	/** Choosing tokens from the logits, grammar, text and stop strings included. */
	sampling: number;
	/** All else: making batches, keeping the cache in order, learning what passes cost. */
	bookkeeping: number;
}

export interface NativeMetrics {
	promptTokens: number;
	reusedTokens: number;
	prefillMs: number;
	timeToFirstTokenMs: number;
	/** From the start of the generation (prefill included) to the last committed token. */
	totalMs: number;
	outputTokens: number;
	/** Tokens of a reply's reasoning, tags included. */
	reasoningTokens: number;
	/** Verify passes after the prompt's own. */
	passes: number;
	/** Tokens that verify passes committed: all of the output but what the prompt's own pass gave. */
	passTokens: number;
	drafted: number;
	accepted: number;
	/** The milliseconds of all passes, drafting and sampling included. */
	decodeMs: number;
	decodeMsByPart: DecodeParts;
	acceptedBySource: Record<DraftSource, number>;
	draftedBySource: Record<DraftSource, number>;
	/**
	 * The verify passes by the number of their rows, which are those of all members of the family together. A pass that
	 * computes prompts, too, is not among them.
	 */
	passesByRows: Array<{ rows: number; passes: number; meanMs: number }>;
	/** So often a draft model was asked. */
	draftModelPasses: number;
	/** The milliseconds that it took. */
	draftModelMs: number;
	/** What one-token passes would have taken for the same tokens, from the measured cost table. */
	plainMsEstimate: number;
	/** Committed tokens whose margin was so small that another batch shape may choose otherwise. */
	nearTies: number;
	/** The bytes of logits that were copied to the host, in the prompt's pass and in verify passes. */
	logitBytesRead: number;
	/** The rows among them that were copied whole, a logit for each token of the vocabulary. */
	logitRowsFetched: number;
}
