import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { contextTokens } from '../lib/tokens.js';
import { Transcript } from '../lib/transcript.js';
import { embeddedModel, vocabularyFile } from './support/models.js';

const models = {
	'tiny-edit': await loadModel(embeddedModel, { vocabOnly: true }),
	// This tokenizer adds a space before text, which a seam must not do.
	'llama-spm': await loadModel(vocabularyFile('llama-spm'), { vocabOnly: true }),
	qwen2: await loadModel(vocabularyFile('qwen2'), { vocabOnly: true }),
};
afterAll(() => {
	for (const model of Object.values(models)) model.dispose();
});

const content = fc.string({
	unit: fc.constantFrom('a', 'the ', 'Mara', '\n', '  ', '7', 'é', '🙂', '{', '.'),
});

describe.each(Object.entries(models))('with the vocabulary of %s', (_, model) => {
	const write = (tokens: Int32Array) => model.detokenize(tokens, { special: true });
	const tokenizeWhole = (text: string) => contextTokens(model)(text, 'prompt');

	test('the tokens of a text are that text, whatever came before', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 4 }), (turns) => {
				const transcript = new Transcript(model);
				for (const [prompt, reply] of turns) {
					const text = `>${prompt}`;
					const tokens = transcript.tokenize(text);
					expect(write(tokens)).toBe(write(tokenizeWhole(text)));
					transcript.replace(text, tokens);
					transcript.add(model.tokenize(reply));
				}
			}),
		);
	});

	test('a prompt that goes on from a reply keeps the tokens the reply was said in', () => {
		const transcript = new Transcript(model);
		const question = tokenizeWhole('How are you?');
		transcript.replace('How are you?', question);
		const letters = [...'fine, thanks'].map((letter) => model.tokenize(letter).at(-1) as number);
		transcript.add(Int32Array.from(letters));
		const reply = write(Int32Array.from([...question, ...letters])).slice(write(question).length);
		const next = transcript.tokenize(`How are you?${reply}${model.info.eosText}`);
		expect([...next.slice(0, question.length + letters.length)]).toEqual([...question, ...letters]);
		expect(next.at(-1)).toBe(model.info.eosToken);
	});
});

test('an earlier turn edited keeps the tokens up to it, and forgets those after it', () => {
	const model = models['tiny-edit'];
	const transcript = new Transcript(model);
	const letterwise = (text: string) =>
		Int32Array.from([...text].flatMap((letter) => [...model.tokenize(letter)]));
	let text = 'One';
	for (const said of ['apple', 'pear']) {
		transcript.replace(text, transcript.tokenize(text));
		transcript.add(letterwise(said));
		text += `${said}\nAnd`;
	}
	const edited = transcript.tokenize('Oneapple\nOr');
	const kept = [...model.tokenize('One'), ...letterwise('apple')];
	expect([...edited.slice(0, kept.length)]).toEqual(kept);
	transcript.replace('Oneapple\nOr', edited);
	const original = [...transcript.tokenize(text)];
	expect(original.slice(0, kept.length)).toEqual(kept);
	expect(original.slice(kept.length)).toEqual([...model.tokenize('\nAndpear\nAnd')]);
});
