import { RandomBytes } from '../../scripts/gguf/random-bytes.js';

/** A seeded source of choices. */
export class Choices {
	private readonly random: RandomBytes;

	constructor(seed: number, name: string) {
		this.random = new RandomBytes(seed, name);
	}

	/** An integer in 0…`end` - 1. */
	below(end: number): number {
		return this.random.next(4).readUInt32LE() % end;
	}

	/** True in `percent` of a hundred cases. */
	chance(percent: number): boolean {
		return this.below(100) < percent;
	}

	of<T>(values: readonly T[]): T {
		return values[this.below(values.length)] as T;
	}
}
