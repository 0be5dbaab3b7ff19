import { type ImageInput, imageInput } from './image-input.js';
import { type Check, invalid, object, oneOf, optional, readOptions, text } from './options.js';

/** A call of a tool that the model asks for. */
export interface ToolCall {
	/** Names the call: the message with its result has the same. */
	readonly id: string;
	/** The name of the tool. */
	readonly name: string;
	/** The arguments, as JSON; the text of it is the model's and may be none where the reply was cut short. */
	readonly arguments: string;
}

/** A text in a message of several parts. */
export interface TextPart {
	/** What kind of part it is. */
	readonly type: 'text';
	/** The text. */
	readonly text: string;
}

/** An image in a message of several parts. */
export interface ImagePart {
	/** What kind of part it is. */
	readonly type: 'image';
	/** The image. The messages of a chat have it as a path, a `data:` URL, or a copy of its bytes or pixels. */
	readonly image: ImageInput;
}

/** A message that tells the model how to behave. */
export interface SystemMessage {
	/** Who wrote the message. */
	readonly role: 'system';
	/** The text of the message. */
	readonly content: string;
}

/** A message that asks the model. */
export interface UserMessage {
	/** Who wrote the message. */
	readonly role: 'user';
	/** The text of the message; or texts and images, in their order. */
	readonly content: string | readonly (TextPart | ImagePart)[];
}

/** A message of the model. */
export interface AssistantMessage {
	/** Who wrote the message. */
	readonly role: 'assistant';
	/** The text of the message, without reasoning and calls. */
	readonly content: string;
	/** What the model thought before it answered. Templates leave it out of most later prompts. */
	readonly reasoning?: string;
	/** The tools that the message calls. */
	readonly toolCalls?: readonly ToolCall[];
}

/** What a tool gave for a call. */
export interface ToolMessage {
	/** Who wrote the message. */
	readonly role: 'tool';
	/** The result, as text. */
	readonly content: string;
	/** The `id` of the call. */
	readonly toolCallId: string;
	/** The name of the tool. Default: the name in the call of that id, where the conversation has it. */
	readonly name?: string;
}

/** One message of a conversation. */
export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A message whose content is text alone. */
export type TextMessage = Exclude<ChatMessage, UserMessage> | (UserMessage & { readonly content: string });

const toolCall: Check<ToolCall> = (value, name) => {
	const read = readOptions({ id: text, name: text, arguments: text }, value, name);
	if (read.name === '') throw invalid('the name of a tool', `${name}.name`, read.name);
	return Object.freeze(read);
};

const toolCalls: Check<readonly ToolCall[]> = (value, name) => {
	if (!Array.isArray(value)) throw invalid('an array of calls', name, value);
	return Object.freeze(value.map((call, index) => toolCall(call, `${name}[${index}]`)));
};

/** The check of a property of what is at `place`. */
const at =
	<T>(place: string, check: Check<T>): Check<T> =>
	(value, name) =>
		check(value, `${place}.${name}`);

const part: Check<TextPart | ImagePart> = (value, name) => {
	const type = oneOf('text', 'image');
	if (type(object()(value, name).type, `${name}.type`) === 'text')
		return Object.freeze(readOptions({ type: oneOf('text'), text: at(name, text) }, value, name));
	return Object.freeze(readOptions({ type: oneOf('image'), image: at(name, imageInput) }, value, name));
};

/** Checks what a user says, and copies it. */
export const userContent: Check<UserMessage['content']> = (value, name) => {
	if (!Array.isArray(value)) return text(value, name);
	if (value.length === 0) throw invalid('a text, or parts', name, value);
	return Object.freeze(Array.from(value, (one, index) => part(one, `${name}[${index}]`)));
};

/** The text that a user says, without images. */
export function textOf({ content }: Pick<ChatMessage, 'content'>): string {
	if (typeof content === 'string') return content;
	return content.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('\n');
}

const role = oneOf('system', 'user', 'assistant', 'tool');

/** Checks a message and copies it; what it does not hold stays out of the copy. */
export const messageCheck: Check<ChatMessage> = (value, name) => {
	switch (role(object()(value, name).role, `${name}.role`)) {
		case 'assistant': {
			const checks = { role, content: text, reasoning: optional(text), toolCalls: optional(toolCalls) };
			const { content, reasoning, toolCalls: calls } = readOptions(checks, value, name);
			return assistantMessage(content, reasoning, calls);
		}
		case 'tool': {
			const checks = { role, content: text, toolCallId: text, name: optional(text) };
			const read = readOptions(checks, value, name);
			const { content, toolCallId } = read;
			return Object.freeze({
				role: 'tool',
				content,
				toolCallId,
				...(read.name !== undefined && { name: read.name }),
			});
		}
		case 'user':
			return Object.freeze(readOptions({ role: oneOf('user'), content: userContent }, value, name));
		case 'system':
			return Object.freeze(readOptions({ role: oneOf('system'), content: text }, value, name));
	}
};

export const messageListCheck: Check<ChatMessage[]> = (value, name) => {
	if (!Array.isArray(value)) throw invalid('an array of messages', name, value);
	return value.map((entry, index) => messageCheck(entry, `${name}[${index}]`));
};

/** A message of the model, without what it does not hold. */
export function assistantMessage(
	content: string,
	reasoning = '',
	calls: readonly ToolCall[] = [],
): AssistantMessage {
	return Object.freeze({
		role: 'assistant',
		content,
		...(reasoning !== '' && { reasoning }),
		...(calls.length > 0 && { toolCalls: calls }),
	});
}

/**
 * The messages that a reply answers, and how the reply begins: with the last message, where it is the
 * assistant's and calls no tool.
 */
export function splitBegun(messages: readonly ChatMessage[]): {
	asked: readonly ChatMessage[];
	begun: string;
} {
	const last = messages.at(-1);
	return last?.role === 'assistant' && !last.toolCalls
		? { asked: messages.slice(0, -1), begun: last.content }
		: { asked: messages, begun: '' };
}

/** A conversation whose reply goes on from `begun`. */
export function begunWith(asked: readonly ChatMessage[], begun: string): readonly ChatMessage[] {
	return begun === '' ? asked : [...asked, { role: 'assistant', content: begun }];
}
