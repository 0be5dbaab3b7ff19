import type {
	LanguageModelV4FilePart,
	LanguageModelV4Message,
	LanguageModelV4Prompt,
	LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';
import { assistantMessage, type ChatMessage, type ToolCall } from '../chat-message.js';
import { RepriseError } from '../errors.js';

/** The messages of a prompt. Throws `OPTION_INVALID` where it holds what is no text. */
export function messagesOf(prompt: LanguageModelV4Prompt): ChatMessage[] {
	return prompt.flatMap(toMessages);
}

type MessageOf<Role> = Extract<LanguageModelV4Message, { role: Role }>;

function toMessages(message: LanguageModelV4Message): ChatMessage[] {
	switch (message.role) {
		case 'system':
			return [{ role: 'system', content: message.content }];
		case 'user': {
			// Parts of their own are lines of their own, as llama.cpp's server has it.
			const texts = message.content.map((part) => (part.type === 'text' ? part.text : textOfFile(part)));
			return [{ role: 'user', content: texts.join('\n') }];
		}
		case 'assistant':
			return [answerOf(message)];
		case 'tool':
			return message.content.flatMap((part) =>
				// An approval is for those who run the tools.
				part.type === 'tool-result'
					? {
							role: 'tool' as const,
							content: textOfResult(part.output),
							toolCallId: part.toolCallId,
							name: part.toolName,
						}
					: [],
			);
	}
}

function answerOf({ content }: MessageOf<'assistant'>): ChatMessage {
	let [text, reasoning] = ['', ''];
	const calls: ToolCall[] = [];
	for (const part of content)
		switch (part.type) {
			case 'text':
				text += part.text;
				break;
			case 'reasoning':
				reasoning += part.text;
				break;
			case 'tool-call':
				calls.push({
					id: part.toolCallId,
					name: part.toolName,
					arguments: JSON.stringify(part.input ?? {}),
				});
				break;
			default:
				throw notText(`a part of type ${part.type}`);
		}
	return assistantMessage(text, reasoning, calls);
}

function textOfResult(output: LanguageModelV4ToolResultOutput): string {
	switch (output.type) {
		case 'text':
		case 'error-text':
			return output.value;
		case 'json':
		case 'error-json':
			return JSON.stringify(output.value);
		case 'execution-denied':
			return output.reason ?? 'The call was not allowed.';
		case 'content':
			return output.value
				.map((part) => {
					if (part.type === 'text') return part.text;
					if (part.type === 'file') return textOfFile({ ...part, type: 'file' });
					throw notText('a part of a tool’s result that is no text');
				})
				.join('\n');
	}
}

/** Files of text are read; a URL would have to be fetched. */
function textOfFile({ data, mediaType, filename }: LanguageModelV4FilePart): string {
	if (data.type === 'text') return data.text;
	if (data.type === 'data' && /^text($|\/)/.test(mediaType))
		return typeof data.data === 'string'
			? Buffer.from(data.data, 'base64').toString('utf8')
			: new TextDecoder().decode(data.data);
	throw notText(filename === undefined ? `a file of type ${mediaType}` : `${filename} of type ${mediaType}`);
}

function notText(what: string): RepriseError {
	return new RepriseError(
		'OPTION_INVALID',
		`The prompt holds ${what}, which the model cannot read; pass text`,
	);
}
