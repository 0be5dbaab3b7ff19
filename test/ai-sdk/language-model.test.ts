import { generateObject, generateText, NoObjectGeneratedError, Output, streamObject, streamText } from 'ai';
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
	createReprise,
	type RepriseLanguageModelOptions,
	type RepriseMetadata,
} from '../../lib/ai-sdk/index.js';
import { loadModel } from '../../lib/index.js';
import { embeddedModel, formModel } from '../support/models.js';

const reprise = createReprise({ session: { contextLength: 1024, threads: 1 } });
const model = reprise(embeddedModel);
const loaded = await loadModel(embeddedModel);
afterAll(async () => {
	await reprise.dispose();
	await loaded.dispose();
});

const source =
	'Mara found a lantern near the harbor. Every Friday Tom brings 24 candles to the library. ' +
	'The carpet costs 58 dollars. Lena keeps the violin in a green basket.';
const prompt = `Copy this text: ${source}`;
const reprised = (options: RepriseLanguageModelOptions) => ({ providerOptions: { reprise: options } });
const metadataOf = (result: { readonly providerMetadata: unknown }) =>
	(result.providerMetadata as { reprise: RepriseMetadata }).reprise;

/** What the library says itself. */
async function said(options: Parameters<Awaited<ReturnType<typeof session>>['generate']>[1]) {
	await using own = await session();
	return await own.chat().send(prompt, options).result;
}
const session = () => loaded.createSession({ contextLength: 1024, threads: 1 });

describe('generateText', () => {
	test('gives the text of the library, its usage and why it ended', async () => {
		const { text, usage, finishReason, rawFinishReason, warnings, response } = await generateText({
			model,
			prompt,
		});
		const own = await said({});
		expect(text).toBe(source);
		expect(own.text).toBe(source);
		expect([finishReason, rawFinishReason]).toEqual(['stop', 'end']);
		expect(usage).toMatchObject({
			inputTokens: own.metrics.promptTokens,
			outputTokens: own.metrics.outputTokens,
			totalTokens: own.metrics.promptTokens + own.metrics.outputTokens,
		});
		expect(warnings).toEqual([]);
		expect(response.modelId).toBe(embeddedModel);
	});

	test('tells what the drafts gained', async () => {
		const metadata = metadataOf(await generateText({ model, prompt, ...reprised({ draft: { size: 16 } }) }));
		expect(metadata.tokensPerPass).toBeGreaterThan(3);
		expect(metadata.accepted).toBeGreaterThan(20);
		expect(metadata.drafted).toBeGreaterThanOrEqual(metadata.accepted);
		expect(metadata.tokensPerSecond).toBeGreaterThan(0);
		const plain = metadataOf(await generateText({ model, prompt, ...reprised({ draft: 'off' }) }));
		expect([plain.drafted, plain.tokensPerPass]).toEqual([0, 1]);
	});

	test('drafts from a prediction', async () => {
		const options = { draft: { size: 16 }, prediction: source } as const;
		const { text, providerMetadata } = await generateText({ model, prompt, ...reprised(options) });
		expect(text).toBe(source);
		expect(metadataOf({ providerMetadata }).draftedBySource.prediction).toBeGreaterThan(0);
	});

	test('has the settings of a call, and the same seed gives the same text', async () => {
		const settings = { temperature: 1.4, topP: 0.95, topK: 40, presencePenalty: 0.2, frequencyPenalty: 0.1 };
		const own = await said({ ...settings, seed: 11, minP: 0.01, maxTokens: 40 });
		for (let again = 0; again < 2; again++) {
			const { text, providerMetadata } = await generateText({
				...{ model, prompt, ...settings, seed: 11, maxOutputTokens: 40 },
				...reprised({ minP: 0.01 }),
			});
			expect(text).toBe(own.text);
			expect(metadataOf({ providerMetadata }).seed).toBe(11);
		}
		expect(own.text).not.toBe(source.slice(0, own.text.length));
	});

	test('ends at a stop sequence, at the limit of tokens and where the context is full', async () => {
		const stopped = await generateText({ model, prompt, stopSequences: ['candles'] });
		expect(stopped.text).toBe(source.slice(0, source.indexOf('candles')));
		expect([stopped.finishReason, stopped.rawFinishReason]).toEqual(['stop', 'stop']);
		expect(metadataOf(stopped).stopString).toBe('candles');
		const cut = await generateText({ model, prompt, maxOutputTokens: 5 });
		expect([cut.finishReason, cut.rawFinishReason, cut.usage.outputTokens]).toEqual(['length', 'length', 5]);
		await using narrow = createReprise({ session: { contextLength: 96, threads: 1 } });
		const full = await generateText({ model: narrow(embeddedModel), prompt });
		expect([full.finishReason, full.rawFinishReason]).toEqual(['length', 'context']);
	});

	test('reads messages, a system message and files of text', async () => {
		const { text } = await generateText({
			model,
			instructions: 'You copy.',
			messages: [
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'Copy this text:' },
						{ type: 'file', mediaType: 'text/plain', data: Buffer.from(source) },
					],
				},
			],
		});
		await using own = await session();
		const chat = own.chat({ system: 'You copy.' });
		expect(text).toBe((await chat.send(`Copy this text:\n${source}`).result).text);
	});

	test('goes on from an answer that has begun', async () => {
		const begun = source.slice(0, source.indexOf(' Every'));
		const { text } = await generateText({
			model,
			messages: [
				{ role: 'user', content: prompt },
				{ role: 'assistant', content: begun },
			],
		});
		expect(begun + text).toBe(source);
	});

	test('gives log-probabilities where they are asked for', async () => {
		const result = await generateText({ model, prompt, maxOutputTokens: 3, ...reprised({ logprobs: 2 }) });
		const { logprobs = [] } = metadataOf(result);
		expect(logprobs).toHaveLength(3);
		expect(logprobs[0]?.top).toHaveLength(2);
		expect(logprobs[0]?.logprob).toBeLessThan(0);
		expect(metadataOf(await generateText({ model, prompt, maxOutputTokens: 3 })).logprobs).toBeUndefined();
	});

	test('rejects with the reason of the signal that ended it', async () => {
		const stop = new AbortController();
		const reason = new Error('enough');
		const text = generateText({
			...{ model, prompt, maxOutputTokens: 900, abortSignal: stop.signal },
			...reprised({ grammar: 'root ::= [a-z]+' }),
		});
		setTimeout(() => stop.abort(reason), 5);
		await expect(text).rejects.toBe(reason);
		await expect(generateText({ model, prompt, abortSignal: AbortSignal.abort() })).rejects.toMatchObject({
			name: 'AbortError',
		});
	});
});

describe('what cannot be done', () => {
	const first = { model, prompt, maxRetries: 0 };
	test.each([
		[{ topk: 5 }, /providerOptions\.reprise has no option "topk"/],
		[{ maxTokens: 5 }, /providerOptions\.reprise has no option "maxTokens"/],
		[{ minP: 2 }, /Expected a number in 0…1 for minP but received 2/],
		[{ draft: 'much' }, /Expected 'auto', 'off' or \{ size \} for draft/],
	])('as with %o, is an error that says so', async (options, message) => {
		await expect(generateText({ ...first, providerOptions: { reprise: options } })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(message),
		});
	});

	test('as making an image, is refused', () => {
		expect(() => reprise.imageModel('a')).toThrow('makes no images');
	});

	test('as a prompt that is longer than the context, rejects and leaves the model usable', async () => {
		await expect(generateText({ ...first, prompt: source.repeat(40) })).rejects.toMatchObject({
			code: 'CONTEXT_OVERFLOW',
		});
		expect((await generateText({ model, prompt })).text).toBe(source);
	});
});

describe('streamText', () => {
	test('gives the text as it comes, then usage and metrics', async () => {
		const { textStream, usage, finishReason, providerMetadata } = streamText({ model, prompt });
		const deltas: string[] = [];
		for await (const delta of textStream) deltas.push(delta);
		expect(deltas.join('')).toBe(source);
		expect(deltas.length).toBeGreaterThan(1);
		expect(await finishReason).toBe('stop');
		expect((await usage).outputTokens).toBeGreaterThan(20);
		expect(metadataOf({ providerMetadata: await providerMetadata }).passes).toBeGreaterThan(0);
	});

	test('shows what was drafted where raw chunks are asked for', async () => {
		const { fullStream } = streamText({
			...{ model, prompt, includeRawChunks: true },
			...reprised({ draft: { size: 16 } }),
		});
		const sources = new Set<string>();
		for await (const part of fullStream)
			if (part.type === 'raw')
				for (const segment of (part.rawValue as { segments: { source: string }[] }).segments)
					sources.add(segment.source);
		expect(sources).toContain('prompt');
	});

	test('ends with an abort where its signal is aborted, and its session takes the next call', async () => {
		const stop = new AbortController();
		const { fullStream } = streamText({
			...{ model, prompt, maxOutputTokens: 900, abortSignal: stop.signal },
			...reprised({ grammar: 'root ::= [a-z]+' }),
		});
		const types: string[] = [];
		for await (const { type } of fullStream) {
			types.push(type);
			if (type === 'text-delta') stop.abort();
		}
		expect(types.at(-1)).toBe('abort');
		expect(types).not.toContain('finish');
		expect((await generateText({ model, prompt })).text).toBe(source);
	});

	test('is ended by who cancels the stream of its model', async () => {
		await using alone = createReprise({ session: { contextLength: 1024, threads: 1 }, parallel: 1 });
		const call = {
			prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }],
			...reprised({ grammar: 'root ::= [a-z]+' }),
		};
		const { stream } = await alone(embeddedModel).doStream({ ...call, maxOutputTokens: 900 });
		await stream.cancel();
		// Only one session is there, so this waits for the end of the one before.
		expect((await generateText({ model: alone(embeddedModel), prompt })).text).toBe(source);
	});

	test('tells of an error in the stream', async () => {
		const errors: unknown[] = [];
		const { text } = streamText({
			...{ model, prompt, maxRetries: 0, providerOptions: { reprise: { minP: 2 } } },
			onError: ({ error }) => void errors.push(error),
		});
		await expect(Promise.resolve(text)).rejects.toThrow();
		expect(errors).toMatchObject([{ code: 'OPTION_INVALID' }]);
	});
});

describe('structured output', () => {
	const forms = reprise(formModel);
	const schema = z.object({
		name: z.string().max(12),
		age: z.number().int().min(0).max(150),
		pets: z.array(z.enum(['cat', 'dog'])).max(2),
	});
	const asked = { model: forms, prompt: 'Fill in the form.', temperature: 1.2, seed: 5 };

	test('is an object of the schema, typed', async () => {
		const { output, providerMetadata } = await generateText({
			...asked,
			...reprised({ draft: { size: 16 } }),
			output: Output.object({ schema }),
		});
		expectTypeOf(output).toEqualTypeOf<z.infer<typeof schema>>();
		expect(schema.parse(output)).toEqual(output);
		expect(metadataOf({ providerMetadata }).acceptedBySource.grammar).toBeGreaterThan(0);
		const { object } = await generateObject({ ...asked, schema });
		expect(object).toEqual(output);
	});

	test('is a choice, an array, or any JSON', async () => {
		const { output } = await generateText({ ...asked, output: Output.choice({ options: ['yes', 'no'] }) });
		expect(['yes', 'no']).toContain(output);
		const list = await generateText({ ...asked, output: Output.array({ element: z.enum(['a', 'b']) }) });
		for (const one of list.output) expect(['a', 'b']).toContain(one);
		const { object } = await generateObject({ ...asked, output: 'no-schema' });
		expect(object).toBeTypeOf('object');
	});

	test('streams', async () => {
		const { partialObjectStream, object } = streamObject({ ...asked, schema });
		let parts = 0;
		for await (const _ of partialObjectStream) parts++;
		expect(parts).toBeGreaterThan(1);
		expect(schema.parse(await object)).toEqual(await object);
	});

	test('that is cut short is no object', async () => {
		const cut = generateObject({ ...asked, schema, maxOutputTokens: 4 });
		await expect(cut).rejects.toSatisfy(NoObjectGeneratedError.isInstance);
	});

	test('by a schema that no grammar can follow is refused', async () => {
		const odd = z.record(z.string().startsWith('x'), z.string());
		await expect(generateObject({ ...asked, schema: odd, maxRetries: 0 })).rejects.toMatchObject({
			code: 'SCHEMA_UNSUPPORTED',
		});
	});
});
