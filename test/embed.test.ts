import { availableParallelism } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { type EmbedOptions, loadModel, type Model, type Pooling } from '../lib/index.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';
import { oddModel } from './support/odd-models.js';

const generating = await loadModel(embeddedModel);
const bert = await loadModel(await oddModel('bert'));
afterAll(async () => {
	await generating.dispose();
	await bert.dispose();
});

const texts = [
	'Mara found a red box near the market.',
	'Tom asked Lena about the coins.',
	'a',
	'The cat sat on the mat, and the dog sat on the cat. '.repeat(5),
];

const dot = (a: Float32Array, b: Float32Array): number =>
	a.reduce((sum, one, i) => sum + one * (b[i] ?? Number.NaN), 0);

function expectNear(one: Float32Array | undefined, other: Float32Array | undefined): void {
	expect(one?.length).toBe(other?.length);
	const most = Math.max(...(one ?? []).map((value, i) => Math.abs(value - (other?.[i] ?? Number.NaN))));
	expect(most).toBeLessThan(2e-3);
}

async function alone(model: Model, text: string, options?: EmbedOptions): Promise<Float32Array> {
	return (await model.embed([text], options))[0] as Float32Array;
}

describe.each([
	['a model that generates', generating],
	['a model for embeddings', bert],
])('embeddings of %s', (_, model) => {
	test('have the model’s length each, and length 1 as vectors', async () => {
		const embeddings = await model.embed(texts);
		expect(embeddings).toHaveLength(texts.length);
		for (const one of embeddings) {
			expect(one).toHaveLength(model.info.embeddingLength);
			expect(dot(one, one)).toBeCloseTo(1, 5);
		}
		expect(dot(embeddings[0] as Float32Array, embeddings[1] as Float32Array)).toBeLessThan(0.9999);
	});

	test('of many texts at once are those of each alone', async () => {
		const many = Array.from({ length: 150 }, (_, i) => `${texts[i % 4]} ${i}`);
		const embeddings = await model.embed(many);
		for (const i of [0, 1, 2, 3, 63, 64, 65, 149])
			expectNear(embeddings[i], await alone(model, many[i] as string));
	});

	test('without normalize have the same direction', async () => {
		for (const text of texts) {
			const raw = await alone(model, text, { normalize: false });
			const length = Math.sqrt(dot(raw, raw));
			expect(length).not.toBeCloseTo(1, 2);
			expectNear(
				raw.map((one) => one / length),
				await alone(model, text),
			);
		}
	});

	test('of tokens are those of the text that they are', async () => {
		const tokens = texts.map((text) => model.tokenize(text, { addSpecial: true }));
		const [ofTokens, ofTexts] = [await model.embed(tokens), await model.embed(texts)];
		for (const i of texts.keys()) expectNear(ofTokens[i], ofTexts[i]);
	});

	test('depend on the pooling, which is the model’s own unless it is given', async () => {
		const by = (pooling: Pooling) => alone(model, texts[0] as string, { pooling });
		const own = await alone(model, texts[0] as string);
		const [mean, cls, last] = [await by('mean'), await by('cls'), await by('last')];
		expectNear(own, model === bert ? cls : mean);
		expect(dot(mean, cls)).toBeLessThan(0.9999);
		expect(dot(mean, last)).toBeLessThan(0.9999);
		expect(dot(cls, last)).toBeLessThan(0.9999);
	});

	test('of a text that is too long are refused, unless it is truncated', async () => {
		const most = model.info.trainedContextLength;
		const unit = model.tokenize(' cat');
		const end = model.tokenize('', { addSpecial: true }).at(-1);
		const long = Int32Array.from({ length: most + 5 }, (_, i) => unit[i % unit.length] as number);
		if (model === bert) long[long.length - 1] = end as number;
		await expect(model.embed([texts[0] as string, long])).rejects.toMatchObject({
			code: 'CONTEXT_OVERFLOW',
			message: expect.stringMatching(`Text 1 has ${most + 5} tokens, and the model reads ${most}`),
		});
		const [truncated] = await model.embed([long], { truncate: true });
		const kept = long.slice(0, most);
		if (model === bert) kept[most - 1] = end as number;
		expectNear(truncated, (await model.embed([kept]))[0]);
		// A shorter text does not mind the context that a longer one needed.
		expectNear(await alone(model, texts[2] as string), (await model.embed(texts))[2]);
	});

	test('read what looks like a control token as text', async () => {
		const text = model === bert ? 'a [SEP] b' : 'a <|im_end|> b';
		const tokens = model.tokenize(text, { addSpecial: true, parseSpecial: false });
		expectNear(await alone(model, text), (await model.embed([tokens]))[0]);
		const parsed = model.tokenize(text, { addSpecial: true, parseSpecial: true });
		expect(parsed).not.toEqual(tokens);
	});
});

test('calls at the same time, beside a session, give what they give one after another', async () => {
	await using session = await generating.createSession({ contextLength: 256, threads: 1 });
	const expected = await generating.embed(texts);
	const said = await session.generate(copyPrompt, { maxTokens: 30 }).text();
	const [text, ...all] = await Promise.all([
		session.generate(copyPrompt, { maxTokens: 30 }).text(),
		...Array.from({ length: 4 }, () => generating.embed(texts)),
	]);
	expect(text).toBe(said);
	for (const embeddings of all) for (const i of texts.keys()) expectNear(embeddings[i], expected[i]);
});

test.each(['tiny-gemma3', 'tiny-mamba', 'tiny-lfm2'] as const)(
	'a model of another kind of cache has embeddings: %s',
	async (shape) => {
		await using model = await loadModel(await randomModel(shape));
		const embeddings = await model.embed(texts);
		for (const i of texts.keys()) expectNear(embeddings[i], await alone(model, texts[i] as string));
		expect(dot(embeddings[0] as Float32Array, embeddings[1] as Float32Array)).toBeLessThan(0.9999);
	},
);

test('a call is aborted, and the next one works', async () => {
	const long = Array.from({ length: 2000 }, () => texts[3] as string);
	await expect(generating.embed(texts, { signal: AbortSignal.abort() })).rejects.toMatchObject({
		code: 'ABORTED',
	});
	const controller = new AbortController();
	const [first, waiting] = [
		generating.embed(long, { signal: controller.signal }),
		generating.embed(long, { signal: controller.signal }),
	];
	setTimeout(() => controller.abort(), 100);
	await Promise.all([first, waiting].map((call) => expect(call).rejects.toMatchObject({ code: 'ABORTED' })));
	expect(await generating.embed(texts)).toHaveLength(texts.length);
});

test('a call under way ends with its model', async () => {
	const model = await loadModel(embeddedModel);
	const embedding = model.embed(Array.from({ length: 5000 }, () => texts[3] as string));
	const failure = expect(embedding).rejects.toMatchObject({ code: 'DISPOSED' });
	await new Promise((resolve) => setTimeout(resolve, 50));
	await model.dispose();
	await failure;
	await expect(model.embed(texts)).rejects.toMatchObject({ code: 'DISPOSED' });
});

describe('no embeddings', () => {
	test('of no texts', async () => {
		expect(await generating.embed([])).toEqual([]);
	});

	test.each<[unknown, EmbedOptions | undefined, string, RegExp]>([
		['a text', undefined, 'OPTION_INVALID', /an array for texts but received "a text"/],
		[['a', 3], undefined, 'OPTION_INVALID', /for texts\[1\] but received 3/],
		[[[-1]], undefined, 'OPTION_INVALID', /token ids in 0…\d+ for texts\[0\]/],
		[['\ud800'], undefined, 'TEXT_INVALID', /texts\[0\]/],
		[['a', []], undefined, 'PROMPT_EMPTY', /Text 1 has no tokens/],
		[[], { pooling: 'max' as 'mean' }, 'OPTION_INVALID', /one of 'mean', 'cls', 'last' for pooling/],
		[[], { threads: availableParallelism() + 1 }, 'OPTION_INVALID', /for threads/],
	])('of %j with %j', async (given, options, code, message) => {
		await expect(generating.embed(given as string[], options)).rejects.toMatchObject({
			code,
			message: expect.stringMatching(message),
		});
	});

	test('of a vocabulary alone', async () => {
		await using vocabulary = await loadModel(embeddedModel, { vocabOnly: true });
		await expect(vocabulary.embed(texts)).rejects.toMatchObject({ code: 'MODEL_VOCAB_ONLY' });
		await expect(vocabulary.rank('a', texts)).rejects.toMatchObject({ code: 'MODEL_VOCAB_ONLY' });
	});

	test('that are no numbers', async () => {
		await using broken = await loadModel(await oddModel('nan'));
		await expect(broken.embed(texts)).rejects.toMatchObject({ code: 'DECODE_FAILED' });
	});
});
