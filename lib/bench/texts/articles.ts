import { crafts } from './articles-crafts.js';
import { nature } from './articles-nature.js';
import { places } from './articles-places.js';
import { work } from './articles-work.js';

/** A text to rewrite, to quote from and to sum up. */
export interface Article {
	readonly title: string;
	/** Paragraphs with a blank line between; `{as it is|as it is once revised}`. */
	readonly text: string;
	/** A name in the text, and what the revised text calls its bearer. */
	readonly name?: readonly [from: string, to: string];
	/** What a reader asks of the text. */
	readonly question: string;
	/** The answer, with passages of the text between quotation marks. */
	readonly answer: string;
	/** A short account of the text; `{a mistake|what is right}`. */
	readonly account?: string;
	/** What is wrong with the account. */
	readonly review?: string;
}

export const articles: readonly Article[] = [...places, ...nature, ...crafts, ...work];
