import { createCipheriv, createHash } from 'node:crypto';

const algorithm = 'aes-128-ctr';

/**
 * An endless stream of random bytes that depends on `seed` and `name` alone, so that a tensor keeps its
 * weights when tensors before it change. The key stream of AES in counter mode: uniform, and fast enough
 * for files of gigabytes.
 */
export class RandomBytes {
	private readonly cipher;

	constructor(seed: number, name: string) {
		const digest = createHash('sha256').update(`${seed}\n${name}`).digest();
		this.cipher = createCipheriv(algorithm, digest.subarray(0, 16), digest.subarray(16, 32));
	}

	/** The next `length` bytes. */
	next(length: number): Buffer {
		return this.cipher.update(Buffer.alloc(length));
	}

	/** The next `count` numbers, uniform in -1…1. */
	nextUniform(count: number): Float32Array {
		const bytes = this.next(4 * count);
		const numbers = new Float32Array(count);
		for (let i = 0; i < count; i++) numbers[i] = bytes.readInt32LE(4 * i) / 2 ** 31;
		return numbers;
	}
}
