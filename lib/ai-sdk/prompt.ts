import type {
	LanguageModelV4FilePart,
	LanguageModelV4Message,
	LanguageModelV4Prompt,
	LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';
import {
	assistantMessage,
	type ChatMessage,
	type ImagePart,
	type TextPart,
	type ToolCall,
	textOf,
} from '../chat-message.js';
import { RepriseError } from '../errors.js';
import { describe } from '../options.js';

/** The messages of a prompt. Throws `OPTION_INVALID` where it holds what is neither a text nor an image. */
export function messagesOf(prompt: LanguageModelV4Prompt): ChatMessage[] {
	return prompt.flatMap(toMessages);
}

type MessageOf<Role> = Extract<LanguageModelV4Message, { role: Role }>;

function toMessages(message: LanguageModelV4Message): ChatMessage[] {
	switch (message.role) {
		case 'system':
			return [{ role: 'system', content: message.content }];
		case 'user': {
			const parts = message.content.map((part) =>
				part.type === 'text' ? textPart(part.text) : partOfFile(part),
			);
			// Parts of their own are lines of their own, as llama.cpp's server has it.
			const content = parts.every(({ type }) => type === 'text') ? textOf({ content: parts }) : parts;
			return [{ role: 'user', content }];
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

const textPart = (text: string): TextPart => ({ type: 'text', text });

function partOfFile(file: LanguageModelV4FilePart): TextPart | ImagePart {
	const { data, mediaType } = file;
	if (!/^image($|\/)/.test(mediaType) || data.type === 'text') return textPart(textOfFile(file));
	if (data.type === 'data') {
		const image = typeof data.data === 'string' ? Buffer.from(data.data, 'base64') : data.data;
		return { type: 'image', image };
	}
	// Prompts come from pages, too: no path or URL in one has this process read or fetch anything.
	if (data.type === 'url' && data.url.protocol === 'data:') return { type: 'image', image: data.url };
	const what = data.type === 'url' ? `the image ${describe(data.url.href)}` : 'an image by reference';
	throw new RepriseError('OPTION_INVALID', `The prompt holds ${what}, which is not fetched; pass its bytes`);
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
