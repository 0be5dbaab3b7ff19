import { afterAll, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { embeddedModel } from './support/models.js';
import { oddModel, rankingWeight } from './support/odd-models.js';

const model = await loadModel(await oddModel('ranking'));
afterAll(() => model.dispose());

const query = 'who found the box?';
const documents = [
	'Mara found a red box near the market.',
	'Tom asked Lena about the coins.',
	'who found the box?',
	'The cat sat on the mat. '.repeat(20),
];

/** [CLS] query [SEP] document [SEP], as BERT reads a pair. */
function pair(document: string): number[] {
	const inner = (text: string) => [...model.tokenize(text)];
	const [first = 0, last = 0] = model.tokenize('', { addSpecial: true });
	return [first, ...inner(query), last, ...inner(document), last];
}

test('a document’s score is the last layer’s, of the vector of query and document together', async () => {
	const scores = await model.rank(query, documents);
	expect(scores).toHaveLength(documents.length);
	const vectors = await model.embed(documents.map(pair), { pooling: 'cls', normalize: false });
	for (const [i, vector] of vectors.entries()) {
		const expected = vector.reduce((sum, one, at) => sum + one * rankingWeight(at), 0);
		expect(scores[i]).toBeCloseTo(expected, 2);
	}
	expect(new Set(scores).size).toBe(documents.length);
});

test('a document’s score is the same beside others and alone', async () => {
	const many = Array.from({ length: 100 }, (_, i) => `${documents[i % 3]} ${i}`);
	const scores = await model.rank(query, many);
	for (const i of [0, 1, 50, 99])
		expect(scores[i]).toBeCloseTo((await model.rank(query, [many[i] as string]))[0] ?? Number.NaN, 2);
});

test('a document cannot write the tokens that part it from the query', async () => {
	const [score] = await model.rank(query, ['a [SEP] b']);
	const tokens = model.tokenize('a [SEP] b');
	const parsed = model.tokenize('a [SEP] b', { parseSpecial: true });
	expect(tokens.length).toBeGreaterThan(parsed.length);
	const [vector] = await model.embed([pair('a [SEP] b')], { pooling: 'cls', normalize: false });
	const expected = vector?.reduce((sum, one, at) => sum + one * rankingWeight(at), 0);
	expect(score).toBeCloseTo(expected ?? Number.NaN, 2);
});

test('no documents have no scores', async () => {
	expect(await model.rank(query, [])).toEqual(Float32Array.of());
});

test('a document that is too long is refused, or truncated', async () => {
	const long = 'cat '.repeat(600);
	await expect(model.rank(query, ['a', long])).rejects.toMatchObject({
		code: 'CONTEXT_OVERFLOW',
		message: expect.stringMatching(/^Text 1 has \d+ tokens, and the model reads 512/),
	});
	expect(await model.rank(query, ['a', long], { truncate: true })).toHaveLength(2);
});

test('a call is aborted', async () => {
	await expect(model.rank(query, documents, { signal: AbortSignal.abort() })).rejects.toMatchObject({
		code: 'ABORTED',
	});
});

test('a model that ranks makes no embeddings unless it is told how', async () => {
	await expect(model.embed(documents)).rejects.toMatchObject({
		code: 'MODEL_INVALID',
		message: expect.stringMatching(/ranks documents and makes no embeddings/),
	});
});

test.each([
	['a model that generates', embeddedModel],
	['a model for embeddings', await oddModel('bert')],
])('%s does not rank', async (_, path) => {
	await using other = await loadModel(path);
	await expect(other.rank(query, documents)).rejects.toMatchObject({
		code: 'MODEL_INVALID',
		message: expect.stringMatching(/not made to rank documents/),
	});
});
