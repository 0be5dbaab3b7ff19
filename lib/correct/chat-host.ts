import type { ChatOptions } from '../chat.js';
import type { ChatMessage } from '../chat-message.js';
import type { Generation } from '../generation.js';
import type { PrefillOptions, PrefillResult } from '../prefill.js';
import type { ReplyOptions } from '../tools/reply-options.js';
import type { Cost } from './cost.js';

/** What the loop needs of a chat; `Chat` is one. */
export interface ChatLike {
	/** The session that the chat is computed in. */
	readonly session: {
		/** The model of the session. */
		readonly model: {
			/**
			 * The tokens of a text.
			 *
			 * @param text - The text.
			 */
			tokenize(text: string): Int32Array;
			/**
			 * The text of tokens.
			 *
			 * @param tokens - Their ids.
			 */
			detokenize(tokens: readonly number[]): string;
		};
		/** Frees the session. */
		dispose(): Promise<void>;
	};
	/**
	 * Replaces the conversation and generates the reply to it, as `Chat.reply` does.
	 *
	 * @param messages - The conversation; a last message of the assistant is the beginning of the reply.
	 * @param options - How the reply is generated.
	 */
	reply(messages: readonly ChatMessage[], options?: ReplyOptions): Generation;
	/**
	 * Computes the prompt of a reply, as `Chat.prefill` does.
	 *
	 * @param messages - The conversation that is to be replied to.
	 * @param options - Progress and abort.
	 */
	prefill(messages: readonly ChatMessage[], options?: PrefillOptions): Promise<PrefillResult>;
	/** Makes the same conversation in a session of its own. */
	fork(): Promise<ChatLike>;
}

/**
 * Gives the chat that a step generates in, and counts what opening it costs. The messages are those that its
 * next reply is to.
 */
export type OpenChat = (messages: readonly ChatMessage[], spend: (cost: Cost) => void) => Promise<ChatLike>;

/** What the loop needs of a session; `Session` is one. */
export interface ChatHost {
	/**
	 * Begins a conversation, as `Session.chat` does.
	 *
	 * @param options - The template, and what the conversation begins with.
	 */
	chat(options?: ChatOptions): ChatLike;
}
