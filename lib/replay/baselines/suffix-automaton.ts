interface State {
	/** The length of the longest string that leads here. */
	length: number;
	link: State | null;
	readonly next: Map<number, State>;
}

/**
 * All substrings of a growing text; amortised constant time a token.
 *
 * Blumer et al. 1985, "The smallest automaton recognizing the subwords of a text".
 */
export class SuffixAutomaton {
	readonly #root: State = { length: 0, link: null, next: new Map() };
	#last = this.#root;

	append(token: number): void {
		const added: State = { length: this.#last.length + 1, link: this.#root, next: new Map() };
		let state: State | null = this.#last;
		for (; state && !state.next.has(token); state = state.link) state.next.set(token, added);
		const target = state?.next.get(token);
		if (state && target)
			added.link = target.length === state.length + 1 ? target : this.#split(state, token, target);
		this.#last = added;
	}

	/** Tokens of `sequence`, from its first on, that occur together in the text. */
	longestPrefix(sequence: Int32Array): number {
		let state = this.#root;
		for (const [length, token] of sequence.entries()) {
			const next = state.next.get(token);
			if (!next) return length;
			state = next;
		}
		return sequence.length;
	}

	/** Gives the shorter strings of `target`, those that end in `from` and `token`, a state of their own. */
	#split(from: State, token: number, target: State): State {
		const shorter: State = { length: from.length + 1, link: target.link, next: new Map(target.next) };
		target.link = shorter;
		for (let state: State | null = from; state?.next.get(token) === target; state = state.link)
			state.next.set(token, shorter);
		return shorter;
	}
}
