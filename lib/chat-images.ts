import { randomUUID } from 'node:crypto';
import type { ChatMessage, ImagePart, TextMessage } from './chat-message.js';
import type { Model } from './model.js';
import type { NativeImage, NativeImageMark } from './native-image.js';

/** No text that a user writes holds it. */
const secret = randomUUID();

/** Reads the images of messages, as far as `stop` lets it. Rejects with `IMAGE_INVALID`. */
export async function imagesByPart(
	model: Model,
	messages: readonly ChatMessage[],
	stop: AbortSignal,
): Promise<ReadonlyMap<ImagePart, NativeImage>> {
	const images = new Map<ImagePart, NativeImage>();
	for (const { content } of messages) {
		if (typeof content === 'string') continue;
		for (const part of content) {
			if (part.type !== 'image') continue;
			stop.throwIfAborted();
			images.set(part, await model.imageOf(part));
		}
	}
	return images;
}

/**
 * The messages as a template takes them: a mark stands for each image. Texts of one message are a line each, and an
 * image stands next to its neighbours, as in llama.cpp.
 */
export function withMarks(
	messages: readonly ChatMessage[],
	images: ReadonlyMap<ImagePart, NativeImage>,
): { messages: TextMessage[]; marks: NativeImageMark[] } {
	const marks = new Map<string, NativeImageMark>();
	const markOf = (part: ImagePart): string => {
		const { id, tokens } = images.get(part) as NativeImage;
		// An image that was let go meanwhile has other tokens, and a text with it is another text.
		const mark = `<|image ${secret} ${id} ${tokens.find((token) => token < 0)}|>`;
		marks.set(mark, { mark, tokens, times: 1 + (marks.get(mark)?.times ?? 0) });
		return mark;
	};
	const flat = messages.map((message): TextMessage => {
		if (typeof message.content === 'string') return message as TextMessage;
		let content = '';
		let afterText = false;
		for (const part of message.content) {
			content += part.type === 'text' ? (afterText ? '\n' : '') + part.text : markOf(part);
			afterText = part.type === 'text';
		}
		return { role: 'user', content };
	});
	return { messages: flat, marks: [...marks.values()] };
}
