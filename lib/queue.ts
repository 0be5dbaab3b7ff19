/** Values handed from where they come up to where they are read. */
export class Queue<T> implements AsyncIterable<T> {
	readonly #unread: T[] = [];
	#wake: Array<() => void> = [];
	#ended = false;

	push(value: T): void {
		this.#unread.push(value);
		this.#wakeReaders();
	}

	end(): void {
		this.#ended = true;
		this.#wakeReaders();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		for (;;) {
			const value = this.#unread.shift();
			if (value !== undefined) yield value;
			else if (this.#ended) return;
			else await new Promise<void>((resolve) => this.#wake.push(resolve));
		}
	}

	#wakeReaders(): void {
		const readers = this.#wake;
		this.#wake = [];
		for (const wake of readers) wake();
	}
}
