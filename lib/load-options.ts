import type { NativeModelOptions } from './addon.js';
import {
	abortSignal,
	boolean,
	type Check,
	callback,
	filePath,
	integer,
	invalid,
	optional,
	readOptions,
	withDefault,
} from './options.js';

/** How a model is loaded. */
export interface LoadModelOptions {
	/**
	 * How many layers are put on the GPU, where the addon was built for one; -1 stands for all of them.
	 * Default: -1.
	 */
	gpuLayers?: number;
	/** Whether the file is mapped into memory instead of read. Default: true. */
	mmap?: boolean;
	/** Whether the weights are kept from being swapped out. Default: false. */
	mlock?: boolean;
	/**
	 * Whether the data of every tensor is checked for invalid values, which takes a pass over the file.
	 * Default: false.
	 */
	checkTensors?: boolean;
	/**
	 * Whether the vocabulary alone is loaded: `tokenize` and `detokenize` work then, sessions do not. Default:
	 * false.
	 */
	vocabOnly?: boolean;
	/**
	 * A file that keeps the texts of sessions, so that later ones draft from them (source `corpus` in the
	 * metrics), in this process and in others. A session's text joins the corpus when the session is disposed,
	 * or when a prompt replaces more than half of it. The file is made where there is none; `saveCorpus()` and
	 * `dispose()` write it. Models of one vocabulary can share a file; where two processes write it, the last
	 * one prevails. The texts can be read from the file, so keep it as private as they are; a new file can be
	 * read by its user alone. It is read while the model is loaded, so never change it in place: put another
	 * file at its path. Default: none, no text is kept.
	 */
	corpus?: string | URL;
	/**
	 * How many tokens the corpus keeps; beyond that the oldest are forgotten. A token takes 20 to 60 bytes.
	 * Default: 1,048,576.
	 */
	corpusTokens?: number;
	/**
	 * This function is called while the model is loaded. Where it throws, the loading ends and rejects with
	 * `ABORTED`, with what it threw as the `cause`. Default: none.
	 *
	 * @param fraction - The part of the model that is loaded, 0…1.
	 */
	onProgress?: (fraction: number) => void;
	/** A signal that ends the loading: the promise rejects with `ABORTED`. Default: none. */
	signal?: AbortSignal;
}

const defaultCorpusTokens = 2 ** 20;

/** For the command line too. */
export const loadChecks = {
	gpuLayers: withDefault(integer(-1, 10_000), -1),
	mmap: withDefault(boolean, true),
	mlock: withDefault(boolean, false),
	checkTensors: withDefault(boolean, false),
	vocabOnly: withDefault(boolean, false),
	corpus: optional(filePath),
	corpusTokens: optional(integer(1, 2 ** 29)),
	onProgress: optional(callback<(fraction: number) => void>()),
	signal: optional(abortSignal),
} satisfies Record<keyof LoadModelOptions, Check<unknown>>;

/** Checks and completes the options; those that the addon takes are `native`. */
export function readLoadOptions(given: unknown): {
	native: NativeModelOptions;
	signal: AbortSignal | undefined;
	onProgress: ((fraction: number) => void) | undefined;
} {
	const { signal, onProgress, corpus, corpusTokens, ...rest } = readOptions(loadChecks, given, 'loadModel');
	if (corpus !== undefined && rest.vocabOnly) throw invalid('no corpus', 'a vocabulary alone', corpus);
	if (corpus === undefined && corpusTokens !== undefined)
		throw invalid('a corpus', 'corpusTokens', corpusTokens);
	const native = { ...rest, corpus: corpus ?? '', corpusTokens: corpusTokens ?? defaultCorpusTokens };
	return { native, signal, onProgress };
}
