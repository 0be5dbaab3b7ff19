import { types } from 'node:util';
import { boolean, type Check, integer, number, optional, readOptions, withDefault } from '../options.js';
import type { StopReason } from './events.js';

/** The bounds of a run. The one that is reached first ends it, with the best answer so far. */
export interface Budget {
	/** How many rounds there are at most: the first answer is one, and each revision another. Default: 4. */
	rounds?: number;
	/** How many tokens are generated in all, at most. Default: no bound. */
	tokens?: number;
	/** How many milliseconds the run takes, at most. Default: no bound. */
	timeMs?: number;
	/** Whether the first answer comes to its end however long it takes. Default: false. */
	wholeFirst?: boolean;
}

const checks = {
	rounds: withDefault(integer(1, 2 ** 31 - 1), 4),
	tokens: optional(integer(1, 2 ** 53 - 1)),
	timeMs: optional(number(0, Infinity)),
	wholeFirst: withDefault(boolean, false),
} satisfies Record<keyof Budget, Check<unknown>>;

/** Reads a budget; the command line reads its flags by this, too. */
export const readBudget: Check<Required<Budget>> = (value, name) => {
	const { tokens = Infinity, timeMs = Infinity, ...rest } = readOptions(checks, value, name);
	return { tokens, timeMs, ...rest };
};

/** Thrown where a step would go beyond a budget, or the caller has ended the run; never leaves a run. */
export class Stopped extends Error {
	override readonly name = 'Stopped';
	readonly reason: StopReason;

	constructor(reason: StopReason) {
		super(`The run was stopped: ${reason}`);
		this.reason = reason;
	}
}

/** Whether `error` is a `Stopped`, of whichever copy of this library; see `isRepriseError`. */
export function isStopped(error: unknown): error is Stopped {
	return types.isNativeError(error) && error.name === 'Stopped';
}

/** Counts what a run spends. */
export class Meter {
	readonly #whole: Meter | undefined;
	readonly #budget: Required<Budget>;
	readonly #start: number;
	#tokensLeft: number;

	private constructor(whole: Meter | undefined, budget: Required<Budget>, start: number) {
		this.#whole = whole;
		this.#budget = budget;
		this.#tokensLeft = budget.tokens;
		this.#start = start;
	}

	/** A meter of a run of which an earlier part took `startAt` milliseconds. */
	static start(budget: Required<Budget>, startAt: number): Meter {
		return new Meter(undefined, budget, performance.now() - startAt);
	}

	/** Meters for `count` branches, which share the tokens that are left evenly and all else together. */
	split(count: number): Meter[] {
		const left = this.#tokensLeft;
		return Array.from({ length: count }, (_, index) => {
			const tokens = left === Infinity ? left : Math.floor((left + count - 1 - index) / count);
			return new Meter(this, { ...this.#budget, tokens }, this.#start);
		});
	}

	/** How many rounds there are at most. */
	get rounds(): number {
		return this.#budget.rounds;
	}

	/** The milliseconds since the start of the run. */
	get atMs(): number {
		return performance.now() - this.#start;
	}

	/** The milliseconds that are left. */
	get msLeft(): number {
		return Math.max(0, this.#budget.timeMs - this.atMs);
	}

	/** The tokens that are left. */
	get tokensLeft(): number {
		return this.#tokensLeft;
	}

	/** Counts tokens that were generated. */
	spend(tokens: number): void {
		this.#tokensLeft = Math.max(0, this.#tokensLeft - tokens);
		this.#whole?.spend(tokens);
	}

	/** The budget that is spent, rounds aside; null where none is. */
	get spentBudget(): 'tokens' | 'time' | null {
		if (this.#tokensLeft === 0) return 'tokens';
		return this.msLeft === 0 ? 'time' : null;
	}
}
