import { assistantMessage, type ChatMessage, type ToolCall } from '../../chat-message.js';
import { type Check, invalid, listOf, object, oneOf, text } from '../../options.js';
import { anything, field, readFields, textOrPartsOf } from '../fields.js';
import { userInput } from '../user-content.js';

const types = ['message', 'function_call', 'function_call_output', 'reasoning'] as const;
const type = field(oneOf(...types));
const texts = textOrPartsOf('input_text', 'output_text', 'text');
const saidTexts = textOrPartsOf('output_text', 'input_text', 'text');
const thoughts = textOrPartsOf('reasoning_text');
/** What an item of an earlier answer says of itself, and nothing of the conversation. */
const ofAnswers = { type, id: anything, status: anything, phase: anything };

type Item =
	| { readonly kind: 'message'; readonly message: ChatMessage }
	| { readonly kind: 'call'; readonly call: ToolCall }
	| { readonly kind: 'reasoning'; readonly reasoning: string };

const role = oneOf('system', 'developer', 'user', 'assistant');

const message: Check<Item> = (value, name) => {
	const fields = { ...ofAnswers, role };
	switch (role(object()(value, name).role, `${name}.role`)) {
		case 'assistant': {
			const { content } = readFields({ ...fields, content: saidTexts }, value, name);
			return { kind: 'message', message: assistantMessage(content) };
		}
		case 'user': {
			const { content } = readFields({ ...fields, content: userInput }, value, name);
			return { kind: 'message', message: { role: 'user', content } };
		}
		default: {
			const { content } = readFields({ ...fields, content: texts }, value, name);
			return { kind: 'message', message: { role: 'system', content } };
		}
	}
};

const functionCall: Check<Item> = (value, name) => {
	const fields = { ...ofAnswers, call_id: text, name: text, arguments: text };
	const read = readFields(fields, value, name);
	return { kind: 'call', call: { id: read.call_id, name: read.name, arguments: read.arguments } };
};

const functionCallOutput: Check<Item> = (value, name) => {
	const read = readFields({ ...ofAnswers, call_id: text, output: texts }, value, name);
	return { kind: 'message', message: { role: 'tool', toolCallId: read.call_id, content: read.output } };
};

const reasoning: Check<Item> = (value, name) => {
	const fields = { ...ofAnswers, summary: anything, content: field(thoughts), encrypted_content: anything };
	return { kind: 'reasoning', reasoning: readFields(fields, value, name).content ?? '' };
};

const item: Check<Item> = (value, name) => {
	switch (type(object()(value, name).type, `${name}.type`)) {
		case 'function_call':
			return functionCall(value, name);
		case 'function_call_output':
			return functionCallOutput(value, name);
		case 'reasoning':
			return reasoning(value, name);
		default:
			return message(value, name);
	}
};

/** Puts a conversation together: the items of one reply, reasoning, then a text, then calls, become one message. */
class Conversation {
	readonly #messages: ChatMessage[] = [];
	#reasoning: string | undefined;
	#content: string | undefined;
	#calls: ToolCall[] = [];
	readonly #ids = new Set<string>();

	add(one: Item, name: string): void {
		if (one.kind === 'call') {
			if (this.#ids.has(one.call.id)) throw invalid('a call_id of its own', `${name}.call_id`, one.call.id);
			this.#ids.add(one.call.id);
			this.#calls.push(one.call);
		} else if (one.kind === 'reasoning') {
			this.#endReply();
			// What another server has encrypted says nothing here.
			if (one.reasoning !== '') this.#reasoning = one.reasoning;
		} else if (one.message.role === 'assistant') {
			if (this.#content !== undefined || this.#calls.length > 0) this.#endReply();
			this.#content = one.message.content;
		} else {
			const { message: said } = one;
			if (said.role === 'tool' && !this.#ids.has(said.toolCallId))
				throw invalid('the call_id of a function_call before it', `${name}.call_id`, said.toolCallId);
			this.#endReply();
			this.#messages.push(said);
		}
	}

	end(name: string): ChatMessage[] {
		// A reply goes on from a text that it begins with, and from nothing else.
		if (this.#reasoning !== undefined && this.#content === undefined && this.#calls.length === 0)
			throw invalid('an item after reasoning', name, 'reasoning');
		this.#endReply();
		if (this.#messages.length === 0) throw invalid('an item that says something', name, 'reasoning');
		return this.#messages;
	}

	#endReply(): void {
		const [reasoning, content, calls] = [this.#reasoning, this.#content, this.#calls];
		if (reasoning !== undefined || content !== undefined || calls.length > 0)
			this.#messages.push(assistantMessage(content ?? '', reasoning, calls));
		[this.#reasoning, this.#content, this.#calls] = [undefined, undefined, []];
	}
}

/** The conversation of a request: a text, or items. */
export const inputItems: Check<ChatMessage[]> = (value, name) => {
	if (typeof value === 'string') return [{ role: 'user', content: text(value, name) }];
	if (!Array.isArray(value) || value.length === 0) throw invalid('a text, or at least one item', name, value);
	const conversation = new Conversation();
	for (const [index, one] of listOf(item)(value, name).entries()) conversation.add(one, `${name}[${index}]`);
	return conversation.end(`${name}[${value.length - 1}]`);
};
