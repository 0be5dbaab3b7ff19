import type { ChatOptions, ReplyOptions } from '../chat.js';
import type { ChatMessage } from '../chat-message.js';
import type { Generation } from '../generation.js';
import type { PrefillOptions, PrefillResult } from '../session.js';
import type { Cost } from './cost.js';

/** What the loop needs of a chat; `Chat` is one. */
export interface ChatLike {
	readonly session: {
		readonly model: { tokenize(text: string): Int32Array };
		dispose(): Promise<void>;
	};
	/** A last message of the assistant is the beginning of the reply. */
	reply(messages: readonly ChatMessage[], options?: ReplyOptions): Generation;
	prefill(messages: readonly ChatMessage[], options?: PrefillOptions): Promise<PrefillResult>;
	/** The same conversation in a session of its own. */
	fork(): Promise<ChatLike>;
}

/** The chat to speak in, and the cost of opening it: its next reply is to these messages. */
export type OpenChat = (messages: readonly ChatMessage[], spend: (cost: Cost) => void) => Promise<ChatLike>;

/** What the loop needs of a session; `Session` is one. */
export interface ChatHost {
	chat(options?: ChatOptions): ChatLike;
}
