import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { embeddedModel } from './support/models.js';

const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());

describe('loadModel', () => {
	test('reports rising progress up to 1', async () => {
		const fractions: number[] = [];
		await using loaded = await loadModel(embeddedModel, {
			onProgress: (fraction) => fractions.push(fraction),
		});
		expect(loaded.info.architecture).toBe('llama');
		expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
		expect(fractions.at(-1)).toBe(1);
	});

	test('rejects with ABORTED where the signal was aborted before', async () => {
		await expect(loadModel(embeddedModel, { signal: AbortSignal.abort() })).rejects.toMatchObject({
			code: 'ABORTED',
		});
	});

	test('rejects with ABORTED where the signal is aborted while it loads', async () => {
		const controller = new AbortController();
		const loading = loadModel(embeddedModel, { signal: controller.signal });
		controller.abort();
		await expect(loading).rejects.toMatchObject({ code: 'ABORTED' });
	});

	test('rejects with ABORTED where onProgress throws', async () => {
		const mine = new Error('mine');
		const onProgress = () => {
			throw mine;
		};
		await expect(loadModel(embeddedModel, { onProgress })).rejects.toMatchObject({
			code: 'ABORTED',
			message: 'onProgress threw: mine',
			cause: mine,
		});
	});

	test('loads the vocabulary alone where asked to', async () => {
		await using vocabulary = await loadModel(embeddedModel, { vocabOnly: true });
		expect(vocabulary.info.vocabOnly).toBe(true);
		expect([...vocabulary.tokenize('a b')]).toEqual([...model.tokenize('a b')]);
		await expect(vocabulary.createSession()).rejects.toMatchObject({ code: 'MODEL_VOCAB_ONLY' });
	});
});

test('info says what the model is and what drafts its cache takes', () => {
	expect(model.info).toMatchObject({
		architecture: 'llama',
		layers: 5,
		heads: 4,
		headsKv: 2,
		vocabularySize: 2048,
		trainedContextLength: 2048,
		cacheKind: 'full',
		slidingWindow: 0,
		drafts: 'tree',
		draftsReason: '',
		vocabOnly: false,
	});
	expect(model.info.endTokens).toContain(model.info.eosToken);
	expect(model.info.chatTemplate).toContain('<|im_start|>');
	expect(model.info.metadata['general.architecture']).toBe('llama');
});

test('info cannot be changed', () => {
	expect(Object.isFrozen(model.info)).toBe(true);
});

describe('tokenize and detokenize', () => {
	// SentencePiece writes spaces as U+2581, so that one character comes back as a space.
	test('any text without U+2581 comes back from its tokens', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				fc.pre(!text.includes('\u2581'));
				expect(model.detokenize(model.tokenize(text))).toBe(text);
			}),
		);
	});

	test('control tokens written out are text, or with parseSpecial these tokens', () => {
		expect(model.tokenize('<|im_end|>').length).toBeGreaterThan(1);
		expect([...model.tokenize('<|im_end|>', { parseSpecial: true })]).toEqual([model.info.eosToken]);
	});

	test('control tokens are left out of the text, or with special written out', () => {
		expect(model.detokenize([model.info.eosToken])).toBe('');
		expect(model.detokenize([model.info.eosToken], { renderSpecial: true })).toBe('<|im_end|>');
	});

	test('half a character becomes U+FFFD', () => {
		const bytes = model.tokenize('🙂');
		expect(bytes.length).toBeGreaterThan(1);
		expect(model.detokenize(bytes.slice(0, -1))).toContain('\uFFFD');
	});
});

test('a disposed model can no longer be used, and disposing it again does nothing', async () => {
	const loaded = await loadModel(embeddedModel);
	await loaded.dispose();
	await loaded.dispose();
	expect(() => loaded.tokenize('a')).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
	expect(() => loaded.detokenize([1])).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
	await expect(loaded.createSession()).rejects.toMatchObject({ code: 'DISPOSED' });
});
