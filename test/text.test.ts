import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wellFormed } from '../lib/text.js';

test('well-formed text passes unchanged, surrogate pairs included', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			expect(wellFormed(text, 'prompt')).toBe(text);
		}),
	);
});

test('a lone surrogate is reported with its index and the name of the text', () => {
	const halves = fc.constantFrom('\uD83D', '\uDE00', '\uDFFF');
	fc.assert(
		fc.property(
			fc.string({ unit: 'grapheme' }),
			halves,
			fc.string({ unit: 'grapheme' }),
			(head, half, tail) => {
				fc.pre(Buffer.from(head + half + tail).toString() !== head + half + tail);
				expect(() => wellFormed(`${head}${half}${tail}`, 'prompt')).toThrow(
					expect.objectContaining({
						code: 'TEXT_INVALID',
						message: expect.stringMatching(new RegExp(`for prompt .* at index ${head.length};`)),
					}),
				);
			},
		),
	);
});
