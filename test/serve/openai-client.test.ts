import OpenAI from 'openai';
import { afterAll, describe, expect, test } from 'vitest';
import { type ChatMessage, loadModel } from '../../lib/index.js';
import { asDataUrl, bmp } from '../support/bmp.js';
import { formModel } from '../support/models.js';
import { modelName, openAi, serving } from './support/server.js';

const model = await loadModel(formModel);
const server = await serving(model);
const client = openAi(server);
afterAll(async () => {
	await server.close();
	await model.dispose();
});

const text = 'Mara found a red box near the harbor. Tom keeps the coins in a green bag.';
const messages = [{ role: 'user' as const, content: `Copy this text:\n${text}` }];
const request = { model: modelName, messages, temperature: 0 };
const anImage = asDataUrl(bmp(1));

/** What the library itself says. */
async function inLibrary(options: object = {}, asked: readonly ChatMessage[] = messages): Promise<string> {
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	return (await session.chat().reply(asked, options).result).text;
}

describe('chat.completions', () => {
	test('say what the library says, and what it cost', async () => {
		const { choices, usage, model: answeredBy } = await client.chat.completions.create(request);
		expect(choices).toHaveLength(1);
		expect(choices[0]?.message.content).toBe(await inLibrary());
		expect(choices[0]?.finish_reason).toBe('stop');
		expect(answeredBy).toBe(modelName);
		expect(usage?.prompt_tokens).toBeGreaterThan(20);
		expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
	});

	test('stream the same text, the usage last', async () => {
		const stream = await client.chat.completions.create({
			...request,
			stream: true,
			stream_options: { include_usage: true },
		});
		let said = '';
		const reasons: unknown[] = [];
		const usages: unknown[] = [];
		for await (const { choices, usage } of stream) {
			said += choices[0]?.delta.content ?? '';
			if (choices[0]?.finish_reason) reasons.push(choices[0].finish_reason);
			usages.push(usage);
		}
		expect(said).toBe(await inLibrary());
		expect(reasons).toEqual(['stop']);
		expect(usages.at(-1)).toMatchObject({ total_tokens: expect.any(Number) });
		expect(usages.slice(0, -1).every((usage) => usage === null)).toBe(true);
	});

	test('repeat a sampled text by its seed, and draw each of several replies by one of its own', async () => {
		const open = [{ role: 'user' as const, content: 'Tell me about the harbor.' }];
		const sampled = { ...request, messages: open, temperature: 2, n: 3, max_tokens: 20 };
		const texts = async (seed: number) =>
			(await client.chat.completions.create({ ...sampled, seed })).choices.map(
				({ message }) => message.content,
			);
		const first = await texts(7);
		expect(await texts(7)).toEqual(first);
		expect(new Set(first).size).toBe(3);
		expect(first[0]).toBe(await inLibrary({ temperature: 2, seed: 7, maxTokens: 20 }, open));
	});

	test('end at a length or before a stop string', async () => {
		const short = await client.chat.completions.create({ ...request, max_completion_tokens: 2 });
		expect(short.choices[0]?.finish_reason).toBe('length');
		const stopped = await client.chat.completions.create({ ...request, stop: [' near'] });
		expect(stopped.choices[0]?.message.content).toBe('Mara found a red box');
		expect(stopped.choices[0]?.finish_reason).toBe('stop');
	});

	test('tell log-probabilities, those of a stream too', async () => {
		const asked = { ...request, logprobs: true, top_logprobs: 3, max_tokens: 4 };
		const whole = (await client.chat.completions.create(asked)).choices[0]?.logprobs?.content ?? [];
		expect(whole).toHaveLength(4);
		for (const { token, logprob, bytes, top_logprobs } of whole) {
			expect(logprob).toBeLessThanOrEqual(0);
			expect(Buffer.from(bytes ?? []).toString()).toBe(token);
			expect(top_logprobs).toHaveLength(3);
			expect(top_logprobs[0]?.token).toBe(token);
		}
		const streamed: unknown[] = [];
		for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true }))
			streamed.push(...(choices[0]?.logprobs?.content ?? []));
		expect(streamed).toEqual(whole);
	});

	test('fit a JSON Schema', async () => {
		const schema = {
			type: 'object',
			properties: { name: { enum: ['Mara', 'Tom'] }, age: { type: 'integer', minimum: 1, maximum: 9 } },
			required: ['name', 'age'],
			additionalProperties: false,
		};
		const { choices } = await client.chat.completions.create({
			...request,
			response_format: { type: 'json_schema', json_schema: { name: 'person', schema, strict: true } },
		});
		const value = JSON.parse(choices[0]?.message.content ?? '');
		expect(Object.keys(value)).toEqual(['name', 'age']);
		expect(['Mara', 'Tom']).toContain(value.name);
	});

	test('draft from a prediction, and say how much of it came', async () => {
		const asked = { ...request, messages: [{ role: 'user' as const, content: 'Tell me about the harbor.' }] };
		const said =
			(await client.chat.completions.create({ ...asked, max_tokens: 40 })).choices[0]?.message.content ?? '';
		const { usage } = await client.chat.completions.create({
			...asked,
			max_tokens: 40,
			prediction: { type: 'content', content: said },
		});
		const { accepted_prediction_tokens = 0, rejected_prediction_tokens = -1 } =
			usage?.completion_tokens_details ?? {};
		expect(accepted_prediction_tokens).toBeGreaterThan(0);
		expect(rejected_prediction_tokens).toBeGreaterThanOrEqual(0);
	});

	test('ban a token', async () => {
		const [first] = model.tokenize('Mara');
		const { choices } = await client.chat.completions.create({
			...request,
			max_tokens: 3,
			logit_bias: { [String(first)]: -100 },
		});
		expect(choices[0]?.message.content).not.toMatch(/^M/);
	});
});

test('completions go on from texts, tokens, and several of them', async () => {
	const asked = { model: modelName, temperature: 0, max_tokens: 5 };
	const whole = await client.completions.create({ ...asked, prompt: 'Mara found', echo: true, logprobs: 1 });
	expect(whole.choices[0]?.text).toMatch(/^Mara found/);
	expect(whole.choices[0]?.logprobs?.tokens).toHaveLength(5);
	const tokens = Array.from(model.tokenize('Mara found'));
	const several = await client.completions.create({ ...asked, prompt: ['Mara found', 'Tom keeps'], n: 2 });
	const byTokens = await client.completions.create({ ...asked, prompt: tokens });
	expect(several.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
	expect(`Mara found${byTokens.choices[0]?.text}`).toBe(whole.choices[0]?.text);
	expect(several.choices[0]?.text).toBe(byTokens.choices[0]?.text);
	let streamed = '';
	for await (const { choices } of await client.completions.create({
		...asked,
		prompt: 'Mara found',
		stream: true,
	}))
		streamed += choices[0]?.text ?? '';
	expect(streamed).toBe(byTokens.choices[0]?.text);
});

test('embeddings are those of the library, as numbers and as base64', async () => {
	const input = ['Mara found a box', 'Tom'];
	const vectors = await model.embed(input);
	for (const encoding_format of ['float', 'base64', undefined] as const) {
		const { data } = await client.embeddings.create({
			model: modelName,
			input,
			...(encoding_format && { encoding_format }),
		});
		const read = data.map(({ embedding }) =>
			typeof embedding === 'string'
				? new Float32Array(Uint8Array.from(Buffer.from(embedding, 'base64')).buffer)
				: Float32Array.from(embedding),
		);
		expect(read).toEqual(vectors);
	}
});

test('models are listed and found by name', async () => {
	const listed = [];
	for await (const { id } of client.models.list()) listed.push(id);
	expect(listed).toEqual([modelName]);
	expect((await client.models.retrieve(modelName)).id).toBe(modelName);
	await expect(client.models.retrieve('other')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

describe('what cannot be served is an error of the client’s own classes:', () => {
	test.each([
		['another model', { model: 'other' }, OpenAI.NotFoundError, /There is no model "other"/],
		['a field that is misspelt', { temperatur: 1 }, OpenAI.BadRequestError, /did you mean temperature/],
		['a temperature out of range', { temperature: -1 }, OpenAI.BadRequestError, /temperature/],
		['more replies than there may be at a time', { n: 5 }, OpenAI.BadRequestError, /at most 4 replies/],
		['no message', { messages: [] }, OpenAI.BadRequestError, /at least one message/],
		[
			'an image, which the model cannot read',
			{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: anImage } }] }] },
			OpenAI.BadRequestError,
			/--projector/,
		],
		[
			'a role that there is not',
			{ messages: [{ role: 'wizard', content: '' }] },
			OpenAI.BadRequestError,
			/wizard/,
		],
		[
			'a lone surrogate',
			{ messages: [{ role: 'user', content: '\ud800' }] },
			OpenAI.BadRequestError,
			/surrogate|UTF-8/,
		],
		[
			'a schema that no grammar follows',
			{ response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { not: {} } } } },
			OpenAI.BadRequestError,
			/not/,
		],
		[
			'a conversation beyond the context',
			{ messages: [{ role: 'user', content: 'box '.repeat(9000) }] },
			OpenAI.BadRequestError,
			/context/,
		],
	])('%s', async (_, wrong, type, message) => {
		for (const stream of [false, true]) {
			const asked = client.chat.completions.create({ ...request, ...(wrong as object), stream });
			const error = await asked.catch((reason: unknown) => reason);
			expect(error).toBeInstanceOf(type);
			expect(String(error)).toMatch(message);
		}
	});
});
