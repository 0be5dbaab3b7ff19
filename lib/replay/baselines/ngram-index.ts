/** Where the last `n` tokens of a growing text occurred before. */
export class NgramIndex {
	readonly #n: number;
	readonly #first = new Map<string, number>();
	readonly #last = new Map<string, number>();
	/** Where the first such occurrence ends (exclusive), undefined without one. */
	earliest: number | undefined;
	/** Where the last one before the present end ends (exclusive), undefined without one. */
	latest: number | undefined;

	constructor(n: number) {
		this.#n = n;
	}

	/** To be called for each token that `text` grows by. */
	grow(text: readonly number[]): void {
		if (text.length < this.#n) return;
		const key = text.slice(-this.#n).join();
		this.earliest = this.#first.get(key);
		this.latest = this.#last.get(key);
		if (this.earliest === undefined) this.#first.set(key, text.length);
		this.#last.set(key, text.length);
	}
}
