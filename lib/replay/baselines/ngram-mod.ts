import { chain, type DraftTree, emptyTree, TreeDrafter } from '../drafter.js';

const matchLength = 24;
const shortestDraft = 48;
const longestDraft = 64;
/** Tokens that are left out of the table until there are more of them. */
const lag = 32;
const fullTable = 2 ** 20;
/** A draft of which less was accepted is weak; as many in a row empty the table. */
const weakShare = 0.25;
const weakStreak = 5;

/**
 * llama.cpp's `ngram-mod`: a table of the token that last followed each 24 tokens, looked up again after each
 * drafted token; drafts of fewer than 48 tokens are not made. Conversations share the table.
 *
 * ggml-org/llama.cpp #19164. Its table has hashes for keys and does not tell collisions from hits; here the
 * keys are exact.
 */
export class NgramMod extends TreeDrafter {
	readonly #next = new Map<string, number>();
	#added = 0;
	#weak = 0;

	override nextConversation(): void {
		this.text.length = 0;
		this.#added = 0;
	}

	override append(tokens: Int32Array, source: 'prompt' | 'output'): void {
		super.append(tokens, source);
		if (source !== 'prompt') return;
		this.#add(this.text.length);
		if (this.#next.size > fullTable) this.#next.clear();
	}

	protected override draft(): DraftTree {
		// The newest token is part of what is looked up, not yet of what is added.
		const length = this.text.length - 1;
		if (this.#added + lag < length) this.#add(length);
		const window = this.text.slice(-matchLength);
		if (window.length < matchLength) return emptyTree;
		const tokens: number[] = [];
		while (tokens.length < longestDraft) {
			const token = this.#next.get(window.join());
			if (token === undefined) break;
			tokens.push(token);
			window.shift();
			window.push(token);
		}
		return tokens.length < shortestDraft ? emptyTree : chain(tokens);
	}

	protected override verified(drafted: number, accepted: number): void {
		if (drafted === 0) return;
		this.#weak = accepted < weakShare * drafted ? this.#weak + 1 : 0;
		if (this.#weak < weakStreak) return;
		this.#next.clear();
		this.#weak = 0;
		this.#added = 0;
	}

	/** Adds the n-grams of the first `length` tokens to the table. */
	#add(length: number): void {
		for (; this.#added < length - matchLength; this.#added++) {
			const end = this.#added + matchLength;
			this.#next.set(this.text.slice(this.#added, end).join(), this.text[end] as number);
		}
	}
}
