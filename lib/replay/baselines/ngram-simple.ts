import { chain, type DraftTree, emptyTree, TreeDrafter } from '../drafter.js';
import { NgramIndex } from './ngram-index.js';

const matchLength = 12;
const draftLength = 48;

/**
 * llama.cpp's `ngram-simple`: copies up to 48 tokens from after the latest place where the last twelve
 * occurred.
 */
export class NgramSimple extends TreeDrafter {
	readonly #index = new NgramIndex(matchLength);

	protected override grown(): void {
		this.#index.grow(this.text);
	}

	protected override draft(): DraftTree {
		const place = this.#index.latest;
		return place === undefined ? emptyTree : chain(this.text.slice(place, place + draftLength));
	}
}
