interface Waiting {
	readonly weight: number;
	readonly admit: () => void;
}

/**
 * Lets so many replies be generated at a time. Requests beyond that wait in the order in which they came; where
 * too many wait, others are refused.
 */
export class Admission {
	readonly #most: number;
	readonly #mostWaiting: number;
	readonly #refusal: (waiting: number) => Error;
	readonly #queue: Waiting[] = [];
	#running = 0;

	/**
	 * @param most - Replies at a time.
	 * @param mostWaiting - Requests that wait, at most.
	 * @param refusal - What those beyond are told.
	 */
	constructor(most: number, mostWaiting: number, refusal: (waiting: number) => Error) {
		this.#most = most;
		this.#mostWaiting = mostWaiting;
		this.#refusal = refusal;
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
		if (this.#queue.length >= this.#mostWaiting) throw this.#refusal(this.#queue.length);
		await new Promise<void>((resolve, reject) => {
			const waiting = { weight, admit: () => resolve() };
			const leave = () => {
				const place = this.#queue.indexOf(waiting);
				if (place < 0) return;
				this.#queue.splice(place, 1);
				reject(signal.reason);
				this.#admit();
			};
			signal.addEventListener('abort', leave, { once: true });
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
