/** Where parallel paths wait for each other to exchange something. Who leaves is not waited for. */
export class Meeting<T> {
	readonly #present: Set<number>;
	readonly #brought = new Map<number, T>();
	#waiting: Array<() => void> = [];

	constructor(members: number) {
		this.#present = new Set(Array.from({ length: members }, (_, index) => index));
	}

	/**
	 * Resolves with what the others brought, in their order, once all that are present have brought something.
	 */
	async exchange(member: number, value: T): Promise<T[]> {
		this.#brought.set(member, value);
		const others = new Promise<T[]>((resolve) => {
			this.#waiting.push(() =>
				resolve(
					[...this.#brought]
						.filter(([other]) => other !== member)
						.sort(([a], [b]) => a - b)
						.map(([, brought]) => brought),
				),
			);
		});
		this.#settle();
		return others;
	}

	leave(member: number): void {
		this.#present.delete(member);
		this.#settle();
	}

	#settle(): void {
		if (this.#waiting.length === 0 || ![...this.#present].every((member) => this.#brought.has(member)))
			return;
		for (const wake of this.#waiting) wake();
		this.#waiting = [];
		this.#brought.clear();
	}
}
