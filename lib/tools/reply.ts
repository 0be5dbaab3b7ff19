import type { ChatMessage, ToolCall } from '../chat-message.js';
import type { Chunk, Generation, GenerationResult } from '../generation.js';

/** What a chunk adds to a call of a tool. */
export interface ToolCallDelta {
	/** The call's place among those of its message. */
	readonly index: number;
	/** Names the call; there with its first delta alone. */
	readonly id?: string;
	/** The name of the tool; there with the call's first delta alone. */
	readonly name?: string;
	/** What comes after the text of the arguments so far. */
	readonly arguments?: string;
}

/** What a chunk adds to the parts of a reply. */
export interface ReplyDelta {
	/** What comes after the content so far. */
	readonly content?: string;
	/** What comes after the reasoning so far. */
	readonly reasoning?: string;
	/** What comes after the calls so far. */
	readonly toolCalls?: readonly ToolCallDelta[];
}

/** What one or more passes added to a reply. `text` is what the model wrote, marks of its format included. */
export interface ReplyChunk extends Chunk {
	/** What the text adds to the reply's parts. */
	delta: ReplyDelta;
	/** How many times the model went on from the results of tools before. */
	round: number;
}

/** A reply, and how it came about. What `text` and the numbers say is of the last round. */
export interface ReplyResult<Output = unknown> extends GenerationResult<Output> {
	/** The answer: the text without reasoning and calls. */
	content: string;
	/** What the model thought before; empty where it did not. */
	reasoning: string;
	/** The calls that the reply ended with; empty where it did not end with any. */
	toolCalls: readonly ToolCall[];
	/** The messages that came: of the model and, where tools had handlers, with their results. */
	messages: readonly ChatMessage[];
}

/**
 * A reply under way: a generation, or several where tools were called. Its chunks and its result tell the answer
 * from the reasoning and from calls of tools.
 */
export interface Reply<Output = unknown> extends Generation<Output> {
	/** Settles when the reply has ended. */
	readonly result: Promise<ReplyResult<Output>>;
	/** The chunks as they come. */
	[Symbol.asyncIterator](): AsyncGenerator<ReplyChunk, void, void>;
}
