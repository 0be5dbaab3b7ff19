import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
	ChatCompletionCreateParamsNonStreaming,
	ChatCompletionMessageParam,
	ChatCompletionTool,
} from 'openai/resources';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { llamaSourceDir } from '../support/llama-source.js';
import { embeddedModel } from '../support/models.js';
import { modelName, openAi, post, serving } from './support/server.js';

// The model is small and knows no tools. To stand for a clever one, its reply begins with the mark of a call, and the
// grammar of the tools leaves it no choice from there.
const model = await loadModel(embeddedModel);
const template = readFileSync(
	join(llamaSourceDir(), 'models', 'templates', 'Qwen-Qwen2.5-7B-Instruct.jinja'),
	'utf8',
);
const server = await serving(model, { template: { template } });
const client = openAi(server);
afterAll(async () => {
	await server.close();
	await model.dispose();
});

const weather: ChatCompletionTool = {
	type: 'function',
	function: {
		name: 'weather',
		description: 'The weather of a city.',
		parameters: { type: 'object', properties: { city: { const: 'Oslo' } }, required: ['city'] },
	},
};
const question: ChatCompletionMessageParam = { role: 'user', content: 'How is Oslo?' };
const begun: ChatCompletionMessageParam = { role: 'assistant', content: '<tool_call>\n' };
const request: ChatCompletionCreateParamsNonStreaming = {
	model: modelName,
	messages: [question, begun],
	tools: [weather],
	tool_choice: 'required',
	parallel_tool_calls: false,
	temperature: 0,
	max_tokens: 120,
};

describe('tools', () => {
	test('are called, and their results are part of the conversation', async () => {
		const { choices } = await client.chat.completions.create(request);
		const [choice] = choices;
		expect(choice?.finish_reason).toBe('tool_calls');
		expect(choice?.message.content).toBeNull();
		const [call] = choice?.message.tool_calls ?? [];
		if (call?.type !== 'function') throw new Error('There is no call');
		expect(call.function.name).toBe('weather');
		expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Oslo' });

		const answered = await client.chat.completions.create({
			...request,
			tool_choice: 'auto',
			max_tokens: 20,
			messages: [
				question,
				{ role: 'assistant', content: null, tool_calls: [call] },
				{ role: 'tool', tool_call_id: call.id, content: 'clear, four degrees below zero' },
			],
		});
		const { prompt_tokens = 0, prompt_tokens_details } = answered.usage ?? {};
		expect(answered.choices[0]?.message.role).toBe('assistant');
		expect(prompt_tokens_details?.cached_tokens).toBeGreaterThan(prompt_tokens / 2);
	});

	test('stream their calls', async () => {
		const stream = await client.chat.completions.create({ ...request, stream: true });
		let [id, name, given, reason] = ['', '', '', ''];
		for await (const { choices } of stream) {
			for (const call of choices[0]?.delta.tool_calls ?? []) {
				expect(call.index).toBe(0);
				id += call.id ?? '';
				name += call.function?.name ?? '';
				given += call.function?.arguments ?? '';
			}
			reason = choices[0]?.finish_reason ?? reason;
		}
		expect({ name, reason }).toEqual({ name: 'weather', reason: 'tool_calls' });
		expect(id).not.toBe('');
		expect(JSON.parse(given)).toEqual({ city: 'Oslo' });
	});

	test.each([
		[
			'a choice of a tool that there is not',
			{ tool_choice: { type: 'function', function: { name: 'other' } } },
		],
		['a choice without tools', { tools: [] }],
		['a name that is none', { tools: [{ type: 'function', function: { name: 'a b' } }] }],
		['a kind of tool that there is not', { tools: [{ type: 'browser' }] }],
		['a schema that is none', { tools: [{ type: 'function', function: { name: 'a', parameters: 7 } }] }],
		['a result that names no call', { messages: [{ role: 'tool', content: 'x' }] }],
		['a message that says nothing', { messages: [{ role: 'assistant', content: null }] }],
		['calls that are none', { messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] }],
		['a format beside tools', { response_format: { type: 'json_object' } }],
	])('%s is status 400', async (_, wrong) => {
		const response = await post(server, '/v1/chat/completions', { ...request, ...wrong });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
	});
});
