import { isDeepStrictEqual } from 'node:util';
import type { ChatMessage, TextPart, UserMessage } from '../chat-message.js';
import type { Task } from './verifier.js';
import { lastNumber } from './verifiers/support/comparison.js';

/** The items of a list as models write them: numbered or with bullets, one a line. */
export function listItems(text: string): string[] {
	return text
		.split('\n')
		.map((line) => /^(?:[-*•]|\d+[.)])\s+(\S.*)$/.exec(line.trim())?.[1])
		.filter((item) => item !== undefined);
}

/** The sentences of a text, with the white space after each: joined they are the text. */
export function sentences(text: string): string[] {
	const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
	return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** What two answers are compared by: the last number of each where it has one, else its whole text. */
export function finalAnswer(text: string): string {
	const number = lastNumber(text);
	return number === undefined ? text.trim().replaceAll(/\s+/g, ' ').toLowerCase() : String(number);
}

/** A conversation with something added to its last message, and so with its cache up to there. */
export function extended(question: readonly ChatMessage[], addition: string): readonly ChatMessage[] {
	const last = question.at(-1);
	if (!last) return [{ role: 'user', content: addition }];
	return [...question.slice(0, -1), withText(last, (text) => `${text}\n\n${addition}`)];
}

/** The message with another text in place of its last one. */
export function withText(message: ChatMessage, change: (text: string) => string): ChatMessage {
	if (message.role !== 'user') return { ...message, content: change(message.content) };
	const { content } = message;
	if (typeof content === 'string') return { role: 'user', content: change(content) };
	const at = content.findLastIndex(({ type }) => type === 'text');
	const text = at < 0 ? '' : (content[at] as TextPart).text;
	const changed = { type: 'text', text: change(text) } as const;
	return { role: 'user', content: at < 0 ? [...content, changed] : content.with(at, changed) };
}

/** A user's message about a task: its images come first, so that messages about one task share their cells. */
export function about({ images = [] }: Task, text: string): UserMessage {
	if (images.length === 0) return { role: 'user', content: text };
	const parts = images.map((image) => ({ type: 'image', image }) as const);
	return { role: 'user', content: [...parts, { type: 'text', text }] };
}

export const isSameMessage = (message: ChatMessage, other: ChatMessage | undefined): boolean =>
	message.role === other?.role && isDeepStrictEqual(message.content, other.content);
