import { chain, type DraftTree, emptyTree, TreeDrafter } from '../drafter.js';
import { NgramIndex } from './ngram-index.js';

const longestNgram = 3;
const draftLength = 10;

/**
 * Prompt lookup decoding: copies ten tokens from after the first place where the last three occurred, or else
 * the last two, or the last one.
 *
 * Saxena 2023, "Prompt Lookup Decoding", as Hugging Face's transformers have it.
 */
export class PromptLookup extends TreeDrafter {
	readonly #indexes = Array.from(
		{ length: longestNgram },
		(_, index) => new NgramIndex(longestNgram - index),
	);

	protected override grown(): void {
		for (const index of this.#indexes) index.grow(this.text);
	}

	protected override draft(): DraftTree {
		const place = this.#indexes.find(({ earliest }) => earliest !== undefined)?.earliest;
		return place === undefined ? emptyTree : chain(this.text.slice(place, place + draftLength));
	}
}
