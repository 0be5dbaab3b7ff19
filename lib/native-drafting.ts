// What the addon has of drafting alone, without a model.

import type { NativeGenerateOptions, NativeModel } from './addon.js';

/** A drafter without a model, for replaying recorded conversations. */
export interface NativeDrafter {
	/** Appends committed tokens of the conversation. */
	append(tokens: Int32Array, source: 'prompt' | 'output'): void;
	truncate(length: number): void;
	addDocument(tokens: Int32Array, source: 'prediction' | 'reference' | 'corpus'): void;
	/** Grows a tree of `nodes` nodes, or as many as there are, for the present end of the conversation. */
	draft(nodes: number): { drafted: number; micros: number };
	/**
	 * Grows a tree for the present end of the conversation, with a pass of `rows` rows costing 1 + passCost ·
	 * (rows - 1), or passCost[rows - 1] milliseconds, and matches it against `truth`, what the model says next.
	 * Commits the accepted tokens and one more, learns, and returns how it went.
	 */
	step(
		truth: Int32Array,
		offset: number,
		passCost: number | Float64Array,
	): {
		drafted: number;
		accepted: number;
		micros: number;
		/** How often the draft model was asked, and what that cost. */
		asked: number;
		askingMs: number;
	};
}

/** A draft model that is computed for replays. */
export interface NativeReplayedDraftModel {
	model: NativeModel;
	/** A model that has the recorded one's vocabulary. */
	vocabulary: NativeModel;
	/** The longest text that it is asked about, in tokens. */
	contextLength: number;
	/** What its passes cost, as a part of what passes of the model do. */
	share: number;
	mix: NonNullable<NativeGenerateOptions['mix']>;
}
export type NativeDrafterConstructor = new (draftModel?: NativeReplayedDraftModel) => NativeDrafter;

/** The suffix index alone, for property tests and micro benchmarks. */
export interface NativeSuffixIndex {
	append(tokens: Int32Array): void;
	truncate(length: number): void;
	/** Forgets the first `count` tokens. */
	evict(count: number): void;
	/** Writes the index to a file. Throws `STATE_IO`. */
	save(path: string): void;
	/**
	 * Becomes the index that `save` wrote, which stays in the mapped file until it is changed. Throws
	 * `STATE_IO` or `STATE_MISMATCH`.
	 */
	open(path: string): void;
	readonly length: number;
	/**
	 * The longest suffix of the text that also occurs earlier: its length and the end (exclusive) of its latest
	 * earlier occurrence.
	 */
	longestMatch(): { length: number; end: number };
	/** The condition that the index breaks; empty where it breaks none. */
	checkIntegrity(): string;
	readonly bytes: number;
}
export type NativeSuffixIndexConstructor = new () => NativeSuffixIndex;
