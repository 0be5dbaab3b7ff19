import type { NativeCall } from './abort.js';
import { loadAddonFile } from './loader/addon-file.js';
import type { TokenLogprobs } from './logprobs.js';
import type { NativeChatContext, NativeChatTemplateConstructor, NativeReply } from './native-chat.js';
import type { NativeDevice, NativeDeviceOptions, Placement, SessionPlacement } from './native-devices.js';
import type { NativeDrafterConstructor, NativeSuffixIndexConstructor } from './native-drafting.js';
import type { NativeImage, NativeImageInput } from './native-image.js';
import type { NativeMetrics } from './native-metrics.js';
import type { NativeSamplerOptions } from './native-sampler.js';
import type { NativeWorker, NativeWorkerClient, NativeWorkerOptions } from './native-worker.js';

/**
 * The native addon's exports, one to one. Units are in the names (`Ms`, `Micros`, `Bytes`); token ids
 * travel as `Int32Array`. Every asynchronous call does its work off the main thread. Native failures
 * are `Error`s that carry a `code` (see `errors.ts`).
 */
export interface NativeAddon {
	readonly llamaVersion: string;
	/**
	 * The variant of the code for the processor that computes, such as `haswell`; empty in a build for one processor.
	 * The environment's `REPRISE_CPU_VARIANT` chooses another one that runs here.
	 */
	readonly cpuVariant: string;
	systemInfo(): string;
	/**
	 * Vector units of the processor that the build does without, which makes it several times slower: 'AVX2'
	 * and the like.
	 */
	unusedVectorUnits(): string[];
	/** The codes that the addon's errors may have. Each is one of `errorCodes` in lib/errors.ts. */
	readonly errorCodes: readonly string[];
	/** The names of the addon's draft sources: `draftSources` below. */
	readonly draftSources: readonly string[];
	/** What the build can use, and what of it this machine and these workers have. */
	devices(
		options: Pick<NativeDeviceOptions, 'rpc'>,
	): NativeCall<{ backends: string[]; devices: NativeDevice[] }>;
	/** Where a model, and a session as `roomFor` describes it, would be; loads no weights. */
	planModel(path: string, options: NativeModelOptions): NativeCall<Placement>;
	/** `onProgress` receives 0…1. */
	loadModel(
		path: string,
		options: NativeModelOptions,
		onProgress: ((fraction: number) => void) | null,
	): NativeCall<NativeModel>;
	/**
	 * Starts llama.cpp's RPC server on a thread of its own. Throws `OPTION_INVALID`. `onClient` hears of each
	 * client that comes and goes.
	 */
	startWorker(options: NativeWorkerOptions, onClient: (client: NativeWorkerClient) => void): NativeWorker;
	/** The grammar of a JSON Schema in the words of lib/schema/convertible.ts. Throws `SCHEMA_UNSUPPORTED`. */
	schemaGrammar(schema: string): string;
	readonly ChatTemplate: NativeChatTemplateConstructor;
	readonly Drafter: NativeDrafterConstructor;
	readonly SuffixIndex: NativeSuffixIndexConstructor;
}

export interface NativeModelOptions extends NativeDeviceOptions {
	mmap: boolean;
	mlock: boolean;
	checkTensors: boolean;
	/** Load the vocabulary alone: tokenize and detokenize work, sessions do not. */
	vocabOnly: boolean;
	/** How it reads images; null where it reads none. */
	images: { projector: string; threads: number; minTokens: number; maxTokens: number } | null;
	/** The files of adapters that sessions may apply. */
	adapters: string[];
	/** A smaller model, or a draft head, that drafts for this one; null for none. It may be disposed once this one is loaded. */
	draftModel: NativeModel | null;
	/** Whether its layers for multi-token prediction are loaded, and draft for it. */
	mtp: boolean;
	/** The file that keeps the conversations of ended sessions; empty for none. */
	corpus: string;
	/** The oldest tokens of the corpus are forgotten beyond this many. */
	corpusTokens: number;
}

/**
 * What a model's layers keep of a text: `full` attention keeps every token, `sliding-window` layers the
 * latest ones beside it, `recurrent` layers one state for the whole text, and `hybrid` models have layers of
 * both.
 */
export type CacheKind = 'full' | 'sliding-window' | 'recurrent' | 'hybrid';
/**
 * The form of the drafts that one pass can verify: a `tree` of alternatives, a `chain` of at most eight
 * tokens, or none (`off`).
 */
export type DraftShape = 'tree' | 'chain' | 'off';

export interface NativeModelInfo {
	/** llama.cpp's name for the model's architecture, size and type of weights, such as `qwen2 0.5B Q4_0`. */
	description: string;
	/** The architecture, as the GGUF file names it, such as `qwen2`. */
	architecture: string;
	/** The number of weights. */
	parameters: number;
	/** The bytes of all tensors. */
	sizeBytes: number;
	/** The longest text, in tokens, that the model was trained for; 0 where the file does not say. */
	trainedContextLength: number;
	/** The numbers that stand for one token between two layers. */
	embeddingLength: number;
	/** The number of layers. */
	layers: number;
	/**
	 * The layers for multi-token prediction (MTP) that the file has beside `layers`: with some, `draft: { mtp: true }`
	 * lets them draft.
	 */
	mtpLayers: number;
	/** The attention heads of a layer. */
	heads: number;
	/** The heads of a layer that have keys and values of their own. */
	headsKv: number;
	/** The number of tokens in the vocabulary. Token ids are below it. */
	vocabularySize: number;
	/** What the layers keep of a text, which decides what a session can take back. */
	cacheKind: CacheKind;
	/** How many tokens a sliding-window layer looks back; 0 where there is no such layer. */
	slidingWindow: number;
	/** The form of the drafts that one pass can verify with this kind of cache. */
	drafts: DraftShape;
	/** The reason why drafts are not trees; empty where they are. */
	draftsReason: string;
	/** The reason why the model cannot generate text, as an embedding model cannot; empty where it can. */
	generationFault: string;
	/** The model's chat template, in Jinja; null where the file has none. */
	chatTemplate: string | null;
	/** Whether a text that begins a context gets the BOS token before it. */
	addBos: boolean;
	/** The id of the token that begins a text (BOS); -1 where there is none. */
	bosToken: number;
	/** The id of the token that ends a text (EOS); -1 where there is none. */
	eosToken: number;
	/** The id of the token that ends a turn of a chat (EOT); -1 where there is none. */
	eotToken: number;
	/** The BOS token as text; empty where there is none. */
	bosText: string;
	/** The EOS token as text; empty where there is none. */
	eosText: string;
	/** The ids of all tokens that end a generation. */
	endTokens: Int32Array;
	/** Whether it was loaded with a projector, so that prompts may have images. */
	readsImages: boolean;
	/** Whether only the vocabulary was loaded, so that sessions cannot be made. */
	vocabOnly: boolean;
	/** Where its layers and the logits are. */
	placement: Placement;
	/** The GGUF file's metadata by key, as text; arrays are left out. */
	metadata: Record<string, string>;
}

export interface NativeModel {
	info(): NativeModelInfo;
	tokenize(text: string, addSpecial: boolean, parseSpecial: boolean): Int32Array;
	/**
	 * Tokens of a text with its control tokens written out, off the main thread. `begins`: a whole context,
	 * which may begin with the BOS token; else a text in the middle of one. Rejects with `TEXT_INVALID`.
	 */
	tokens(text: string, begins: boolean): Promise<Int32Array>;
	detokenize(tokens: Int32Array, renderSpecial: boolean): string;
	/** The context of a chat in which there is no message yet. */
	chatContext(): NativeChatContext;
	/**
	 * The embedding of each text, or of each text's tokens, off the main thread. Rejects with `MODEL_INVALID`,
	 * `MODEL_VOCAB_ONLY`, `CONTEXT_OVERFLOW`, `PROMPT_EMPTY`, `TEXT_INVALID`, `OUT_OF_MEMORY`, `DECODE_FAILED`,
	 * `WORKER_UNAVAILABLE`, `ABORTED` or `DISPOSED`.
	 */
	embed(texts: ReadonlyArray<string | Int32Array>, options: NativeEmbedOptions): NativeCall<Float32Array[]>;
	/** The score of each document. Rejects likewise. */
	rank(query: string, documents: readonly string[], options: NativeEmbedOptions): NativeCall<Float32Array>;
	/**
	 * The tokens of a prompt to fill in the middle, off the main thread. Rejects with `MODEL_INVALID` or
	 * `TEXT_INVALID`.
	 */
	infill(prefix: string, suffix: string): NativeCall<Int32Array>;
	/** Reads an image off the main thread, one at a time. Throws and rejects with `IMAGE_INVALID`. */
	readImage(image: NativeImageInput): Promise<NativeImage>;
	createSession(options: NativeSessionOptions): NativeCall<NativeSession>;
	/** Writes the file of the corpus, where there is one and something was added. Rejects with `STATE_IO`. */
	saveCorpus(): Promise<void>;
	/** Writes the corpus too, and frees the model. Throws `STATE_IO`; the model is freed all the same. */
	dispose(): void;
}

export interface NativeEmbedOptions {
	/** `model`: as its file says, or the mean. */
	pooling: 'model' | 'mean' | 'cls' | 'last';
	normalize: boolean;
	truncate: boolean;
	threads: number;
}

export interface NativeSessionOptions {
	/** The tokens that the context holds, for the session and all its forks together. */
	contextLength: number;
	/** A llama_decode call takes this many tokens of a prompt at most. */
	batchSize: number;
	microBatchSize: number;
	threads: number;
	flashAttention: 'auto' | 'on' | 'off';
	/** Whether logits stay on the device that computes them; 'auto': where that is a GPU. */
	deviceLogits: 'auto' | 'on' | 'off';
	keyType: 'f32' | 'f16' | 'q8_0' | 'q4_0';
	valueType: 'f32' | 'f16' | 'q8_0' | 'q4_0';
	/** Whether sliding-window layers keep the whole history, so that any point can be rolled back to. */
	fullSlidingWindow: boolean;
	overflow: 'error' | 'shift';
	/** Beyond this many tokens of references the oldest are forgotten. */
	referenceTokens: number;
	/**
	 * The context has this many sequences, 1…256, for forks and leaves of trees together; 0 leaves it to the
	 * engine.
	 */
	maxSequences: number;
	/** So many threads compute a draft model, at most `threads`. */
	draftThreads: number;
	/** Adapters of the model, by their place in its options, and how strongly each is applied. */
	adapters: Array<[index: number, scale: number]>;
	/** Who searches references, predictions and the corpus. */
	matching: 'auto' | 'index' | 'device';
}

export interface NativeGenerateOptions {
	/**
	 * The whole context; its longest prefix shared with the history is reused. `null` goes on from the history.
	 */
	tokens: Int32Array | null;
	maxTokens: number;
	stop: string[];
	/** Whether end-of-turn tokens and other control tokens appear in the text. */
	renderSpecial: boolean;
	sampler: NativeSamplerOptions;
	/** How a chat's reply is written, and for how many tokens the model may think (null: as long as it likes). */
	reply?: NativeReply | null;
	/** So many of the most probable tokens are told beside each token; null for no log-probabilities at all. */
	logprobs: number | null;
	/** `auto` sizes each tree by cost; `fixed` always drafts `size` nodes where that many are to be had. */
	draft: { mode: 'auto' | 'fixed' | 'off'; size: number };
	prediction: Int32Array | null;
	/**
	 * For benchmarks alone: taken as the model's choices whatever its logits say; all else is done as ever. The
	 * generation ends with them.
	 */
	recorded?: Int32Array;
	/** For benchmarks alone: whether the drafter gets what verification ranks highest (default true). */
	recycling?: boolean;
	/**
	 * For benchmarks alone: whose tokens a tree holds where there is a draft model. `alternatives` takes copies where
	 * one is likely, or else the draft model's. Default: `tree`, both in one.
	 */
	mix?: 'tree' | 'alternatives' | 'copies' | 'model';
	/** For benchmarks alone: whether a grammar has a say in what is drafted. Default: true. */
	grammarDrafts?: boolean;
}

/** What a draft token can be taken from; cpp/draft/source.h says what each means. */
export const draftSources = [
	'prompt',
	'output',
	'prediction',
	'reference',
	'corpus',
	'grammar',
	'recycled',
	'draftModel',
] as const;
/**
 * Where a drafted token comes from: the `prompt` or the `output` of this conversation, the caller's
 * `prediction`, a `reference`, the `corpus` of earlier sessions, the model's own earlier candidates
 * (`recycled`), or a smaller model (`draftModel`).
 */
export type DraftSource = (typeof draftSources)[number];

export interface NativeSegment {
	/** A stretch of text, of whole characters. */
	text: string;
	/** Where its tokens were drafted from; `model` where no draft held them. */
	source: DraftSource | 'model';
}

export interface NativeChunk {
	/** Whole UTF-8 characters only. */
	segments: NativeSegment[];
	tokens: Int32Array;
	/** Difference of the two best scores where the token was chosen (logits, or logits with Gumbel noise). */
	margins: Float32Array;
	/** Of each token; empty where they were not asked for. */
	logprobs: TokenLogprobs[];
	metrics: NativeMetrics;
}

/**
 * Why a generation ended: the model ended its turn, or a grammar's text is complete and `logitBias` bans the
 * end (`end`); a stop string came (`stop`); `maxTokens` were generated (`length`); the context is full
 * (`context`); the caller aborted it (`aborted`); or a chat's reply ended with calls of tools that nobody
 * answered (`toolCalls`).
 */
export type FinishReason = 'end' | 'stop' | 'length' | 'context' | 'aborted' | 'toolCalls';

export interface NativeGenerateResult {
	finishReason: FinishReason;
	/** The stop string that ended the text, or empty. */
	stopString: string;
	metrics: NativeMetrics;
}

/** How an operation of a session starts. */
export interface NativeStart {
	/** It was aborted before it began. */
	aborted: boolean;
}

export interface NativeSession {
	/**
	 * Makes the history equal `tokens`, computing only what differs. Progress is tokens done of tokens to do.
	 */
	prefill(
		tokens: Int32Array,
		onProgress: ((done: number, total: number) => void) | null,
		start: NativeStart,
	): Promise<{ promptTokens: number; reusedTokens: number; prefillMs: number }>;
	/** Resolves after the last chunk was delivered; an abort resolves with `finishReason: 'aborted'`. */
	generate(
		options: NativeGenerateOptions,
		onChunk: (chunk: NativeChunk) => void,
		onProgress: ((done: number, total: number) => void) | null,
		start: NativeStart,
	): Promise<NativeGenerateResult>;
	/** Takes effect within one pass; the session stays usable. */
	abort(): void;
	/** The committed tokens. */
	history(): Promise<Int32Array>;
	rollback(length: number): Promise<void>;
	fork(): NativeCall<NativeSession>;
	addReference(tokens: Int32Array): Promise<void>;
	clearReferences(): Promise<void>;
	save(path: string): NativeCall<void>;
	load(path: string): NativeCall<void>;
	/** Milliseconds of a verify pass by rows at the present depth, as the cost model has it. */
	costTable(): Promise<Array<{ rows: number; ms: number }>>;
	placement(): Promise<SessionPlacement>;
	dispose(): void;
}

let loaded: NativeAddon | undefined;

function load(): NativeAddon {
	loaded ??= loadAddonFile() as NativeAddon;
	return loaded;
}

/** Loaded at first use, so that importing the package and what needs no model works without it. */
export const addon: NativeAddon = {
	get llamaVersion() {
		return load().llamaVersion;
	},
	get cpuVariant() {
		return load().cpuVariant;
	},
	systemInfo: () => load().systemInfo(),
	unusedVectorUnits: () => load().unusedVectorUnits(),
	get errorCodes() {
		return load().errorCodes;
	},
	get draftSources() {
		return load().draftSources;
	},
	devices: (options) => load().devices(options),
	planModel: (path, options) => load().planModel(path, options),
	loadModel: (path, options, onProgress) => load().loadModel(path, options, onProgress),
	schemaGrammar: (schema) => load().schemaGrammar(schema),
	startWorker: (options, onClient) => load().startWorker(options, onClient),
	get ChatTemplate() {
		return load().ChatTemplate;
	},
	get Drafter() {
		return load().Drafter;
	},
	get SuffixIndex() {
		return load().SuffixIndex;
	},
};
