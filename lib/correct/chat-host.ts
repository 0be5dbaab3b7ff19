import type { ChatOptions, ReplyOptions } from '../chat.js';
import type { ChatMessage } from '../chat-message.js';
import type { Generation } from '../generation.js';
import type { PrefillOptions, PrefillResult } from '../prefill.js';
import type { Cost } from './cost.js';

/** What the loop needs of a chat; `Chat` is one. */
export interface ChatLike {
	/** The session of the chat. */
	readonly session: {
		/** The model of the session. */
		readonly model: {
			/** The tokens of a text. */
			tokenize(text: string): Int32Array;
		};
		/** Frees the session; the loop disposes of those that it forked. */
		dispose(): Promise<void>;
	};
	/** A last message of the assistant is the beginning of the reply. */
	reply(messages: readonly ChatMessage[], options?: ReplyOptions): Generation;
	/** Computes the prompt of these messages, which later replies go on from. */
	prefill(messages: readonly ChatMessage[], options?: PrefillOptions): Promise<PrefillResult>;
	/** The same conversation in a session of its own. */
	fork(): Promise<ChatLike>;
}

/** The chat to speak in, and the cost of opening it: its next reply is to these messages. */
export type OpenChat = (messages: readonly ChatMessage[], spend: (cost: Cost) => void) => Promise<ChatLike>;

/** What the loop needs of a session; `Session` is one. */
export interface ChatHost {
	/** A conversation in this session. */
	chat(options?: ChatOptions): ChatLike;
}
