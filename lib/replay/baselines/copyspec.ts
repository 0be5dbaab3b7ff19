import { chain, type DraftTree, emptyTree, TreeDrafter } from '../drafter.js';
import { NgramIndex } from './ngram-index.js';

const gamma = 3;
const draftLength = 10;

/**
 * CopySpec: copies ten tokens from after the first place where the last three occurred.
 *
 * Dumitru et al. 2025, "CopySpec: Accelerating LLMs with Speculative Copy-and-Paste" (EMNLP 2025), with the
 * settings of its published experiments.
 */
export class CopySpec extends TreeDrafter {
	readonly #index = new NgramIndex(gamma);

	protected override grown(): void {
		this.#index.grow(this.text);
	}

	protected override draft(): DraftTree {
		const place = this.#index.earliest;
		return place === undefined ? emptyTree : chain(this.text.slice(place, place + draftLength));
	}
}
