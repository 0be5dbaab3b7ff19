import { addon, type NativeChatContext, type NativeModel, type NativeModelInfo } from './addon.js';
import { asyncDispose } from './async-dispose.js';
import { awaitNative, callNative, RepriseError } from './errors.js';
import { Listener } from './listener.js';
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
	text,
	withDefault,
} from './options.js';
import { Session } from './session.js';
import { readSessionOptions, type SessionOptions } from './session-options.js';
import { tokenIds } from './tokens.js';

export interface LoadModelOptions {
	/** Layers to put on the GPU, where the addon was built for one; -1 for all of them. Default: -1. */
	gpuLayers?: number;
	/** Map the file into memory instead of reading it. Default: true. */
	mmap?: boolean;
	/** Keep the weights from being swapped out. Default: false. */
	mlock?: boolean;
	/** Check every tensor's data for invalid values, which takes a pass over the file. Default: false. */
	checkTensors?: boolean;
	/** Load the vocabulary alone: `tokenize` and `detokenize` work, sessions do not. Default: false. */
	vocabOnly?: boolean;
	/**
	 * A file that remembers what sessions said, so that later ones draft from it (source `corpus` in the metrics), in
	 * this process and in others: a session's text joins when the session is disposed, or when a prompt replaces
	 * more than half of it. Made where there is none; written by `saveCorpus()` and `dispose()`. Models of one
	 * vocabulary can share a file; of two processes that write it, the last one prevails. The text can be read
	 * from the file, so keep it as private as what is said; a new one only its user can read. It is read while the
	 * model is loaded, so never change it in place: put another file at its path. Default: none, nothing is
	 * remembered.
	 */
	corpus?: string | URL;
	/** Most tokens it remembers; the oldest are forgotten beyond that. A token takes 20 to 60 bytes. Default: 1,048,576. */
	corpusTokens?: number;
	/** Called with what is loaded, 0…1. What it throws ends the loading, as the signal does. */
	onProgress?: (fraction: number) => void;
	/** Ends the loading: the promise rejects with `ABORTED`. */
	signal?: AbortSignal;
}

export interface ModelInfo extends Readonly<Omit<NativeModelInfo, 'endTokens'>> {
	/** Tokens that end a generation. */
	readonly endTokens: readonly number[];
}

export interface TokenizeOptions {
	/** Add the tokens the model wants around a text, such as BOS. Default: false. */
	addSpecial?: boolean;
	/** Read control tokens written out in the text (`<|im_end|>`) as these tokens. Default: false. */
	parseSpecial?: boolean;
}

export interface DetokenizeOptions {
	/** Write control tokens out. Default: false. */
	renderSpecial?: boolean;
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

const tokenizeChecks = {
	addSpecial: withDefault(boolean, false),
	parseSpecial: withDefault(boolean, false),
} satisfies Record<keyof TokenizeOptions, Check<unknown>>;

const detokenizeChecks = {
	renderSpecial: withDefault(boolean, false),
} satisfies Record<keyof DetokenizeOptions, Check<unknown>>;

/**
 * Loads a GGUF file off the main thread; of a split model, pass the first part. Wherever a path is taken, it may be
 * a `file:` URL, and `~` at its beginning is the user's home folder.
 *
 * Rejects with `MODEL_NOT_FOUND`, `MODEL_INVALID`, `MODEL_VOCAB_ONLY`, `OUT_OF_MEMORY`, `OPTION_INVALID`,
 * `ABORTED`, `ADDON_MISSING`, and for its `corpus` `STATE_IO` (a damaged file, or none that can be kept) or
 * `STATE_MISMATCH` (another vocabulary).
 */
export async function loadModel(path: string | URL, options?: LoadModelOptions): Promise<Model> {
	const file = filePath(path, 'path');
	const { signal, onProgress, corpus, corpusTokens, ...rest } = readOptions(loadChecks, options, 'loadModel');
	if (corpus !== undefined && rest.vocabOnly) throw invalid('no corpus', 'a vocabulary alone', corpus);
	if (corpus === undefined && corpusTokens !== undefined)
		throw invalid('a corpus', 'corpusTokens', corpusTokens);
	const native = { ...rest, corpus: corpus ?? '', corpusTokens: corpusTokens ?? defaultCorpusTokens };
	const aborted = () => new RepriseError('ABORTED', `Loading ${file} was aborted`, { cause: signal?.reason });
	if (signal?.aborted) throw aborted();
	const progress = new Listener('onProgress', onProgress, () => loading.abort());
	const loading = callNative(() => addon.loadModel(file, native, progress.call));
	const abort = () => loading.abort();
	signal?.addEventListener('abort', abort, { once: true });
	try {
		const native = await awaitNative(() => loading.promise);
		if (!signal?.aborted && !progress.failure) return new Model(native);
		native.dispose();
		throw aborted();
	} catch (error) {
		throw progress.failure ?? error;
	} finally {
		signal?.removeEventListener('abort', abort);
	}
}

/** A model's weights and vocabulary, shared by all its sessions. */
export class Model {
	readonly info: ModelInfo;
	#native: NativeModel | null;

	/** Models come from `loadModel`. */
	constructor(native: NativeModel) {
		this.#native = native;
		const info = callNative(() => native.info());
		this.info = Object.freeze({ ...info, endTokens: Object.freeze(Array.from(info.endTokens)) });
	}

	/**
	 * Token ids of `value`, on the calling thread: a million characters take about a second. The texts given to
	 * sessions and chats become tokens off it. Throws `TEXT_INVALID`, `OPTION_INVALID` or `DISPOSED`.
	 */
	tokenize(value: string, options?: TokenizeOptions): Int32Array {
		const native = this.#use();
		const { addSpecial, parseSpecial } = readOptions(tokenizeChecks, options, 'tokenize');
		text(value, 'text');
		return callNative(() => native.tokenize(value, addSpecial, parseSpecial));
	}

	/**
	 * The text whose tokens these are, as it was before it became tokens; bytes that are no whole character become
	 * U+FFFD. Throws `OPTION_INVALID` or `DISPOSED`.
	 */
	detokenize(tokens: readonly number[] | Int32Array, options?: DetokenizeOptions): string {
		const native = this.#use();
		const { renderSpecial } = readOptions(detokenizeChecks, options, 'detokenize');
		const ids = tokenIds(this.info.vocabularySize)(tokens, 'tokens');
		return callNative(() => native.detokenize(ids, renderSpecial));
	}

	/**
	 * For sessions: the tokens of a text whose control tokens are read, off the JavaScript thread. `begins`: it is a
	 * whole context.
	 * @internal
	 */
	async textTokens(text: string, begins: boolean): Promise<Int32Array> {
		const native = this.#use();
		return awaitNative(() => native.tokens(text, begins));
	}

	/**
	 * For chats: a context in which nothing was said yet.
	 * @internal
	 */
	chatContext(): NativeChatContext {
		const native = this.#use();
		return callNative(() => native.chatContext());
	}

	/**
	 * A session with a context of its own.
	 *
	 * Rejects with `OPTION_INVALID`, `OUT_OF_MEMORY`, `MODEL_VOCAB_ONLY`, `DISPOSED`, or `MODEL_INVALID` for a model
	 * that cannot generate (`info.generationFault` says why, as far as that is known before it is tried).
	 */
	async createSession(options?: SessionOptions): Promise<Session> {
		const native = this.#use();
		const read = readSessionOptions(options, this.info);
		return new Session(this, await awaitNative(() => native.createSession(read)));
	}

	/**
	 * Writes the file of `corpus`, off the main thread; does nothing without one. A fork that was disposed while
	 * other sessions that share its context live joins the corpus between two of their passes: to have it in the file,
	 * await a call of one of those, such as `history()`, before. Rejects with `STATE_IO` or `DISPOSED`.
	 */
	async saveCorpus(): Promise<void> {
		const native = this.#use();
		await awaitNative(() => native.saveCorpus());
	}

	/**
	 * Gives the model up, and writes the file of `corpus`, off the main thread, where something was added since
	 * `saveCorpus()`. Dispose its sessions first: the conversation of one that remains is not in the file, keeps the
	 * weights in memory, and can no longer turn text into tokens. A second call does nothing. Rejects with
	 * `STATE_IO` where the file could not be written; the model is disposed all the same.
	 */
	async dispose(): Promise<void> {
		const native = this.#native;
		this.#native = null;
		if (!native) return;
		// Where that fails, the native dispose tries once more, on this thread, and says what is wrong.
		await native.saveCorpus().catch(() => {});
		callNative(() => native.dispose());
	}

	/** `await using` disposes the model at the end of its block. Rejects as `dispose` does. */
	async [asyncDispose](): Promise<void> {
		await this.dispose();
	}

	#use(): NativeModel {
		if (this.#native) return this.#native;
		throw new RepriseError('DISPOSED', 'The model was disposed; load it again');
	}
}
