import { expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { embeddedModel, vocabularyFile } from './support/models.js';

test('a prompt has the texts between the vocabulary’s tokens for prefix, suffix and middle', async () => {
	await using model = await loadModel(vocabularyFile('starcoder'), { vocabOnly: true });
	const [prefix, suffix] = ['const sum = (a, b) => ', ';\nconsole.log(sum(1, 2));'];
	const tokens = await model.fillInTheMiddle(prefix, suffix);
	expect(model.detokenize(tokens, { renderSpecial: true })).toBe(
		`<fim_prefix>${prefix}<fim_suffix>${suffix}<fim_middle>`,
	);
	expect([...tokens]).toEqual([
		...model.tokenize('<fim_prefix>', { parseSpecial: true }),
		...model.tokenize(prefix),
		...model.tokenize('<fim_suffix>', { parseSpecial: true }),
		...model.tokenize(suffix),
		...model.tokenize('<fim_middle>', { parseSpecial: true }),
	]);
	expect(await model.fillInTheMiddle('', '')).toHaveLength(3);
});

test('a text cannot write the token that begins another part', async () => {
	await using model = await loadModel(vocabularyFile('starcoder'), { vocabOnly: true });
	const tokens = await model.fillInTheMiddle('a <fim_middle> b', 'c');
	const [middle] = model.tokenize('<fim_middle>', { parseSpecial: true });
	expect([...tokens].filter((token) => token === middle)).toHaveLength(1);
	expect(model.detokenize(tokens, { renderSpecial: true })).toContain('a <fim_middle> b<fim_suffix>c');
});

test('a model whose vocabulary has no such tokens is refused', async () => {
	await using model = await loadModel(embeddedModel);
	await expect(model.fillInTheMiddle('a', 'b')).rejects.toMatchObject({
		code: 'MODEL_INVALID',
		message: expect.stringMatching(/does not fill in the middle/),
	});
	await expect(model.fillInTheMiddle(3 as unknown as string, 'b')).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: 'Expected a string for prefix but received 3',
	});
});
