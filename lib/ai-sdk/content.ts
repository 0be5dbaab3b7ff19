import type { LanguageModelV4Content, LanguageModelV4ToolCall } from '@ai-sdk/provider';
import type { ToolCall } from '../chat-message.js';
import type { ReplyResult } from '../tools/reply.js';

/** The parts of a reply that has ended. */
export function contentOf({ content, reasoning, toolCalls }: ReplyResult): LanguageModelV4Content[] {
	return [
		...(reasoning === '' ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
		...(content === '' ? [] : [{ type: 'text' as const, text: content }]),
		...toolCalls.map(toolCallPart),
	];
}

export function toolCallPart({ id, name, arguments: input }: ToolCall): LanguageModelV4ToolCall {
	return { type: 'tool-call', toolCallId: id, toolName: name, input };
}
