import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../lib/nearest.js';

const words = ['maxTokens', 'temperature', 'topK', 'topP', 'grammar', 'prediction'];

test('a word is nearest to itself, whatever its case', () => {
	for (const word of words) {
		expect(nearest(word, words)).toBe(word);
		expect(nearest(word.toUpperCase(), words)).toBe(word);
	}
});

test('a word with one letter added, dropped or changed is nearest to the word', () => {
	const longWords = words.filter((word) => word.length > 5);
	fc.assert(
		fc.property(
			fc.constantFrom(...longWords),
			fc.nat(),
			fc.constantFrom('', 'x', 'xy'),
			(word, position, replacement) => {
				const at = position % word.length;
				expect(nearest(word.slice(0, at) + replacement + word.slice(at + 1), words)).toBe(word);
			},
		),
	);
});

test('a word like none of them has no nearest', () => {
	expect(nearest('contextLength', words)).toBeUndefined();
	expect(nearest('anything', [])).toBeUndefined();
});
