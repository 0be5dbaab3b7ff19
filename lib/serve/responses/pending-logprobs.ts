import type { TokenLogprobs } from '../../logprobs.js';

/** A stretch of the reply's text; without a token where that was given to what comes before. */
interface Stretch {
	readonly text: string;
	readonly token?: TokenLogprobs;
}

/** The log-probabilities of tokens whose part of the reply is not known yet. */
export class PendingLogprobs {
	#stretches: Stretch[] = [];

	add(tokens: readonly TokenLogprobs[]): void {
		this.#stretches.push(...tokens.map((token) => ({ text: token.text, token })));
	}

	/**
	 * Those of a part of the reply: of the tokens that reach into it. Tokens before it are marks of the reply's format.
	 * All of them, where the text is not that of the tokens, as where a token holds a piece of a character.
	 */
	take(part: string): TokenLogprobs[] {
		const text = this.#stretches.map((stretch) => stretch.text).join('');
		const from = text.indexOf(part);
		const end = from < 0 ? text.length : from + part.length;
		const taken: TokenLogprobs[] = [];
		const left: Stretch[] = [];
		let at = 0;
		for (const stretch of this.#stretches) {
			const next = at + stretch.text.length;
			if (at >= end) left.push(stretch);
			else if (next > from && stretch.token) taken.push(stretch.token);
			if (at < end && next > end) left.push({ text: stretch.text.slice(end - at) });
			at = next;
		}
		this.#stretches = left;
		return taken;
	}
}
