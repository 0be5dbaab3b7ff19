import { availableParallelism } from 'node:os';
import { type AbortOptions, abortChecks } from './abort.js';
import { type Adapter, adapterList, appliedAdapters, type ReadAdapter } from './adapters.js';
import type { NativeModelInfo, NativeSessionOptions } from './addon.js';
import {
	boolean,
	type Check,
	integer,
	invalid,
	oneOf,
	optional,
	optionsOf,
	type Read,
	readOptions,
	withDefault,
} from './options.js';

/** How the numbers of a cache are stored: in 32 or 16 bits, or quantised to some 8 or 4 bits. */
export type CacheType = 'f32' | 'f16' | 'q8_0' | 'q4_0';

/** The size of a session's context, and how it is computed. */
export interface SessionOptions {
	/**
	 * How many tokens the context holds, prompts and outputs of the session and all its forks together.
	 * Default: what the model was trained for, at most 4096.
	 */
	contextLength?: number;
	/** How many tokens of a prompt are handed to llama.cpp at once, at most, 1…65,536. Default: 2048. */
	batchSize?: number;
	/**
	 * How many tokens are computed at once, at most, 1…65,536. Models whose images' rows see each other (Gemma 3)
	 * need as many as an image has. Default: 512.
	 */
	microBatchSize?: number;
	/**
	 * How many CPU threads compute. Default: as many as there are logical CPUs up to four, and half of them
	 * beyond that; one for a model under 64 MB, whose passes are shorter than the time that threads lose by
	 * waiting for each other, and one where all layers are on devices, since the processor looks up no more than
	 * the tokens' embeddings then.
	 */
	threads?: number;
	/**
	 * Whether flash attention is used. Default: 'auto', wherever it can be computed, for models of every size. 'off' is
	 * refused with a quantised `valueType`.
	 */
	flashAttention?: 'auto' | 'on' | 'off';
	/**
	 * Whether logits stay on the device that computes them: it finds the best four of each row, and whole rows are
	 * copied only where the sampler needs them. Tokens and margins are the same. Default: 'auto', where that device is
	 * a GPU with memory of its own, and the vocabulary has 16,384 tokens or more. 'on' is refused where it cannot be
	 * done: with a vocabulary below 1,280 tokens, or where the device lacks an operation.
	 */
	deviceLogits?: 'auto' | 'on' | 'off';
	/** How the keys of the cache are stored. Default: 'f16'. */
	keyType?: CacheType;
	/** How the values of the cache are stored; a quantised type needs flash attention. Default: 'f16'. */
	valueType?: CacheType;
	/**
	 * Whether sliding-window layers keep the whole history. That takes memory, but lets a session roll back to
	 * any point and verify trees of drafts. Default: true.
	 */
	fullSlidingWindow?: boolean;
	/**
	 * What happens when the context is full: 'error' ends the generation with finish reason 'context'; 'shift'
	 * drops the oldest half and goes on. Idle forks keep their histories then, but what they share is computed
	 * again when they are used. A prompt longer than the context is an error with both. Default: 'error'.
	 */
	overflow?: 'error' | 'shift';
	/**
	 * How many tokens of all references together are kept to draft from; beyond that the oldest are forgotten.
	 * A token takes 20 to 60 bytes. Default: 1,048,576.
	 */
	referenceTokens?: number;
	/**
	 * How many sequences the context has, 1…256, for forks and the leaves of draft trees together; 0 leaves the
	 * choice to the engine. Default: 0.
	 */
	maxSequences?: number;
	/**
	 * Who searches references, predictions and the corpus for what the text may go on with: an index of each, a
	 * device, which needs no index, or whichever takes less time. 'device' is refused where no device can; for one
	 * short conversation the index is faster. Default: 'auto'.
	 */
	matching?: 'auto' | 'index' | 'device';
}

/** How a session is made. */
export interface CreateSessionOptions extends SessionOptions, AbortOptions {
	/**
	 * The adapters that the session applies, of those that the model was loaded with; the scale of one is 1 unless
	 * it is given. Forks apply them, too. Default: all adapters of the model, with the scales that it was loaded with.
	 */
	adapters?: readonly Adapter[];
}

const cacheType = oneOf<CacheType>('f32', 'f16', 'q8_0', 'q4_0');

/** For the command line too. */
export const sessionChecks = optionsOf('createSession', {
	contextLength: withDefault(integer(8, 2 ** 31 - 1), 0),
	batchSize: withDefault(integer(1, 65_536), 2048),
	microBatchSize: withDefault(integer(1, 65_536), 512),
	// Threads of one pass wait for each other without sleeping: one more than there are processors stalls them all.
	threads: withDefault(integer(1, availableParallelism()), 0),
	flashAttention: withDefault(oneOf('auto', 'on', 'off'), 'auto'),
	deviceLogits: withDefault(oneOf('auto', 'on', 'off'), 'auto'),
	keyType: withDefault(cacheType, 'f16'),
	valueType: withDefault(cacheType, 'f16'),
	fullSlidingWindow: withDefault(boolean, true),
	overflow: withDefault(oneOf('error', 'shift'), 'error'),
	referenceTokens: withDefault(integer(1, 2 ** 29), 2 ** 20),
	maxSequences: withDefault(integer(0, 256), 0),
	matching: withDefault(oneOf('auto', 'index', 'device'), 'auto'),
} satisfies Record<keyof SessionOptions, Check<unknown>>);

/** The tokens of a context where nothing is said about them. */
export function defaultContextLength(model: Pick<NativeModelInfo, 'trainedContextLength'>): number {
	return Math.min(model.trainedContextLength || 4096, 4096);
}

/** Checks and completes the options; those that the addon takes are `native`. */
export function readSessionOptions(
	given: unknown,
	model: Pick<NativeModelInfo, 'trainedContextLength' | 'sizeBytes' | 'placement'>,
	loaded: readonly ReadAdapter[] = [],
	draftThreads = 1,
): { native: NativeSessionOptions; signal: AbortSignal | undefined } {
	const checks = { ...sessionChecks, ...abortChecks, adapters: optional(adapterList) };
	const { signal, adapters, ...read } = readOptions(checks, given, 'createSession');
	refuseContradictions(read);
	const native = {
		...read,
		contextLength: read.contextLength || defaultContextLength(model),
		threads: read.threads || defaultThreads(model),
		draftThreads,
		adapters: appliedAdapters(adapters ?? loaded, loaded),
	};
	return { native, signal };
}

/** A session that is not made: where `contextLength` or `threads` is 0, it is a default that the model decides. */
export function readSessionRoom(given: unknown): NativeSessionOptions {
	const read = readOptions(sessionChecks, given, 'roomFor');
	refuseContradictions(read);
	return { ...read, draftThreads: 1, adapters: [] };
}

function refuseContradictions(read: Read<typeof sessionChecks>): void {
	if (read.valueType.startsWith('q') && read.flashAttention === 'off')
		throw invalid("'f32' or 'f16'", 'valueType without flash attention', read.valueType);
}

const isSmall = ({ sizeBytes }: { sizeBytes: number }) => sizeBytes < 64e6;

/**
 * Two threads of one core share the units that matrix products keep busy; small machines are often virtual.
 */
export function defaultThreads(model: Pick<NativeModelInfo, 'sizeBytes' | 'placement'>): number {
	return model.placement.whole || isSmall(model) ? 1 : coreThreads();
}

/** As many threads as there are logical CPUs up to four, and half of them beyond that. */
export function coreThreads(): number {
	const logical = availableParallelism();
	return logical <= 4 ? logical : Math.ceil(logical / 2);
}
