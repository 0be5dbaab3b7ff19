import type { FinishReason } from '../addon.js';
import type { Lease } from '../conversations/conversations.js';
import type { GenerateOptions } from '../generate-options.js';
import type { Chunk, Generation, GenerationResult } from '../generation.js';
import { ApiError } from './api-error.js';

/** A part of one of the replies to a prompt. */
export interface Part {
	/** Which reply. */
	readonly index: number;
	readonly chunk: Chunk;
}

/** Replies to one prompt, as they come. */
export class Replies {
	readonly #lease: Lease;
	readonly #generations: Generation[];
	readonly #signal: AbortSignal;

	/** Throws what `session.generate` throws. */
	constructor(lease: Lease, options: GenerateOptions, signal: AbortSignal) {
		this.#lease = lease;
		this.#signal = signal;
		this.#generations = [];
		for (const [index, branch] of lease.branches.entries())
			this.#generations.push(branch.generate({ ...options, ...seedOf(options, index), signal }));
	}

	/**
	 * Hands over the parts of all replies in the order in which they come, and resolves with the whole replies. The
	 * next part of a reply is asked for when `take` has taken the one before: who reads slowly gets fewer, longer
	 * ones. Rejects as the generations do, and where `signal` ended them.
	 */
	async read(take: (part: Part) => Promise<void> = async () => {}): Promise<GenerationResult[]> {
		let whole: Parameters<Lease['release']>[0];
		try {
			await Promise.all(
				this.#generations.map(async (generation, index) => {
					for await (const chunk of generation) await take({ index, chunk });
				}),
			);
			const results = await Promise.all(this.#generations.map(({ result }) => result));
			this.#signal.throwIfAborted();
			const [first] = results;
			whole = first && { text: first.text, tokens: first.tokens.length };
			return results;
		} catch (error) {
			for (const generation of this.#generations) generation.abort();
			await Promise.allSettled(this.#generations.map(({ result }) => result));
			throw error;
		} finally {
			await this.#lease.release(whole);
		}
	}
}

/** Replies to one prompt differ; the first is the one that a request for one alone would get. */
function seedOf({ seed }: GenerateOptions, index: number): Pick<GenerateOptions, 'seed'> {
	return seed === undefined ? {} : { seed: (seed + index) % 2 ** 32 };
}

/** Why a reply ended, in the words of OpenAI's API. */
export function finishReasonOf(reason: FinishReason): 'stop' | 'length' {
	if (reason === 'aborted') throw new ApiError(504, 'timeout_error', 'The reply was ended', 'aborted');
	return reason === 'end' || reason === 'stop' ? 'stop' : 'length';
}
