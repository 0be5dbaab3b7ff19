import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { allVocabularies, lossyVocabularies } from './support/vocabularies.js';

const vocabularies = await allVocabularies();
const inverse = vocabularies.filter(([name]) => !lossyVocabularies.includes(name));
afterAll(async () => {
	for (const [, model] of vocabularies) await model.dispose();
});

test('every vocabulary of llama.cpp is tested', () => {
	expect(inverse.length).toBeGreaterThan(15);
	expect(vocabularies.length).toBe(inverse.length + lossyVocabularies.length);
});

const hardTexts = [
	"x = f ( 1 , 2 ) ; is it ? the word 'social'",
	'a , b ! c ? . d',
	"it 's we 're they 've I 'm he 'd you 'll don 't",
	' leading and trailing ',
	'  two  ',
	'\ttab\n\nnew\r\nlines \n',
	'日本語 한국어 🙂👩‍👩‍👧‍👦 e\u0301 \u00A0 \u3000',
	'العربية ١٢٣ हिन्दी ไทย',
	'1 12 123 1234 12345 3.14159',
];

describe.each(inverse)('with the vocabulary of %s', (_, model) => {
	test.each(hardTexts)('%j comes back from its tokens as it was', (text) => {
		expect(model.detokenize(model.tokenize(text))).toBe(text);
	});

	test('any text without U+2581, which SentencePiece writes spaces as, comes back from its tokens', () => {
		const units = [...'abXY019 \n\t.,;:!?\'"(){}é漢🙂', ' , ', " ' ", " 's", '  '];
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...units), maxLength: 40 }), (text) => {
				expect(model.detokenize(model.tokenize(text))).toBe(text);
			}),
			{ numRuns: 100 },
		);
	});
});

// 40,000 need more than a thread’s stack where each takes a frame.
const runs = {
	letters: 'a',
	capitals: 'A',
	digits: '1',
	spaces: ' ',
	'line breaks': '\n',
	'carriage returns': '\r\n',
	punctuation: '!',
	'combining marks': '\u0301',
	emoji: '🙂',
	ideographs: '漢',
	'no-break spaces': '\u00A0',
	mixed: 'aA1 !\n',
	'letters with marks': 'e\u0301',
	words: 'the Word ',
	'letters after a space': ' a',
	'an unassigned character': '\uE000',
};

describe.each(vocabularies)('40,000 times the same with the vocabulary of %s', (_, model) => {
	test.each(Object.entries(runs))('%s become tokens', (_, unit) => {
		expect(model.tokenize(`${unit.repeat(40_000)}x`).length).toBeGreaterThan(0);
	});
});
