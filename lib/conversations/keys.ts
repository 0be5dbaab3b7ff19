import { createHash } from 'node:crypto';
import type { ChatMessage, ImagePart } from '../chat-message.js';
import { bytesOfDataUrl, imageInput, isDataUrl } from '../image-input.js';
import type { Prompt, Said } from './conversations.js';

/** No text of a message has it: JSON writes it otherwise. */
const separator = '\0';

/** A prompt as one text: one that goes on from another begins with it. */
export function keyOf(prompt: Prompt): string {
	if (prompt.kind === 'text')
		return typeof prompt.text === 'string'
			? `text${separator}${prompt.text}`
			: `tokens${separator}${prompt.text.join(' ')} `;
	const { tools = {}, toolChoice, reasoning } = prompt.options ?? {};
	const shown =
		toolChoice === 'none' ? [] : Object.entries(tools).map(([name, tool]) => [name, tool.description]);
	return `chat${separator}${JSON.stringify([shown, reasoning])}${separator}${keyOfMessages(prompt.messages)}`;
}

/** The key of a prompt with what was said to it. Of tokens those of a reply are not known here. */
export function extendedKey(prompt: Prompt, { messages = [], text = '' }: Said): string {
	const key = keyOf(prompt);
	if (prompt.kind === 'chat') return key + keyOfMessages(messages);
	return typeof prompt.text === 'string' ? key + text : key;
}

const keyOfMessages = (messages: readonly ChatMessage[]) =>
	messages.map((message) => keyOfMessage(message) + separator).join('');

/** Clients send back what was said and which tools were called, but not what was thought. */
function keyOfMessage(message: ChatMessage): string {
	const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
	const { role, content } = message;
	const said =
		typeof content === 'string'
			? content
			: content.map((part) => (part.type === 'text' ? part.text : [hashOf(part)]));
	return JSON.stringify([role, said, ...calls.map((call) => [call.name, call.arguments])]);
}

/** The key of a prompt is made before its reply and after it. */
const hashes = new WeakMap<ImagePart, string>();

/** Images of the same bytes are the same, however often a client sends them. */
function hashOf(part: ImagePart): string {
	const known = hashes.get(part);
	if (known !== undefined) return known;
	const image = imageInput(part.image, 'image');
	const hash = createHash('sha256');
	if (typeof image === 'string')
		if (isDataUrl(image)) hash.update('file ').update(bytesOfDataUrl(image, 'image'));
		else hash.update(`path ${image}`);
	else if ('width' in image) hash.update(`${image.width} x ${image.height} `).update(image.data);
	else hash.update('file ').update(image);
	const made = hash.digest('base64');
	hashes.set(part, made);
	return made;
}

/** How many units two texts have in common from the beginning on. */
export function sharedLength(one: string, other: string): number {
	const most = Math.min(one.length, other.length);
	let length = 0;
	while (length < most && one[length] === other[length]) length++;
	return length;
}
