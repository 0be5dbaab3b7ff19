import type { ChatMessage } from '../chat-message.js';
import type { Prompt } from './conversations.js';

/** No text of a message has it: JSON writes it otherwise. */
const separator = '\0';

/** A prompt as one text: one that goes on from another begins with it. */
export function keyOf(prompt: Prompt): string {
	if (prompt.kind === 'chat') return chatKey(prompt.messages);
	return typeof prompt.text === 'string'
		? `text${separator}${prompt.text}`
		: `tokens${separator}${prompt.text.join(' ')} `;
}

/** The key of a prompt with its reply. Of tokens the reply's are not known here. */
export function extendedKey(prompt: Prompt, reply: string): string {
	if (prompt.kind === 'chat') return chatKey([...prompt.messages, { role: 'assistant', content: reply }]);
	return typeof prompt.text === 'string' ? keyOf(prompt) + reply : keyOf(prompt);
}

const chatKey = (messages: readonly ChatMessage[]) =>
	`chat${separator}${messages.map((message) => JSON.stringify(message) + separator).join('')}`;

/** How many units two texts have in common from the beginning on. */
export function sharedLength(one: string, other: string): number {
	const most = Math.min(one.length, other.length);
	let length = 0;
	while (length < most && one[length] === other[length]) length++;
	return length;
}
