import type {
	LanguageModelV4FilePart,
	LanguageModelV4Message,
	LanguageModelV4Prompt,
} from '@ai-sdk/provider';
import type { ChatMessage } from '../chat-message.js';
import { RepriseError } from '../errors.js';

/** The messages of a prompt. Throws `OPTION_INVALID` where it holds what is no text. */
export function messagesOf(prompt: LanguageModelV4Prompt): ChatMessage[] {
	return prompt.flatMap(toMessages);
}

function toMessages(message: LanguageModelV4Message): ChatMessage[] {
	switch (message.role) {
		case 'system':
			return [{ role: 'system', content: message.content }];
		case 'user':
			// Parts of their own are lines of their own, as llama.cpp's server has it.
			return [
				{
					role: 'user',
					content: message.content
						.map((part) => (part.type === 'text' ? part.text : textOfFile(part)))
						.join('\n'),
				},
			];
		case 'assistant':
			return [{ role: 'assistant', content: message.content.map(textOfAnswer).join('') }];
		case 'tool':
			throw notText('a tool’s result');
	}
}

function textOfAnswer(
	part: Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number],
): string {
	if (part.type === 'text') return part.text;
	// What a model thought is not shown to it again.
	if (part.type === 'reasoning' || part.type === 'reasoning-file') return '';
	throw notText(`a part of type ${part.type}`);
}

/** Files of text are read; a URL would have to be fetched. */
function textOfFile({ data, mediaType, filename }: LanguageModelV4FilePart): string {
	if (data.type === 'text') return data.text;
	if (data.type === 'data' && /^text($|\/)/.test(mediaType))
		return typeof data.data === 'string'
			? Buffer.from(data.data, 'base64').toString('utf8')
			: new TextDecoder().decode(data.data);
	throw notText(`the file ${filename ?? ''} of type ${mediaType}`.replace('file  of', 'file of'));
}

function notText(what: string): RepriseError {
	return new RepriseError(
		'OPTION_INVALID',
		`The prompt holds ${what}, which the model cannot read; pass text`,
	);
}
