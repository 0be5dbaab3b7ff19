import type { Article } from '../texts/articles.js';
import { resolve, revisions } from './marks.js';

/** A heading or a sentence; what follows each other in the same paragraph has its number. */
export interface Passage {
	readonly paragraph: number;
	readonly text: string;
}

/** The heading of an article and its sentences, marks included. */
export function passagesOf({ title, text }: Article): Passage[] {
	const sentences = text
		.trim()
		.split(/\n\s*\n/)
		.flatMap((paragraph, index) =>
			splitSentences(paragraph.replace(/\s*\n\s*/g, ' ')).map(
				(sentence): Passage => ({ paragraph: index + 1, text: sentence }),
			),
		);
	return [{ paragraph: 0, text: `# ${title}` }, ...sentences];
}

/** The passages as one text, unrevised. */
export function join(passages: readonly Passage[]): string {
	return resolve(joinMarked(passages), revisions, 'first');
}

/** The passages as one text, marks included. */
export function joinMarked(passages: readonly Passage[]): string {
	return passages
		.map(({ paragraph, text }, index) => {
			const before = passages[index - 1]?.paragraph;
			return `${before === undefined ? '' : before === paragraph ? ' ' : '\n\n'}${text}`;
		})
		.join('');
}

/** Ends of sentences outside of marks, but for those after a title of a person. */
function splitSentences(paragraph: string): string[] {
	const sentences: string[] = [];
	let from = 0;
	let depth = 0;
	for (let index = 0; index < paragraph.length; index++) {
		const sign = paragraph[index];
		if (sign === revisions.open) depth++;
		if (sign === revisions.close) depth--;
		if (sign !== ' ' || depth > 0) continue;
		const sentence = paragraph.slice(from, index);
		if (!/[.!?]["}]?$/.test(sentence) || /\bMrs?\.$/.test(sentence)) continue;
		sentences.push(sentence);
		from = index + 1;
	}
	return [...sentences, paragraph.slice(from)];
}
