import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import type { JsonSchema } from '../schema/json-schema.js';
import type { ChatTool, ToolChoice } from '../tools/chat-tool.js';
import type { ToolOptions } from '../tools/reply-options.js';
import { unsupported } from './warnings.js';

/** The tools of a call, which the AI SDK runs itself, and what of them has no effect. */
export function toolsOf({ tools = [], toolChoice }: LanguageModelV4CallOptions): {
	readonly options: Pick<ToolOptions, 'tools' | 'toolChoice'>;
	readonly warnings: SharedV4Warning[];
} {
	const own: Array<[string, ChatTool]> = [];
	const warnings: SharedV4Warning[] = [];
	for (const tool of tools) {
		if (tool.type !== 'function') {
			warnings.push(unsupported(`tool ${tool.id}`, 'a model in this process runs no tools by itself'));
			continue;
		}
		own.push([
			tool.name,
			{
				parameters: tool.inputSchema as JsonSchema,
				...(tool.description !== undefined && { description: tool.description }),
			},
		]);
	}
	if (own.length === 0) return { options: {}, warnings };
	const named = Object.fromEntries(own);
	return { options: { tools: named, ...(toolChoice && { toolChoice: choiceOf(toolChoice) }) }, warnings };
}

function choiceOf(choice: NonNullable<LanguageModelV4CallOptions['toolChoice']>): ToolChoice {
	return choice.type === 'tool' ? { name: choice.toolName } : choice.type;
}
