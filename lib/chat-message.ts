/** One message of a conversation. */
export interface ChatMessage {
	/** Who wrote the message: `assistant` is the model. */
	readonly role: 'system' | 'user' | 'assistant';
	/** The text of the message. */
	readonly content: string;
}

/**
 * The messages that a reply answers, and how the reply begins: with the last message, where it is the
 * assistant's.
 */
export function splitBegun(messages: readonly ChatMessage[]): {
	asked: readonly ChatMessage[];
	begun: string;
} {
	const last = messages.at(-1);
	return last?.role === 'assistant'
		? { asked: messages.slice(0, -1), begun: last.content }
		: { asked: messages, begun: '' };
}

/** A conversation whose reply goes on from `begun`. */
export function begunWith(asked: readonly ChatMessage[], begun: string): readonly ChatMessage[] {
	return begun === '' ? asked : [...asked, { role: 'assistant', content: begun }];
}
