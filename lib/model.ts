import { awaitAbortable, type NativeCall } from './abort.js';
import type { ReadAdapter } from './adapters.js';
import {
	addon,
	type NativeModel,
	type NativeModelInfo,
	type NativeModelOptions,
	type NativeSession,
} from './addon.js';
import { asyncDispose } from './async-dispose.js';
import type { ImagePart } from './chat-message.js';
import { downloadModel } from './download-model.js';
import { type EmbedOptions, type RankOptions, readEmbedOptions, readRankOptions } from './embed-options.js';
import { awaitNative, callNative, isRepriseError, RepriseError } from './errors.js';
import { isModelName } from './hub/model-name.js';
import {
	type CheckedImage,
	type EncodedImage,
	type ImageInput,
	imageInput,
	nativeImage,
} from './image-input.js';
import { Listener } from './listener.js';
import { type LoadModelOptions, readLoadOptions } from './load-options.js';
import type { NativeChatContext } from './native-chat.js';
import type { NativeImage } from './native-image.js';
import {
	boolean,
	type Check,
	checked,
	diskPath,
	listOf,
	optionsOf,
	readOptions,
	text,
	withDefault,
} from './options.js';
import { Session } from './session.js';
import {
	type CreateSessionOptions,
	coreThreads,
	defaultThreads,
	readSessionOptions,
} from './session-options.js';
import { type TokenInput, tokenIds, tokenInput } from './tokens.js';

/** What a model is and what it can do. */
export interface ModelInfo extends Readonly<Omit<NativeModelInfo, 'endTokens'>> {
	/** The ids of all tokens that end a generation. */
	readonly endTokens: readonly number[];
}

/** How a text becomes tokens. */
export interface TokenizeOptions {
	/** Whether the tokens that the model wants around a text, such as BOS, are added. Default: false. */
	addSpecial?: boolean;
	/**
	 * Whether control tokens that the text writes out, such as `<|im_end|>`, are read as these tokens. Default:
	 * false.
	 */
	parseSpecial?: boolean;
}

/** How tokens become a text. */
export interface DetokenizeOptions {
	/** Whether control tokens are written out. Default: false. */
	renderSpecial?: boolean;
}

const tokenizeChecks = optionsOf('tokenize', {
	addSpecial: withDefault(boolean, false),
	parseSpecial: withDefault(boolean, false),
} satisfies Record<keyof TokenizeOptions, Check<unknown>>);

const detokenizeChecks = optionsOf('detokenize', {
	renderSpecial: withDefault(boolean, false),
} satisfies Record<keyof DetokenizeOptions, Check<unknown>>);

/**
 * Loads a GGUF file off the main thread. A model that is named `hf:…` is downloaded first, as by `downloadModel`.
 *
 * Rejects with `MODEL_NOT_FOUND`, `MODEL_INVALID`, `MODEL_VOCAB_ONLY`, `OUT_OF_MEMORY`, `OPTION_INVALID`,
 * `WORKER_UNAVAILABLE` or `ADDON_MISSING`; where it is named, with what `downloadModel` rejects with; with `ABORTED`
 * where the signal ends it; and for its `corpus` with `STATE_IO` (the file is
 * damaged, or there can be none at its path) or `STATE_MISMATCH` (it is of another vocabulary).
 *
 * @param path - The file; of a split model, the first part; or a name, such as `hf:OWNER/REPO:Q4_K_M` (a file that is
 * called so is `./hf:…`). This path and all others may be a `file:` URL,
 * and `~` at the beginning of one is the user's home folder. In Electron, files inside an asar archive cannot be
 * read, unless they were unpacked.
 * @param options - How it is loaded.
 */
export async function loadModel(path: string | URL, options?: LoadModelOptions): Promise<Model> {
	const given = isModelName(path) ? path : checked(diskPath, path, 'path');
	const { native, signal, onProgress, adapters, download, draft, images } = readLoadOptions(options);
	const fileOf = async (model: string) =>
		isModelName(model) ? (await downloadModel(model, download)).path : model;
	const file = await fileOf(given);
	const draftFile = draft?.model !== undefined ? await fileOf(draft.model) : undefined;
	const readsImages = images && {
		projector: await fileOf(images.projector),
		threads: images.threads ?? coreThreads(),
		minTokens: images.minTokens ?? 0,
		maxTokens: images.maxTokens ?? 0,
	};
	let loading: NativeCall<NativeModel> | undefined;
	const progress = new Listener('onProgress', onProgress, () => loading?.abort());
	const load = (path: string, options: NativeModelOptions, call: typeof progress.call | null) => {
		const start = () => {
			loading = addon.loadModel(path, options, call);
			return loading;
		};
		return awaitAbortable(start, signal, `Loading ${path}`, free);
	};
	return progress.during(async () => {
		// What drafts is small, and what is left of a device's memory is the model's.
		const smaller = draft && draftFile ? await load(draftFile, draft.native, null).catch(ofDraftModel) : null;
		try {
			const model = await load(
				file,
				{ ...native, draftModel: smaller, images: readsImages ?? null },
				progress.call,
			);
			if (progress.failure) {
				free(model);
				throw progress.failure;
			}
			const drafts = draft && { info: infoOf(smaller ?? model), threads: draft.threads };
			return new Model(model, adapters, drafts);
		} finally {
			if (smaller) free(smaller);
		}
	});
}

const free = (model: NativeModel) => model.dispose();

/** Says of an error whose file it is about. */
function ofDraftModel(error: unknown): never {
	if (!isRepriseError(error) || error.code === 'ABORTED') throw error;
	throw new RepriseError(error.code, `The draft model cannot be used: ${error.message}`, { cause: error });
}

function infoOf(native: NativeModel): ModelInfo {
	const info = callNative(() => native.info());
	return Object.freeze({ ...info, endTokens: Object.freeze(Array.from(info.endTokens)) });
}

/** The weights and the vocabulary of a model, which all its sessions share. */
export class Model {
	/** What the model is and what it can do. */
	readonly info: ModelInfo;
	/** What the model is that drafts for it, or itself where its own layers do; null where none does. */
	readonly draftModel: ModelInfo | null;
	#native: NativeModel | null;
	readonly #adapters: readonly ReadAdapter[];
	readonly #draftThreads: number;
	#reading: Promise<unknown> = Promise.resolve();
	readonly #images = new WeakMap<ImagePart, Promise<NativeImage>>();
	#disposed: Promise<void> | null = null;

	/** Models come from `loadModel`. */
	constructor(
		native: NativeModel,
		adapters: readonly ReadAdapter[] = [],
		drafts?: { readonly info: ModelInfo; readonly threads: number | undefined },
	) {
		this.#native = native;
		this.#adapters = adapters;
		this.info = infoOf(native);
		this.draftModel = drafts?.info ?? null;
		this.#draftThreads = drafts ? (drafts.threads ?? defaultThreads(drafts.info)) : 1;
	}

	/**
	 * Turns a text into token ids, on the calling thread: a million characters take about a second. The texts
	 * that sessions and chats are given become tokens on other threads. Throws `TEXT_INVALID`, `OPTION_INVALID`
	 * or `DISPOSED`.
	 *
	 * @param value - The text.
	 * @param options - How control tokens are taken.
	 */
	tokenize(value: string, options?: TokenizeOptions): Int32Array {
		const native = this.#use();
		const { addSpecial, parseSpecial } = readOptions(tokenizeChecks, options, 'tokenize');
		text(value, 'text');
		return callNative(() => native.tokenize(value, addSpecial, parseSpecial));
	}

	/**
	 * Turns tokens into the text that they were made from. Bytes that are no whole character become U+FFFD; the tokens
	 * of images have no text.
	 * Throws `OPTION_INVALID` or `DISPOSED`.
	 *
	 * @param tokens - The token ids.
	 * @param options - How control tokens are shown.
	 */
	detokenize(tokens: readonly number[] | Int32Array, options?: DetokenizeOptions): string {
		const native = this.#use();
		const { renderSpecial } = readOptions(detokenizeChecks, options, 'detokenize');
		const ids = checked(tokenIds(this.info.vocabularySize, true), tokens, 'tokens');
		return callNative(() => native.detokenize(ids, renderSpecial));
	}

	/**
	 * For sessions: the tokens of a text whose control tokens are read, off the JavaScript thread. `begins`: it
	 * is a whole context.
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
	 * Turns texts into vectors that are near each other where the texts mean something similar. Texts are computed
	 * many at once, in a context of their own that is made at the first call and freed with the model. Calls wait
	 * for each other, and not for sessions.
	 *
	 * Rejects with `OPTION_INVALID`, `TEXT_INVALID`, `PROMPT_EMPTY` (a text without tokens), `CONTEXT_OVERFLOW` (a
	 * text has more tokens than `info.trainedContextLength`, and `truncate` is not given), `MODEL_INVALID` (the
	 * model makes no embeddings, as one that ranks), `MODEL_VOCAB_ONLY`, `OUT_OF_MEMORY`, `DECODE_FAILED`,
	 * `WORKER_UNAVAILABLE`, `DISPOSED`, or `ABORTED` where the signal ends it.
	 *
	 * @param texts - The texts, or the ids of their tokens. Texts get the tokens that the model wants around them,
	 * such as BOS and EOS; control tokens that they write out are text. Tokens are taken as they are.
	 * @param options - How a text's tokens become its vector, and what ends the call.
	 * @returns A vector for each text, in their order. Models for embeddings have one length of all of them.
	 */
	async embed(texts: readonly TokenInput[], options?: EmbedOptions): Promise<Float32Array[]> {
		const model = this.#useWeights();
		const inputs = checked(listOf(tokenInput(this.info.vocabularySize)), texts, 'texts');
		const { native, signal } = readEmbedOptions(options, this.info);
		return awaitAbortable(() => model.embed(inputs, native), signal, 'The embedding');
	}

	/**
	 * Scores documents by how well they answer a query, with a model that was made for that (a reranker, whose
	 * file says pooling type 4). Higher is better; what a score's size says is the model's own matter: most give
	 * a logit of any size, Qwen3's rerankers a probability.
	 *
	 * Rejects as `embed` does, with `MODEL_INVALID` where the model does not rank.
	 *
	 * @param query - What is asked for.
	 * @param documents - The documents, each of which is read together with the query.
	 * @param options - What ends the call.
	 * @returns A score for each document, in their order.
	 */
	async rank(query: string, documents: readonly string[], options?: RankOptions): Promise<Float32Array> {
		const model = this.#useWeights();
		const asked = checked(text, query, 'query');
		const read = checked(listOf(text), documents, 'documents');
		const { native, signal } = readRankOptions(options, this.info);
		return awaitAbortable(() => model.rank(asked, read, native), signal, 'The ranking');
	}

	/**
	 * The tokens of a prompt after which the model says what stands between two texts, as models for code are
	 * trained to: pass them to `session.generate`, and the generated text is the middle. Control tokens that the
	 * texts write out are text. Rejects with `MODEL_INVALID` where the vocabulary has no tokens for that, and with
	 * `TEXT_INVALID`, `OPTION_INVALID` or `DISPOSED`.
	 *
	 * @param prefix - What comes before the middle; it may be empty.
	 * @param suffix - What comes after it; it may be empty.
	 */
	async fillInTheMiddle(prefix: string, suffix: string): Promise<Int32Array> {
		const native = this.#use();
		const [before, after] = [checked(text, prefix, 'prefix'), checked(text, suffix, 'suffix')];
		return awaitNative(() => native.infill(before, after).promise);
	}

	/**
	 * Encodes an image, off the main thread; several one after another. What `tokens` has is valid while the returned
	 * object is held, or a session's history has it. Chats read the images of their messages themselves. Rejects with
	 * `IMAGE_INVALID` (also where the model was loaded without `images`), `OPTION_INVALID` or `DISPOSED`.
	 *
	 * @param image - The image.
	 */
	async readImage(image: ImageInput): Promise<EncodedImage> {
		return this.#readImage(checked(imageInput, image, 'image'));
	}

	/**
	 * For chats: the image of a message, whose file is read once. It is held as long as the part is.
	 * @internal
	 */
	imageOf(part: ImagePart): Promise<NativeImage> {
		const known = this.#images.get(part);
		if (known) return known;
		const image = this.#readImage(checked(imageInput, part.image, 'image'));
		this.#images.set(part, image);
		image.catch(() => this.#images.delete(part));
		return image;
	}

	/**
	 * Makes a session with a context of its own.
	 *
	 * Rejects with `OPTION_INVALID`, `OUT_OF_MEMORY`, `MODEL_VOCAB_ONLY`, `DISPOSED`, or `MODEL_INVALID` where
	 * the model cannot generate (`info.generationFault` says why, as far as that is known before it is tried);
	 * with `WORKER_UNAVAILABLE` where a worker was lost, and with `ABORTED` where the signal ends it, once all
	 * that was made is freed. A signal that is aborted later does nothing.
	 *
	 * @param options - The size of the context, how it is computed, and what ends the call.
	 */
	async createSession(options?: CreateSessionOptions): Promise<Session> {
		const model = this.#use();
		const { native, signal } = readSessionOptions(options, this.info, this.#adapters, this.#draftThreads);
		const make = () => model.createSession(native);
		const free = (session: NativeSession) => session.dispose();
		return new Session(this, await awaitAbortable(make, signal, 'Making the session', free));
	}

	/**
	 * Writes the file of `corpus`, off the main thread, and does nothing where there is none. A fork that was
	 * disposed while other sessions share its context joins the corpus between two of their passes: to have it
	 * in the file, await a call of one of them before, such as `history()`. Rejects with `STATE_IO` or
	 * `DISPOSED`.
	 */
	async saveCorpus(): Promise<void> {
		const native = this.#use();
		await awaitNative(() => native.saveCorpus());
	}

	/**
	 * Gives the model up, and writes the file of `corpus`, off the main thread, where something was added since
	 * `saveCorpus()`. Dispose its sessions first: the conversation of one that remains is not in the file,
	 * keeps the weights in memory, and can no longer turn text into tokens. A second call waits for the first.
	 * Rejects with `STATE_IO` where the file could not be written; the model is disposed all the same.
	 */
	async dispose(): Promise<void> {
		if (this.#disposed) return this.#disposed.catch(() => {});
		this.#disposed = this.#dispose();
		return this.#disposed;
	}

	async #dispose(): Promise<void> {
		const native = this.#use();
		this.#native = null;
		// Where that fails, the native dispose tries once more, on this thread, and says what is wrong.
		await native.saveCorpus().catch(() => {});
		callNative(() => native.dispose());
	}

	/** `await using` disposes the model at the end of its block. Rejects as `dispose` does. */
	async [asyncDispose](): Promise<void> {
		await this.dispose();
	}

	async #readImage(image: CheckedImage): Promise<NativeImage> {
		this.#useWeights();
		const input = await nativeImage(image);
		// The addon encodes one at a time, and would start a thread for each that waits.
		const read = this.#reading.then(() => awaitNative(() => this.#useWeights().readImage(input)));
		this.#reading = read.catch(() => {});
		return read;
	}

	#useWeights(): NativeModel {
		const model = this.#use();
		if (!this.info.vocabOnly) return model;
		throw new RepriseError(
			'MODEL_VOCAB_ONLY',
			'The model was loaded with vocabOnly: true; load it without to compute texts',
		);
	}

	#use(): NativeModel {
		if (this.#native) return this.#native;
		throw new RepriseError('DISPOSED', 'The model was disposed; load it again');
	}
}
