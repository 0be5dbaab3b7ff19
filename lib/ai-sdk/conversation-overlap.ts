import type { ChatMessage } from '../chat-message.js';

/** What a message says, in one text. */
function written(message: ChatMessage): string {
	const { content } = message;
	return content;
}

/** The length of a conversation, in UTF-16 units. */
export function writtenLength(messages: readonly ChatMessage[]): number {
	return messages.reduce((sum, message) => sum + written(message).length, 0);
}

/** How far two conversations are the same from their beginning on, in UTF-16 units. */
export function sharedLength(one: readonly ChatMessage[], other: readonly ChatMessage[]): number {
	let sum = 0;
	for (const [index, message] of one.entries()) {
		const counterpart = other[index];
		if (counterpart?.role !== message.role) break;
		const [here, there] = [written(message), written(counterpart)];
		sum += sharedUnits(here, there);
		if (here !== there) break;
	}
	return sum;
}

function sharedUnits(one: string, other: string): number {
	if (one === other) return one.length;
	let length = 0;
	while (length < one.length && one[length] === other[length]) length++;
	return length;
}
