/** A seeded generator of random numbers (sfc32, PractRand): the same seed gives the same sequence anywhere. */
export class Random {
	#a = 0;
	#b = 0;
	#c: number;
	#counter = 1;

	/** `seed`: an integer; its low 32 bits count. */
	constructor(seed: number) {
		this.#c = seed >>> 0;
		for (let i = 0; i < 15; i++) this.#next();
	}

	#next(): number {
		const sum = (this.#a + this.#b + this.#counter++) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
		return sum >>> 0;
	}

	/** An integer in `from..to`, both included. */
	integer(from: number, to: number): number {
		return from + Math.floor((this.#next() / 2 ** 32) * (to - from + 1));
	}

	/** True with probability `p`. */
	chance(p: number): boolean {
		return this.#next() / 2 ** 32 < p;
	}

	pick<T>(from: readonly T[]): T {
		const picked = from[this.integer(0, from.length - 1)];
		if (picked === undefined) throw new RangeError('Nothing to pick from');
		return picked;
	}

	/** All of `from` in another order. */
	shuffle<T>(from: readonly T[]): T[] {
		const shuffled = [...from];
		for (let i = shuffled.length - 1; i > 0; i--) {
			const j = this.integer(0, i);
			[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
		}
		return shuffled;
	}

	/** `count` different members of `from`. */
	sample<T>(from: readonly T[], count: number): T[] {
		return this.shuffle(from).slice(0, count);
	}
}
