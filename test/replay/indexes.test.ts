import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CountTree } from '../../lib/replay/baselines/count-tree.js';
import { NgramIndex } from '../../lib/replay/baselines/ngram-index.js';
import { SuffixAutomaton } from '../../lib/replay/baselines/suffix-automaton.js';

const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 });

/** Where `part` ends (exclusive) in `text`, from the first place to the last. */
function ends(part: readonly number[], text: readonly number[]): number[] {
	return text
		.map((_, index) => index + 1)
		.filter((end) => end >= part.length && part.every((token, i) => token === text[end - part.length + i]));
}

test('NgramIndex: earliest and latest are the first and the last earlier place of the last n tokens', () => {
	fc.assert(
		fc.property(tokens, fc.integer({ min: 1, max: 4 }), (text, n) => {
			const index = new NgramIndex(n);
			for (let length = 1; length <= text.length; length++) {
				const present = text.slice(0, length);
				index.grow(present);
				const places = length < n ? [] : ends(present.slice(-n), present).slice(0, -1);
				expect(index.earliest).toBe(places[0]);
				expect(index.latest).toBe(places.at(-1));
			}
		}),
	);
});

test('SuffixAutomaton: the longest prefix is the longest that occurs in the text', () => {
	fc.assert(
		fc.property(tokens, tokens, (text, sequence) => {
			const automaton = new SuffixAutomaton();
			for (const token of text) automaton.append(token);
			const occurs = (length: number) => length === 0 || ends(sequence.slice(0, length), text).length > 0;
			const length = automaton.longestPrefix(Int32Array.from(sequence));
			expect(occurs(length)).toBe(true);
			expect(length === sequence.length || !occurs(length + 1)).toBe(true);
		}),
	);
});

describe('CountTree', () => {
	const maxDepth = 4;
	const strings = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: maxDepth + 1 });

	test('counts how often every string of up to the depth occurs in the sequences', () => {
		fc.assert(
			fc.property(fc.array(tokens, { maxLength: 4 }), fc.array(strings), (sequences, asked) => {
				const tree = new CountTree(maxDepth);
				for (const [index, sequence] of sequences.entries()) {
					for (const [at, token] of sequence.entries()) {
						tree.append(token);
						// Asking makes nodes, which must not change what is counted.
						const string = asked[at % Math.max(1, asked.length)];
						if (!string) continue;
						const before = [...sequences.slice(0, index), sequence.slice(0, at + 1)];
						const count = before.flatMap((text) => ends(string, text)).length;
						expect(tree.find(string)?.count ?? 0).toBe(string.length > maxDepth ? 0 : count);
					}
					tree.endSequence();
				}
			}),
		);
	});

	test('knows the repeated suffixes of the present sequence, the shortest first', () => {
		fc.assert(
			fc.property(tokens, tokens, (earlier, sequence) => {
				const tree = new CountTree(maxDepth);
				for (const token of earlier) tree.append(token);
				tree.endSequence();
				for (const [at, token] of sequence.entries()) {
					tree.append(token);
					const present = sequence.slice(0, at + 1);
					const counts = Array.from({ length: Math.min(maxDepth, at + 1) }, (_, index) => {
						const suffix = present.slice(-(index + 1));
						return [earlier, present].flatMap((text) => ends(suffix, text)).length;
					});
					const repeated = counts.filter((count) => count > 1);
					expect(tree.repeatedSuffixes.map(({ count }) => count)).toEqual(repeated);
				}
			}),
		);
	});
});
