import type { Drafter, Step } from '../drafter.js';
import type { Turn } from '../render.js';
import { SuffixAutomaton } from './suffix-automaton.js';

/**
 * The copy limit: knows the output and drafts, in each pass, the longest part of it that occurs anywhere in
 * the context. No drafter that copies one stretch of the context a pass needs fewer passes: this is the
 * greedy parse of Lempel and Ziv 1977 ("A Universal Algorithm for Sequential Data Compression"), which is
 * optimal, since whatever follows the first token of a copy is a copy too.
 */
export class Oracle implements Drafter {
	readonly #context = new SuffixAutomaton();

	append(tokens: Int32Array, _source: 'prompt' | 'output'): void {
		for (const token of tokens) this.#context.append(token);
	}

	step(output: Int32Array, offset: number): Step {
		const start = performance.now();
		const accepted = this.#context.longestPrefix(output.subarray(offset, output.length - 1));
		const micros = 1000 * (performance.now() - start);
		this.append(output.subarray(offset, offset + accepted + 1), 'output');
		return { drafted: accepted, accepted, micros };
	}

	nextConversation(_ended: readonly Turn[]): void {}
}
