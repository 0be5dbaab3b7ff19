/** Keeps values until somebody reads them, and gives them out in their order. */
export interface Waiting<In, Out> {
	add(value: In): void;
	/** Takes out the oldest value, if there is one. */
	take(): Out | undefined;
}

/** Hands values from where they are made to where they are read. */
export class Queue<In, Out = In> implements AsyncIterable<Out> {
	readonly #waiting: Waiting<In, Out>;
	#wake: Array<() => void> = [];
	#ended = false;

	/** A queue that gives out what `waiting` makes of the values. */
	constructor(waiting: Waiting<In, Out>) {
		this.#waiting = waiting;
	}

	/** A queue that gives out each value as it is. */
	static ofValues<T>(): Queue<T> {
		const values: T[] = [];
		return new Queue({ add: (value) => void values.push(value), take: () => values.shift() });
	}

	get ended(): boolean {
		return this.#ended;
	}

	push(value: In): void {
		this.#waiting.add(value);
		this.#wakeReaders();
	}

	/** Tells the reader that no more values come; those that are unread can still be read. */
	end(): void {
		this.#ended = true;
		this.#wakeReaders();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<Out, void, void> {
		for (;;) {
			const value = this.#waiting.take();
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

/** Something under way that gives out values as they come and settles when it has ended. */
interface UnderWay {
	readonly result: Promise<unknown>;
	abort(): void;
}

/**
 * Reads `values` to their end and throws what `work` failed with; whoever stops reading earlier aborts it.
 */
export async function* readToEnd<T>(values: AsyncIterable<T>, work: UnderWay): AsyncGenerator<T, void, void> {
	try {
		yield* values;
		await work.result;
	} finally {
		work.abort();
		await work.result.catch(() => {});
	}
}
