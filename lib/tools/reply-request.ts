import type { TextMessage } from '../chat-message.js';
import type { ToolChoice } from './chat-tool.js';
import type { ReadTool } from './read-tools.js';
import type { Reasoning } from './reply-options.js';

/** What a prompt is made from. */
export interface ReplyRequest {
	readonly messages: readonly TextMessage[];
	readonly begun: string;
	readonly variables: Readonly<Record<string, unknown>>;
	readonly tools: readonly ReadTool[];
	readonly toolChoice: ToolChoice;
	readonly parallelToolCalls: boolean | undefined;
	readonly reasoning: Reasoning;
}

/** The request as the addon reads it (cpp/engine/chat_format.cc). */
export function requestJson({ messages, tools, toolChoice, ...request }: ReplyRequest): string {
	const only = typeof toolChoice === 'object' ? toolChoice.name : undefined;
	const callable = only === undefined ? tools : tools.filter(({ name }) => name === only);
	return JSON.stringify({
		messages: named(messages),
		tools: callable.map(({ name, description, parameters }) => ({ name, description, parameters })),
		shownTools: tools.map(({ name, description, shown }) => ({
			type: 'function',
			function: { name, description, parameters: shown },
		})),
		toolChoice: only === undefined ? toolChoice : 'required',
		parallelToolCalls: request.parallelToolCalls ?? null,
		reasoning: typeof request.reasoning === 'object' ? 'on' : request.reasoning,
		begun: request.begun,
		variables: request.variables,
	});
}

/** Results of tools have the tool's name, which some templates ask for. */
function named(messages: readonly TextMessage[]): TextMessage[] {
	const names = new Map<string, string>();
	return messages.map((message) => {
		if (message.role === 'assistant') for (const { id, name } of message.toolCalls ?? []) names.set(id, name);
		if (message.role !== 'tool' || message.name !== undefined) return message;
		const name = names.get(message.toolCallId);
		return name === undefined ? message : { ...message, name };
	});
}
