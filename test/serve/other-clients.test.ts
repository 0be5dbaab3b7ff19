import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { embed, generateText, Output, streamText } from 'ai';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadModel } from '../../lib/index.js';
import { formModel } from '../support/models.js';
import { modelName, serving } from './support/server.js';

const model = await loadModel(formModel);
const server = await serving(model);
afterAll(async () => {
	await server.close();
	await model.dispose();
});
const baseURL = `${server.url}/v1`;
const prompt = 'Copy this text:\nMara found a red box near the harbor.';
const copy = 'Mara found a red box near the harbor.';

describe('the AI SDK', () => {
	const provider = createOpenAICompatible({
		name: 'reprise',
		baseURL,
		includeUsage: true,
		supportsStructuredOutputs: true,
	});

	test('generates and streams texts', async () => {
		const { text, finishReason, usage } = await generateText({
			model: provider(modelName),
			prompt,
			temperature: 0,
		});
		expect({ text, finishReason }).toEqual({ text: copy, finishReason: 'stop' });
		expect(usage.inputTokens).toBeGreaterThan(10);
		const streamed = streamText({ model: provider(modelName), prompt, temperature: 0 });
		let said = '';
		for await (const part of streamed.textStream) said += part;
		expect(said).toBe(copy);
		expect((await streamed.usage).outputTokens).toBeGreaterThan(5);
	});

	test('generates objects', async () => {
		const schema = z.object({ color: z.enum(['red', 'blue']), boxes: z.number().int().min(1).max(9) });
		const { output } = await generateText({
			model: provider(modelName),
			prompt,
			output: Output.object({ schema }),
		});
		expect(schema.parse(output)).toEqual(output);
	});

	test('embeds', async () => {
		const { embedding } = await embed({ model: provider.embeddingModel(modelName), value: 'Mara' });
		expect(Float32Array.from(embedding)).toEqual((await model.embed(['Mara']))[0]);
	});
});

describe('LangChain', () => {
	const fields = { model: modelName, apiKey: 'none', configuration: { baseURL }, maxRetries: 0 };

	test('generates and streams texts', async () => {
		const chat = new ChatOpenAI({ ...fields, temperature: 0 });
		expect((await chat.invoke(prompt)).content).toBe(copy);
		let said = '';
		for await (const { content } of await chat.stream(prompt)) said += content;
		expect(said).toBe(copy);
	});

	test('gives structured output', async () => {
		const schema = z.object({ color: z.enum(['red', 'blue']) });
		const chat = new ChatOpenAI(fields).withStructuredOutput(schema, { method: 'jsonSchema' });
		expect(['red', 'blue']).toContain((await chat.invoke(prompt)).color);
	});

	test('embeds', async () => {
		const vectors = await new OpenAIEmbeddings(fields).embedDocuments(['Mara']);
		expect(Float32Array.from(vectors[0] ?? [])).toEqual((await model.embed(['Mara']))[0]);
	});
});
