import { ChainDrafter } from '../drafter.js';

const depth = 24;
const factor = 1;
const leastProbability = 0.1;

/**
 * SuffixDecoding (Oliaro et al., NeurIPS 2025, arXiv 2411.04975; snowflakedb/ArcticInference), as vLLM
 * runs it: for each match length, the path of most frequent next tokens in a tree of all substrings of
 * at most 24 tokens, as long as the match and while its probability, by counts, is at least 0.1. The path
 * with the greatest sum of probabilities wins, the longer match among equals.
 */
export class SuffixTree extends ChainDrafter {
	protected propose(): number[] {
		const { text } = this;
		let best: number[] = [];
		let bestScore = 0;
		// Ends (exclusive) of all occurrences of the last `length` tokens, the end of the text among them.
		let ends = text.map((_, i) => i + 1);
		for (let length = 1; length < Math.min(depth, text.length); length++) {
			const wanted = text[text.length - length];
			ends = ends.filter((end) => end >= length && text[end - length] === wanted);
			if (ends.length < 2) break;
			const most = Math.min(Math.floor(length * factor), depth - length);
			const { path, score } = this.#follow(ends, most);
			if (score >= bestScore && path.length > 0) {
				best = path;
				bestScore = score;
			}
		}
		return best;
	}

	#follow(ends: readonly number[], most: number): { path: number[]; score: number } {
		const path: number[] = [];
		let probability = 1;
		let score = 0;
		for (let places = ends; path.length < most; ) {
			const counts = new Map<number, number>();
			for (const end of places) {
				const next = this.text[end + path.length];
				if (next !== undefined) counts.set(next, (counts.get(next) ?? 0) + 1);
			}
			let token = -1;
			let count = 0;
			for (const [next, times] of counts) if (times > count) [token, count] = [next, times];
			probability *= count / places.length;
			if (count === 0 || probability < leastProbability) break;
			places = places.filter((end) => this.text[end + path.length] === token);
			path.push(token);
			score += probability;
		}
		return { path, score };
	}
}
