import { addon, type NativeModel } from '../addon.js';
import { callNative } from '../errors.js';
import type { NativeDrafter, NativeReplayedDraftModel } from '../native-drafting.js';
import { concatTokens } from '../tokens.js';
import type { Drafter, Step } from './drafter.js';
import type { PassCost } from './pass-cost.js';
import type { Turn } from './render.js';

/** A smaller model that is computed while conversations are replayed. */
export interface ReplayedDraftModel {
	readonly native: NativeModel;
	/** The vocabulary of the recorded model, which is the smaller one's, too. */
	readonly vocabulary: NativeModel;
	/** The longest text that it is asked about, in tokens. */
	readonly contextLength: number;
	/** What its passes cost, as a part of what the recorded model's cost. */
	readonly share: number;
}

/** The drafter of this library, as sessions have it, without the model that it drafts for. */
export class Reprise implements Drafter {
	readonly #native: NativeDrafter;

	constructor(draftModel?: ReplayedDraftModel, mix: NativeReplayedDraftModel['mix'] = 'tree') {
		this.#native = callNative(() => {
			if (!draftModel) return new addon.Drafter();
			const { native: model, vocabulary, contextLength, share } = draftModel;
			return new addon.Drafter({ model, vocabulary, contextLength, share, mix });
		});
	}

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
