import { onAbort } from '../abort.js';

interface Waiting {
	readonly weight: number;
	readonly admit: () => void;
}

/** The requests that wait, at most, and what those beyond are told. */
export interface QueueBound {
	readonly most: number;
	readonly refusal: (waiting: number) => Error;
}

/**
 * Lets so many replies be generated at a time. Requests beyond that wait in the order in which they came; where
 * too many wait, others are refused.
 */
export class Admission {
	readonly #most: number;
	readonly #bound: QueueBound | undefined;
	readonly #queue: Waiting[] = [];
	#running = 0;

	/**
	 * @param most - Replies at a time.
	 * @param bound - Where the queue ends. Default: nowhere.
	 */
	constructor(most: number, bound?: QueueBound) {
		this.#most = most;
		this.#bound = bound;
	}

	/** Replies that are generated. */
	get running(): number {
		return this.#running;
	}

	/** Requests that wait. */
	get waiting(): number {
		return this.#queue.length;
	}

	/**
	 * Waits for its turn, and gives what ends it. Rejects with the refusal where too many wait, and with the reason
	 * of `signal` where that is aborted first.
	 *
	 * @param weight - The replies that it stands for, at most as many as there may be.
	 */
	async enter(weight: number, signal: AbortSignal): Promise<() => void> {
		signal.throwIfAborted();
		if (this.#queue.length > 0 || this.#running + weight > this.#most) await this.#wait(weight, signal);
		else this.#running += weight;
		let entered = true;
		return () => {
			if (!entered) return;
			entered = false;
			this.#running -= weight;
			this.#admit();
		};
	}

	async #wait(weight: number, signal: AbortSignal): Promise<void> {
		if (this.#bound && this.#queue.length >= this.#bound.most) throw this.#bound.refusal(this.#queue.length);
		await new Promise<void>((resolve, reject) => {
			const unsubscribe = onAbort(signal, () => {
				this.#queue.splice(this.#queue.indexOf(waiting), 1);
				reject(signal.reason);
				this.#admit();
			});
			const waiting = {
				weight,
				admit: () => {
					unsubscribe();
					resolve();
				},
			};
			this.#queue.push(waiting);
		});
	}

	#admit(): void {
		for (;;) {
			const [next] = this.#queue;
			if (!next || this.#running + next.weight > this.#most) return;
			this.#queue.shift();
			this.#running += next.weight;
			next.admit();
		}
	}
}
