import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { concatTokens, contextTokens, innerTokens, promptInput } from '../lib/tokens.js';
import { embeddedModel, vocabularyFile } from './support/models.js';

const llama = await loadModel(vocabularyFile('llama-spm'), { vocabOnly: true });
const tinyEdit = await loadModel(embeddedModel, { vocabOnly: true });
afterAll(async () => {
	await llama.dispose();
	await tinyEdit.dispose();
});

test('a context starts with one BOS token where the model wants one, written out or not', async () => {
	expect(llama.info.addBos).toBe(true);
	for (const prompt of ['Hello', `${llama.info.bosText}Hello`]) {
		const tokens = await contextTokens(llama, prompt);
		expect(tokens[0]).toBe(llama.info.bosToken);
		expect(tokens.filter((token) => token === llama.info.bosToken)).toHaveLength(1);
	}
});

test('a context has no BOS token where the model wants none', async () => {
	expect(tinyEdit.info.addBos).toBe(false);
	expect(await contextTokens(tinyEdit, 'Hello')).not.toContain(tinyEdit.info.bosToken);
});

test('a text in the middle is as it is: no BOS token, and no space that SentencePiece puts before a text', async () => {
	const [before, after] = [await contextTokens(llama, 'Once upon a ca'), await innerTokens(llama, 't was')];
	expect(after).not.toContain(llama.info.bosToken);
	expect(llama.detokenize(concatTokens(before, after))).toBe('Once upon a cat was');
});

test('token ids are taken as they are', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(tinyEdit.info.vocabularySize - 1), { minLength: 1 }), async (ids) => {
			for (const given of [ids, Int32Array.from(ids)])
				expect([...(await contextTokens(tinyEdit, promptInput(2048)(given, 'prompt')))]).toEqual(ids);
		}),
	);
});

test('control tokens written out are these tokens', async () => {
	expect([...(await innerTokens(tinyEdit, '<|im_end|>'))]).toEqual([tinyEdit.info.eosToken]);
});

test.each([[-1], [2048], [1.5], ['7'], [null]])('%j is no token id, and its index is named', (id) => {
	expect(() => promptInput(2048)([1, 2, id], 'prompt')).toThrow(
		expect.objectContaining({
			code: 'OPTION_INVALID',
			message: `Expected token ids in 0…2047 for prompt but received ${JSON.stringify(id)} at index 2`,
		}),
	);
});

test.each([[''], [[]]])('%j is no prompt', (prompt) => {
	expect(() => promptInput(2048)(prompt, 'prompt')).toThrow(
		expect.objectContaining({ code: 'PROMPT_EMPTY' }),
	);
});

test('concatTokens joins its parts in order', () => {
	fc.assert(
		fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 9 }))), (parts) => {
			expect([...concatTokens(...parts.map((part) => Int32Array.from(part)))]).toEqual(parts.flat());
		}),
	);
});
