import { addon } from '../addon.js';
import { callNative } from '../errors.js';
import { concatTokens } from '../tokens.js';
import type { Drafter, Step } from './drafter.js';
import type { PassCost } from './pass-cost.js';
import type { Turn } from './render.js';

/** The drafter of this library, as sessions have it, without a model. */
export class Reprise implements Drafter {
	readonly #native = callNative(() => new addon.Drafter());

	append(tokens: Int32Array, source: 'prompt' | 'output'): void {
		callNative(() => this.#native.append(tokens, source));
	}

	step(output: Int32Array, offset: number, passCost: PassCost): Step {
		return callNative(() =>
			this.#native.step(output, offset, typeof passCost === 'number' ? passCost : passCost.milliseconds),
		);
	}

	/**
	 * Starts another conversation: what was learnt about acceptance is kept, and the last conversation joins
	 * the corpus.
	 */
	nextConversation(ended: readonly Turn[]): void {
		const tokens = concatTokens(...ended.flatMap(({ prompt, output }) => [prompt, output]));
		callNative(() => {
			this.#native.truncate(0);
			this.#native.addDocument(tokens, 'corpus');
		});
	}
}
