import { assistantMessage } from '../chat-message.js';
import type { Generation } from '../generation.js';
import { readToEnd } from '../queue.js';
import type { Reply, ReplyChunk, ReplyResult } from './reply.js';

/** A reply of one round whose text is all content. */
export class ReplyRounds<Output = unknown> implements Reply<Output> {
	readonly result: Promise<ReplyResult<Output>>;
	readonly #generation: Generation<Output>;

	/** `begun`: how the reply began before the generation. */
	constructor(generation: Generation<Output>, begun: string) {
		this.#generation = generation;
		this.result = generation.result.then((result) => ({
			...result,
			content: result.text,
			reasoning: '',
			toolCalls: [],
			messages: [assistantMessage(begun + result.text)],
		}));
		// Whoever only iterates meets a failure there.
		this.result.catch(() => {});
	}

	abort(): void {
		this.#generation.abort();
	}

	async text(): Promise<string> {
		return (await this.result).text;
	}

	[Symbol.asyncIterator](): AsyncGenerator<ReplyChunk, void, void> {
		return readToEnd(this.#chunks(), this);
	}

	async *#chunks(): AsyncGenerator<ReplyChunk, void, void> {
		for await (const chunk of this.#generation)
			yield { ...chunk, delta: chunk.text === '' ? {} : { content: chunk.text }, round: 0 };
	}
}
