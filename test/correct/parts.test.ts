import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extended, finalAnswer, listItems, sentences } from '../../lib/correct/parts.js';
import { splitSteps, stepEnds } from '../../lib/correct/presets/support/step-ends.js';

test('list items are what follows a bullet or a number', () => {
	const text = 'The constraints:\n- short\n * in English \n2. no names\n3) polite\nplain\n- \n-not';
	expect(listItems(text)).toEqual(['short', 'in English', 'no names', 'polite']);
});

test('a long line of white space is no item', () => {
	expect(listItems(`- ${' '.repeat(1e6)}`)).toEqual([]);
	expect(listItems(`- ${' '.repeat(1e6)}x y `)).toEqual(['x y']);
});

test('sentences joined are the text', () => {
	expect(sentences('It is 3.5 m long. Is it?  Yes!')).toEqual(['It is 3.5 m long. ', 'Is it?  ', 'Yes!']);
	fc.assert(fc.property(fc.string(), (text) => sentences(text).join('') === text));
});

describe('steps', () => {
	test('end with what ends them', () => {
		expect(splitSteps('one\ntwo;three', ['\n', ';'])).toEqual(['one\n', 'two;', 'three']);
		expect(splitSteps('', ['\n'])).toEqual([]);
	});

	test('joined are the text, and hold their end at the end alone', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '.') }), (text) => {
				const steps = splitSteps(text, ['\n', '..']);
				expect(steps.join('')).toBe(text);
				for (const step of steps) expect(step.slice(0, -1)).not.toMatch(/\n|\.\.(?=.)/);
			}),
		);
	});

	test.each([[''], [[]], [['\n', '']], [3]])('ending at %j is an error', (ends) => {
		expect(() => stepEnds(ends, 'boundary')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
	});
});

test.each([
	['So 12 + 5 makes 1,017.0.', '1017'],
	['It is -3', '-3'],
	['  Paris,\nFrance ', 'paris, france'],
])('%j comes to %j', (text, answer) => {
	expect(finalAnswer(text)).toBe(answer);
});

test('what is added to a question stands in its last message', () => {
	const system = { role: 'system', content: 'Be brief.' } as const;
	expect(extended([system, { role: 'user', content: 'Who?' }], 'And why?')).toEqual([
		system,
		{ role: 'user', content: 'Who?\n\nAnd why?' },
	]);
});
