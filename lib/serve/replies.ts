import type { FinishReason } from '../addon.js';
import type { Chat } from '../chat.js';
import type { Lease, Said } from '../conversations/conversations.js';
import type { GenerateOptions } from '../generate-options.js';
import type { Chunk, GenerationResult } from '../generation.js';
import { ApiError } from './api-error.js';

/** A part of one of the replies to a prompt. */
export interface Part<C extends Chunk> {
	/** Which reply. */
	readonly index: number;
	readonly chunk: C;
}

/** What gives chunks of a kind, and a result of a kind. */
interface Source<C extends Chunk, R extends GenerationResult> extends AsyncIterable<C> {
	readonly result: Promise<R>;
	abort(): void;
}

/** Replies to one prompt, as they come. */
export class Replies<C extends Chunk, R extends GenerationResult> {
	readonly #lease: Lease;
	readonly #sources: Array<Source<C, R>> = [];
	readonly #streams: Array<AsyncIterable<C>> = [];
	readonly #signal: AbortSignal;
	readonly #said: (result: R) => Said;

	private constructor(lease: Lease, signal: AbortSignal, said: (result: R) => Said) {
		this.#lease = lease;
		this.#signal = signal;
		this.#said = said;
	}

	/**
	 * Starts one in each chat of the lease, which is given back when they have ended, or where one cannot be started.
	 * Resolves when each has said something: what cannot be generated is told before an answer begins.
	 *
	 * @param start - Starts a reply. What it throws is what this rejects with.
	 * @param said - What a whole reply adds to its prompt.
	 */
	static async start<C extends Chunk, R extends GenerationResult>(
		lease: Lease,
		options: GenerateOptions,
		signal: AbortSignal,
		start: (chat: Chat, options: GenerateOptions) => Source<C, R>,
		said: (result: R) => Said,
	): Promise<Replies<C, R>> {
		const replies = new Replies<C, R>(lease, signal, said);
		try {
			for (const [index, chat] of lease.chats.entries())
				replies.#sources.push(start(chat, { ...options, ...seedOf(options, index), signal }));
			replies.#streams.push(...(await Promise.all(replies.#sources.map(begun))));
		} catch (error) {
			await replies.end();
			throw error;
		}
		return replies;
	}

	/**
	 * Hands over the parts of all replies in the order in which they come, and resolves with the whole replies. The
	 * next part of a reply is asked for when `take` has taken the one before: who reads slowly gets fewer, longer
	 * ones. Rejects as the generations do, and where `signal` ended them.
	 */
	async read(take: (part: Part<C>) => Promise<void> = async () => {}): Promise<R[]> {
		try {
			const [results] = await Promise.all([
				this.#whole(),
				...this.#streams.map(async (stream, index) => {
					for await (const chunk of stream) await take({ index, chunk });
				}),
			]);
			return results;
		} finally {
			await this.end();
		}
	}

	/** The lease goes back with the last token, however slowly its client reads. */
	async #whole(): Promise<R[]> {
		const results = await Promise.all(this.#sources.map(({ result }) => result));
		this.#signal.throwIfAborted();
		const [first] = results;
		await this.end(first && first.finishReason !== 'aborted' ? this.#said(first) : undefined);
		return results;
	}

	/** Ends what has not ended, and gives the lease back. A second call does nothing. */
	async end(said?: Said): Promise<void> {
		for (const source of this.#sources) source.abort();
		await Promise.allSettled(this.#sources.map(({ result }) => result));
		await this.#lease.release(said);
	}
}

/** The same chunks, of which the first has come. */
async function begun<C>(source: AsyncIterable<C>): Promise<AsyncIterable<C>> {
	const chunks = source[Symbol.asyncIterator]();
	const first = await chunks.next();
	return (async function* () {
		try {
			for (let next = first; !next.done; next = await chunks.next()) yield next.value;
		} finally {
			await chunks.return?.();
		}
	})();
}

/** Replies to one prompt differ; the first is the one that a request for one alone would get. */
function seedOf({ seed }: GenerateOptions, index: number): Pick<GenerateOptions, 'seed'> {
	return seed === undefined ? {} : { seed: (seed + index) % 2 ** 32 };
}

/** Why a reply ended, in the words of OpenAI's API. */
export function finishReasonOf(reason: FinishReason): 'stop' | 'length' | 'tool_calls' {
	if (reason === 'aborted') throw new ApiError(504, 'timeout_error', 'The reply was ended', 'aborted');
	if (reason === 'toolCalls') return 'tool_calls';
	return reason === 'end' || reason === 'stop' ? 'stop' : 'length';
}
