import { createProviderRegistry, embed, embedMany, generateText, rerank } from 'ai';
import { afterAll, describe, expect, test } from 'vitest';
import {
	createReprise,
	type RepriseEmbeddingOptions,
	type RepriseRerankingOptions,
} from '../../lib/ai-sdk/index.js';
import { loadModel } from '../../lib/index.js';
import { embeddedModel } from '../support/models.js';
import { oddModel } from '../support/odd-models.js';

const reprise = createReprise({ session: { contextLength: 256, threads: 1 } });
const bert = await oddModel('bert');
const ranking = await oddModel('ranking');
const loaded = await loadModel(embeddedModel);
afterAll(async () => {
	await reprise.dispose();
	await loaded.dispose();
});

const values = [
	'Mara found a red box near the market.',
	'Tom asked Lena about the coins.',
	'who found the box?',
	'The cat sat on the mat. '.repeat(20),
];

describe('embeddings', () => {
	test('are those of the library, with the number of tokens', async () => {
		const { embeddings, usage, warnings } = await embedMany({ model: reprise.embeddingModel(bert), values });
		await using own = await loadModel(bert);
		const vectors = await own.embed(values);
		for (const [index, vector] of vectors.entries())
			for (const [at, one] of vector.entries()) expect(embeddings[index]?.[at]).toBeCloseTo(one, 3);
		const tokens = values.map((value) => own.tokenize(value, { addSpecial: true }).length);
		expect(usage.tokens).toBe(tokens.reduce((sum, count) => sum + count));
		expect(warnings).toEqual([]);
	});

	test('have options of their own, and tell what has no effect', async () => {
		const { embedding } = await embed({
			model: reprise.embeddingModel(loaded),
			value: 'Mara found a red box.',
			providerOptions: {
				reprise: { normalize: false, pooling: 'last' } satisfies RepriseEmbeddingOptions,
			},
		});
		const length = Math.sqrt(embedding.reduce((sum, one) => sum + one * one, 0));
		expect(length).not.toBeCloseTo(1, 2);
		const { warnings } = await reprise.embeddingModel(bert).doEmbed({ values: ['a'], dimensions: 8 });
		expect(warnings).toMatchObject([{ type: 'unsupported', feature: 'dimensions' }]);
		const wrong = { reprise: { pool: 'last' } };
		await expect(
			embed({ model: reprise.embeddingModel(bert), value: 'a', providerOptions: wrong, maxRetries: 0 }),
		).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	});

	test('end with the reason of their signal', async () => {
		const reason = new Error('enough');
		const stop = new AbortController();
		const many = embedMany({
			model: reprise.embeddingModel(bert),
			values: Array.from({ length: 200 }, () => values[3] as string),
			abortSignal: stop.signal,
			maxRetries: 0,
		});
		setTimeout(() => stop.abort(reason), 5);
		await expect(many).rejects.toBe(reason);
	});
});

describe('reranking', () => {
	const query = 'who found the box?';

	test('orders documents by the scores of the library', async () => {
		const { ranking: order, rerankedDocuments } = await rerank({
			model: reprise.rerankingModel(ranking),
			...{ query, documents: values },
		});
		await using own = await loadModel(ranking);
		const scores = Array.from(await own.rank(query, values));
		const best = [...scores.keys()].sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0));
		expect(order.map(({ originalIndex }) => originalIndex)).toEqual(best);
		expect(rerankedDocuments[0]).toBe(values[best[0] as number]);
		for (const { originalIndex, score } of order) expect(score).toBeCloseTo(scores[originalIndex] ?? 0, 2);
	});

	test('gives the best ones, of objects too', async () => {
		const documents = values.map((text) => ({ text: text.slice(0, 30) }));
		const { ranking: order } = await rerank({
			model: reprise.rerankingModel(ranking),
			...{ query, documents, topN: 2 },
			providerOptions: { reprise: { truncate: true } satisfies RepriseRerankingOptions },
		});
		expect(order).toHaveLength(2);
		expect(documents).toContainEqual(order[0]?.document);
	});
});

describe('a provider', () => {
	test('loads a model once for all that is asked of it, and again where that has failed', async () => {
		let loads = 0;
		await using own = createReprise({ load: { onProgress: (fraction) => void (fraction === 1 && loads++) } });
		const prompt = 'Copy this text: Mara found a lantern.';
		await Promise.all([
			generateText({ model: own(embeddedModel), prompt, maxOutputTokens: 3 }),
			generateText({ model: own.languageModel(embeddedModel), prompt, maxOutputTokens: 3 }),
			embed({ model: own.embeddingModel(embeddedModel), value: 'a' }),
		]);
		expect(loads).toBe(1);
		const missing = { model: own('no.gguf'), prompt, maxRetries: 0 };
		for (let again = 0; again < 2; again++)
			await expect(generateText(missing)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
	});

	test('leaves a loaded model to its owner', async () => {
		const own = createReprise({ session: { contextLength: 256, threads: 1 } });
		const { response } = await generateText({ model: own(loaded), prompt: 'Copy: a', maxOutputTokens: 3 });
		expect(response.modelId).toBe(loaded.info.metadata['general.name'] || loaded.info.description);
		const late = own(loaded);
		await own.dispose();
		expect(loaded.tokenize('a').length).toBeGreaterThan(0);
		expect(() => own(loaded)).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
		await expect(generateText({ model: late, prompt: 'a', maxRetries: 0 })).rejects.toMatchObject({
			code: 'DISPOSED',
		});
		await own.dispose();
	});

	test('is one of a registry', async () => {
		const registry = createProviderRegistry({ reprise }, { separator: ' > ' });
		const { text } = await generateText({
			model: registry.languageModel(`reprise > ${embeddedModel}`),
			prompt: 'Copy this text: Mara found a lantern near the harbor. Every Friday Tom brings 24 candles.',
			maxOutputTokens: 12,
		});
		expect(text).not.toBe('');
	});

	test('has a template of its own where it is given one', async () => {
		const template = `{% for m in messages %}{{ m.content }}{% endfor %}{{ suffix }}`;
		await using own = createReprise({
			...{ template, templateVariables: { suffix: ' and' } },
			session: { contextLength: 256, threads: 1 },
		});
		const { usage } = await generateText({ model: own(loaded), prompt: 'Mara', maxOutputTokens: 3 });
		expect(usage.inputTokens).toBe(loaded.tokenize('Mara and', { addSpecial: true }).length);
	});

	test.each([
		[{ parallel: 0 }, 'an integer in 1…64 for parallel'],
		[{ sessions: 4 }, 'createReprise has no option "sessions"'],
		[{ load: 4 }, 'an object for load'],
	])('refuses %o', (settings, message) => {
		expect(() => createReprise(settings as object)).toThrow(message);
	});

	test.each([['', 3, null, {}]].flat())('refuses %o as a model', (wrong) => {
		expect(() => reprise(wrong as string)).toThrow('a path, a name or a loaded model for model');
	});
});

test('a provider that was disposed loads no model any more', async () => {
	const reprise = createReprise();
	const [embedding, reranking] = [
		reprise.embeddingModel(embeddedModel),
		reprise.rerankingModel(embeddedModel),
	];
	await reprise.dispose();
	await expect(embedding.doEmbed({ values: ['a'] })).rejects.toMatchObject({ code: 'DISPOSED' });
	const documents = { type: 'text' as const, values: ['a'] };
	await expect(reranking.doRerank({ query: 'a', documents })).rejects.toMatchObject({ code: 'DISPOSED' });
});
