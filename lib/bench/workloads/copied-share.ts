import { SuffixAutomaton } from '../../replay/baselines/suffix-automaton.js';

export interface Copied {
	/** The part of the answer's tokens that lie in copies of at least `shortest` tokens, from 0 to 1. */
	readonly share: number;
	/** The tokens of a copy, on average; 0 where there is none. */
	readonly meanLength: number;
	/** The tokens that a pass gives which drafts the longest copy each time: no drafter that copies gives more. */
	readonly tokensPerPass: number;
}

/**
 * How much of an answer can be copied from what comes before, prompt and answer: the greedy parse of Lempel and Ziv
 * 1977, as in `Oracle`. Copies of fewer than `shortest` tokens do not count for the share: some words follow each
 * other in any text.
 */
export function copiedFrom(prompt: Int32Array, answer: Int32Array, shortest = 4): Copied {
	const seen = new SuffixAutomaton();
	for (const token of prompt) seen.append(token);
	const lengths: number[] = [];
	for (let offset = 0; offset < answer.length; ) {
		const length = seen.longestPrefix(answer.subarray(offset));
		const end = Math.min(answer.length, offset + length + 1);
		lengths.push(length);
		for (const token of answer.subarray(offset, end)) seen.append(token);
		offset = end;
	}
	const copies = lengths.filter((length) => length >= shortest);
	const copied = copies.reduce((sum, length) => sum + length, 0);
	return {
		share: answer.length === 0 ? 0 : copied / answer.length,
		meanLength: copies.length === 0 ? 0 : copied / copies.length,
		tokensPerPass: lengths.length === 0 ? 0 : answer.length / lengths.length,
	};
}
