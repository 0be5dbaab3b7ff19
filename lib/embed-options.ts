import { availableParallelism } from 'node:os';
import { type AbortOptions, abortChecks } from './abort.js';
import type { NativeEmbedOptions, NativeModelInfo } from './addon.js';
import { boolean, type Check, integer, oneOf, optionsOf, readOptions, withDefault } from './options.js';
import { defaultThreads } from './session-options.js';

/**
 * How the vectors of a text's tokens become the text's own: their mean, that of the first token (`cls`) or that of
 * the last one.
 */
export type Pooling = 'mean' | 'cls' | 'last';

/** How documents are ranked. */
export interface RankOptions extends AbortOptions {
	/**
	 * Whether of a text that is too long its beginning is read, with the token that ends it; without, the call is
	 * refused with `CONTEXT_OVERFLOW`. Default: false.
	 */
	truncate?: boolean;
	/** How many CPU threads compute. Default: as many as those of a session. */
	threads?: number;
}

/** How texts are turned into vectors. */
export interface EmbedOptions extends RankOptions {
	/** Whether vectors have length 1, so that a dot product is their cosine similarity. Default: true. */
	normalize?: boolean;
	/**
	 * How the vectors of a text's tokens become the text's own. Default: as the model's file says; `mean` where it
	 * does not, as with most models that generate.
	 */
	pooling?: Pooling;
}

const rankChecks = optionsOf('rank', {
	...abortChecks,
	truncate: withDefault(boolean, false),
	// Threads of one pass wait for each other without sleeping: one more than there are processors stalls them all.
	threads: withDefault(integer(1, availableParallelism()), 0),
} satisfies Record<keyof RankOptions, Check<unknown>>);

const embedChecks = optionsOf('embed', {
	...rankChecks,
	normalize: withDefault(boolean, true),
	pooling: withDefault<NativeEmbedOptions['pooling']>(oneOf('mean', 'cls', 'last'), 'model'),
} satisfies Record<keyof EmbedOptions, Check<unknown>>);

type Sizes = Pick<NativeModelInfo, 'sizeBytes' | 'placement'>;

interface Read {
	native: NativeEmbedOptions;
	signal: AbortSignal | undefined;
}

export function readEmbedOptions(given: unknown, model: Sizes): Read {
	const { signal, ...read } = readOptions(embedChecks, given, 'embed');
	return { native: { ...read, threads: read.threads || defaultThreads(model) }, signal };
}

export function readRankOptions(given: unknown, model: Sizes): Read {
	const { signal, ...read } = readOptions(rankChecks, given, 'rank');
	const native = { ...read, threads: read.threads || defaultThreads(model), normalize: false };
	return { native: { ...native, pooling: 'model' }, signal };
}
