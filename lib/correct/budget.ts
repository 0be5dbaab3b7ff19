import { types } from 'node:util';
import { boolean, type Check, integer, number, optional, readOptions, withDefault } from '../options.js';
import type { StopReason } from './events.js';

/** Bounds of a run. What is reached first ends it, with the best answer so far. */
export interface Budget {
	/** Most rounds: the first answer is one, each revision another. Default: 4. */
	rounds?: number;
	/** Most tokens to say in all. Default: no bound. */
	tokens?: number;
	/** Most milliseconds. Default: no bound. */
	timeMs?: number;
	/** Lets the first answer come to its end however long it takes. Default: false. */
	wholeFirst?: boolean;
}

const checks = {
	rounds: withDefault(integer(1, 2 ** 31 - 1), 4),
	tokens: optional(integer(1, 2 ** 53 - 1)),
	timeMs: optional(number(0, Infinity)),
	wholeFirst: withDefault(boolean, false),
} satisfies Record<keyof Budget, Check<unknown>>;

/** For the command line too. */
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

/** Whether it is one, of whichever copy of this library; see `isRepriseError`. */
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

	/** `startAt`: milliseconds that an earlier part of the run took. */
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

	get rounds(): number {
		return this.#budget.rounds;
	}

	/** Milliseconds since the start of the run. */
	get atMs(): number {
		return performance.now() - this.#start;
	}

	/** Milliseconds that are left. */
	get msLeft(): number {
		return Math.max(0, this.#budget.timeMs - this.atMs);
	}

	/** Tokens that are left. */
	get tokensLeft(): number {
		return this.#tokensLeft;
	}

	spend(tokens: number): void {
		this.#tokensLeft = Math.max(0, this.#tokensLeft - tokens);
		this.#whole?.spend(tokens);
	}

	/** Which budget is spent, rounds aside. */
	get spentBudget(): 'tokens' | 'time' | null {
		if (this.#tokensLeft === 0) return 'tokens';
		return this.msLeft === 0 ? 'time' : null;
	}
}
