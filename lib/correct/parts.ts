import type { ChatMessage } from '../chat-message.js';
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
	return [...question.slice(0, -1), { ...last, content: `${last.content}\n\n${addition}` }];
}

export const isSameMessage = (message: ChatMessage, other: ChatMessage | undefined): boolean =>
	message.role === other?.role && message.content === other.content;
