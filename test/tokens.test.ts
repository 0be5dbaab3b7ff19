import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { concatTokens, contextTokens, innerTokens } from '../lib/tokens.js';
import { embeddedModel, vocabularyFile } from './support/models.js';

const llama = await loadModel(vocabularyFile('llama-spm'), { vocabOnly: true });
const tinyEdit = await loadModel(embeddedModel, { vocabOnly: true });
afterAll(() => {
	llama.dispose();
	tinyEdit.dispose();
});

test('a context starts with one BOS token where the model wants one, written out or not', () => {
	expect(llama.info.addBos).toBe(true);
	for (const prompt of ['Hello', `${llama.info.bosText}Hello`]) {
		const tokens = contextTokens(llama)(prompt, 'prompt');
		expect(tokens[0]).toBe(llama.info.bosToken);
		expect(tokens.filter((token) => token === llama.info.bosToken)).toHaveLength(1);
	}
});

test('a context has no BOS token where the model wants none', () => {
	expect(tinyEdit.info.addBos).toBe(false);
	expect(contextTokens(tinyEdit)('Hello', 'prompt')).not.toContain(tinyEdit.info.bosToken);
});

test('token ids are taken as they are', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(tinyEdit.info.vocabularySize - 1), { minLength: 1 }), (ids) => {
			expect([...contextTokens(tinyEdit)(ids, 'prompt')]).toEqual(ids);
			expect([...contextTokens(tinyEdit)(Int32Array.from(ids), 'prompt')]).toEqual(ids);
		}),
	);
});

test('control tokens written out are these tokens', () => {
	expect([...innerTokens(tinyEdit)('<|im_end|>', 'addition')]).toEqual([tinyEdit.info.eosToken]);
});

test.each([[-1], [2048], [1.5], ['7'], [null]])('%j is no token id, and its index is named', (id) => {
	expect(() => contextTokens(tinyEdit)([1, 2, id], 'prompt')).toThrow(
		expect.objectContaining({
			code: 'OPTION_INVALID',
			message: `Expected token ids in 0…2047 for prompt but received ${JSON.stringify(id)} at index 2`,
		}),
	);
});

test('concatTokens joins its parts in order', () => {
	fc.assert(
		fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 9 }))), (parts) => {
			expect([...concatTokens(...parts.map((part) => Int32Array.from(part)))]).toEqual(parts.flat());
		}),
	);
});
