import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { oddModel } from '../support/odd-models.js';
import { post, serving } from './support/server.js';

// A reranker reads and does not write: its server has no session.
const model = await loadModel(await oddModel('ranking'));
const server = await serving(model);
afterAll(async () => {
	await server.close();
	await model.dispose();
});

const query = 'who found the box?';
const documents = ['Tom asked Lena about the coins.', 'who found the box?', 'Mara found a red box.'];

interface Answer {
	readonly results: Array<{ index: number; relevance_score: number; document?: { text: string } }>;
}
const rerank = async (body: object) =>
	(await (await post(server, '/v1/rerank', { query, documents, ...body })).json()) as Answer;

describe('/v1/rerank', () => {
	test('answers with the scores of the library, the best first', async () => {
		const { results } = await rerank({});
		const scores = await model.rank(query, documents);
		expect(results.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
		for (const { index, relevance_score } of results) expect(relevance_score).toBe(scores[index]);
		const sorted = results.map(({ relevance_score }) => relevance_score);
		expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
	});

	test('answers with the best alone, and with their texts, where that is asked for', async () => {
		const { results } = await rerank({ top_n: 1, return_documents: true });
		const [best] = (await rerank({ documents: documents.map((text) => ({ text })) })).results;
		expect(results).toEqual([{ ...best, document: { text: documents[best?.index ?? -1] } }]);
	});

	test.each([
		['no query', { query: undefined }, 'query'],
		['no documents', { documents: [] }, 'documents'],
		['a document that is no text', { documents: ['a', 7] }, 'documents[1]'],
		['none of the best', { top_n: 0 }, 'top_n'],
	])('refuses %s', async (_what, body, param) => {
		const response = await post(server, '/v1/rerank', { query, documents, ...body });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ error: { param } });
	});
});

test.each([
	['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
	['/v1/completions', { prompt: 'Hi' }],
])('a model that does not generate refuses %s, and says what to ask', async (path, body) => {
	const response = await post(server, path, body);
	expect(response.status).toBe(400);
	expect(await response.json()).toMatchObject({
		error: {
			code: 'unsupported_by_model',
			message: expect.stringMatching(
				/does not generate \(.+\); ask \/v1\/embeddings, or \/v1\/rerank where it ranks$/,
			),
		},
	});
});
