import type { Session } from '../../../lib/session.js';
import type { SessionOptions } from '../../../lib/session-options.js';
import type { tinyShapes } from '../models.js';

type Shape = (typeof tinyShapes)[number];

/** The kinds of cache that a model can have, each with the shapes and options that have it. */
export const caches = {
	full: { shapes: ['tiny-llama', 'tiny-qwen2'], options: {} },
	'sliding-window': { shapes: ['tiny-gemma3'], options: {} },
	'pruned-window': { shapes: ['tiny-gemma3'], options: { fullSlidingWindow: false } },
	recurrent: { shapes: ['tiny-mamba'], options: {} },
	hybrid: { shapes: ['tiny-lfm2'], options: {} },
} as const satisfies Record<string, { shapes: readonly Shape[]; options: SessionOptions }>;

export type Cache = keyof typeof caches;
export const cacheNames = Object.keys(caches) as Cache[];

/** What can be done to a family of sessions, and how often of a hundred times. */
export const operations = {
	generate: 22,
	'generate at once': 14,
	'generate beside': 6,
	append: 10,
	prefill: 9,
	rollback: 12,
	fork: 10,
	drop: 5,
	save: 4,
	load: 4,
	abort: 6,
	'abort prompt': 3,
} as const;
export type Operation = keyof typeof operations;

/**
 * How the context of a round fills: 'roomy' never; 'shifting' lets each session shift alone; 'crowded' makes the
 * sessions take each other's room, with either overflow.
 */
export type Filling = 'roomy' | 'shifting' | 'crowded';

/**
 * Margins of one token, in a session and in a fresh one, differ by rounding: at most this, by the type of the cache
 * and with flash attention, which rounds more than either.
 */
export const rounding = { f32: 0.04, f16: 0.1, flash: 0.15 };
export type Arithmetic = keyof typeof rounding;

export interface Member {
	name: string;
	session: Session;
	/** What its history must be, kept outside of it. */
	history: Int32Array;
	/**
	 * Set once it has shifted, for its cells know tokens then that its history has no longer: a session alone, to
	 * which the same was done without drafts.
	 */
	twin: Session | null;
	/** Whether a session is known that must say the same. Not after a near-tie before a shift, say. */
	comparable: boolean;
}

export interface Tally {
	operations: number;
	rounds: number;
	/** Generations that were held against another's. */
	compared: number;
	tokens: number;
	accepted: number;
	nearTies: number;
	shifts: number;
	/** Highest difference of two margins, by arithmetic. */
	rounding: Record<Arithmetic, number>;
}

/** A session that went on otherwise than it should have. The message has the seed and the operations. */
export class WrongSession extends Error {}
