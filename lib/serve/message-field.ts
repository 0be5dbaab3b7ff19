import { assistantMessage, type ChatMessage, type ToolCall } from '../chat-message.js';
import { type Check, invalid, listOf, object, oneOf, text } from '../options.js';
import { anything, field, only, readFields, textOrParts } from './fields.js';
import { userContent } from './user-content.js';

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const;
const role = oneOf(...roles);

const toolCall: Check<ToolCall> = (value, name) => {
	const called = { type: oneOf('function'), id: text, index: anything, function: object() };
	const { id, function: given } = readFields(called, value, name);
	const read = readFields({ name: text, arguments: text }, given, `${name}.function`);
	return { id, name: read.name, arguments: read.arguments };
};

const refusal = field(only('', 'no model here refuses apart from its text'));

/** Reads a message as OpenAI's API has it. */
export const messageField: Check<ChatMessage> = (value, name) => {
	const given = role(object()(value, name).role, `${name}.role`);
	switch (given) {
		case 'assistant': {
			const fields = { role, content: field(textOrParts), name: anything, refusal, audio: field(anything) };
			const read = readFields(
				{ ...fields, reasoning_content: field(text), tool_calls: field(listOf(toolCall)) },
				value,
				name,
			);
			if (read.content === undefined && !read.tool_calls?.length)
				throw invalid('a text, or tool_calls', `${name}.content`, read.content);
			return assistantMessage(read.content ?? '', read.reasoning_content, read.tool_calls);
		}
		case 'tool': {
			const fields = { role, content: textOrParts, tool_call_id: text, name: field(text) };
			const read = readFields(fields, value, name);
			return {
				role: 'tool',
				content: read.content,
				toolCallId: read.tool_call_id,
				...(read.name !== undefined && { name: read.name }),
			};
		}
		case 'user': {
			const { content } = readFields({ role, content: userContent, name: anything }, value, name);
			return { role: 'user', content };
		}
		default: {
			const { content } = readFields({ role, content: textOrParts, name: anything }, value, name);
			return { role: 'system', content };
		}
	}
};
