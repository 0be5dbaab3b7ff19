import { availableParallelism } from 'node:os';
import type { NativeSessionOptions } from './addon.js';
import { boolean, type Check, integer, invalid, oneOf, readOptions, withDefault } from './options.js';

export type CacheType = 'f32' | 'f16' | 'q8_0' | 'q4_0';

export interface SessionOptions {
	/** Tokens of context, prompt and output of the session and all its forks together. Default: what the model was trained for, at most 4096. */
	contextLength?: number;
	/** Most tokens handed to llama.cpp at once while a prompt is computed. Default: 2048. */
	batchSize?: number;
	/** Most tokens computed at once. Default: 512. */
	microBatchSize?: number;
	/**
	 * CPU threads. Default: every logical CPU up to four, beyond that half of them; one for a model under 64 MB,
	 * whose passes are shorter than what threads lose by waiting for each other.
	 */
	threads?: number;
	/** Flash attention. Default: 'auto', llama.cpp's choice: on wherever it can be computed. */
	flashAttention?: 'auto' | 'on' | 'off';
	/** How keys are stored. Default: 'f16'. */
	keyType?: CacheType;
	/** How values are stored; a quantised type needs flash attention. Default: 'f16'. */
	valueType?: CacheType;
	/**
	 * Keep the whole history of sliding-window layers, which takes memory but lets any point be rolled back to
	 * and trees be verified. Default: true.
	 */
	fullSlidingWindow?: boolean;
	/**
	 * What happens when the context is full: 'error' ends the generation with finish reason 'context'; 'shift'
	 * drops the oldest half and goes on. Forks that are idle then keep their histories, but what they share is
	 * computed again when they are used. A prompt longer than the context is an error with both. Default: 'error'.
	 */
	overflow?: 'error' | 'shift';
	/** Most tokens of all references together, each of 20 to 60 bytes; the oldest are no longer drafted from beyond that. Default: 1,048,576. */
	referenceTokens?: number;
	/** Most sequences, forks and the leaves of draft trees together, 1…256; 0 leaves the choice to the engine. Default: 0. */
	maxSequences?: number;
}

const cacheType = oneOf<CacheType>('f32', 'f16', 'q8_0', 'q4_0');

/** For the command line too. */
export const sessionChecks = {
	contextLength: withDefault(integer(8, 2 ** 31 - 1), 0),
	batchSize: withDefault(integer(1, 65_536), 2048),
	microBatchSize: withDefault(integer(1, 65_536), 512),
	// Threads of one pass wait for each other without sleeping: one more than there are processors stalls them all.
	threads: withDefault(integer(1, availableParallelism()), 0),
	flashAttention: withDefault(oneOf('auto', 'on', 'off'), 'auto'),
	keyType: withDefault(cacheType, 'f16'),
	valueType: withDefault(cacheType, 'f16'),
	fullSlidingWindow: withDefault(boolean, true),
	overflow: withDefault(oneOf('error', 'shift'), 'error'),
	referenceTokens: withDefault(integer(1, 2 ** 29), 2 ** 20),
	maxSequences: withDefault(integer(0, 256), 0),
} satisfies Record<keyof SessionOptions, Check<unknown>>;

export function readSessionOptions(
	given: unknown,
	model: { trainedContextLength: number; sizeBytes: number },
): NativeSessionOptions {
	const read = readOptions(sessionChecks, given, 'createSession');
	if (read.valueType.startsWith('q') && read.flashAttention === 'off')
		throw invalid("'f32' or 'f16'", 'valueType without flash attention', read.valueType);
	return {
		...read,
		contextLength: read.contextLength || Math.min(model.trainedContextLength || 4096, 4096),
		threads: read.threads || defaultThreads(model),
	};
}

const isSmall = ({ sizeBytes }: { sizeBytes: number }) => sizeBytes < 64e6;

/** Two threads of one core share the units that matrix products keep busy; small machines are often virtual. */
function defaultThreads(model: { sizeBytes: number }): number {
	if (isSmall(model)) return 1;
	const logical = availableParallelism();
	return logical <= 4 ? logical : Math.ceil(logical / 2);
}
