import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import type {
	ResponseCreateParamsNonStreaming,
	ResponseInputItem,
	ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { afterAll, describe, expect, test } from 'vitest';
import { type ChatMessage, loadModel } from '../../lib/index.js';
import { noEnd } from '../support/endless.js';
import { llamaSourceDir } from '../support/llama-source.js';
import { embeddedModel, formModel } from '../support/models.js';
import { modelName, openAi, post, serving } from './support/server.js';

const model = await loadModel(formModel);
const server = await serving(model);
const client = openAi(server);
const toolModel = await loadModel(embeddedModel);
const template = (name: string) =>
	readFileSync(join(llamaSourceDir(), 'models', 'templates', `${name}.jinja`), 'utf8');
const toolServer = await serving(toolModel, {
	template: { template: template('Qwen-Qwen2.5-7B-Instruct') },
});
const toolClient = openAi(toolServer);
afterAll(async () => {
	await server.close();
	await toolServer.close();
	await model.dispose();
	await toolModel.dispose();
});

const text = 'Mara found a red box near the harbor. Tom keeps the coins in a green bag.';
const request = { model: modelName, input: `Copy this text:\n${text}`, temperature: 0 };

/** What the library itself says. */
async function inLibrary(messages: readonly ChatMessage[]): Promise<string> {
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	return (await session.chat().reply(messages, { temperature: 0 }).result).text;
}

describe('a response', () => {
	test('says what the library says, and what it cost', async () => {
		const response = await client.responses.create(request);
		expect(response.output_text).toBe(await inLibrary([{ role: 'user', content: request.input }]));
		expect(response).toMatchObject({ object: 'response', status: 'completed', error: null });
		expect(response.output).toMatchObject([{ type: 'message', role: 'assistant', status: 'completed' }]);
		const { input_tokens = 0, output_tokens = 0, total_tokens } = response.usage ?? {};
		expect(input_tokens).toBeGreaterThan(20);
		expect(total_tokens).toBe(input_tokens + output_tokens);
	});

	test('is streamed as events that are counted and add up to it', async () => {
		const whole = await client.responses.create(request);
		const events: ResponseStreamEvent[] = [];
		for await (const event of await client.responses.create({ ...request, stream: true })) events.push(event);
		expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
		const types = events.map(({ type }) => type);
		expect([...new Set(types)]).toEqual([
			'response.created',
			'response.in_progress',
			'response.output_item.added',
			'response.content_part.added',
			'response.output_text.delta',
			'response.output_text.done',
			'response.content_part.done',
			'response.output_item.done',
			'response.completed',
		]);
		expect(types.filter((type) => type === 'response.output_text.delta').length).toBeGreaterThan(1);
		const said = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''));
		expect(said.join('')).toBe(whole.output_text);
		const last = events.at(-1);
		expect(last?.type === 'response.completed' && last.response.output).toMatchObject([
			{ content: [{ type: 'output_text', text: whole.output_text }] },
		]);
	});

	test('is put together by the client’s own helper', async () => {
		const stream = client.responses.stream(request);
		expect((await stream.finalResponse()).output_text).toBe(
			(await client.responses.create(request)).output_text,
		);
	});

	test('names its events, and ends without a mark', async () => {
		const streamed = await (await post(server, '/v1/responses', { ...request, stream: true })).text();
		expect(streamed).toMatch(/^event: response\.created\ndata: \{/);
		expect(streamed).toContain('event: response.completed\n');
		expect(streamed).not.toContain('[DONE]');
	});

	test('goes on with a conversation of instructions and items, whose beginning is not computed anew', async () => {
		const first = await client.responses.create({ ...request, instructions: 'You copy texts.' });
		const conversation = {
			instructions: 'You copy texts.',
			input: [
				{ role: 'user', content: [{ type: 'input_text', text: request.input }] },
				...(first.output as ResponseInputItem[]),
				{ role: 'user', content: 'Once more.' },
			] satisfies ResponseInputItem[],
		};
		const second = await client.responses.create({ ...request, ...conversation });
		const messages: ChatMessage[] = [
			{ role: 'system', content: 'You copy texts.' },
			{ role: 'user', content: request.input },
			{ role: 'assistant', content: first.output_text },
			{ role: 'user', content: 'Once more.' },
		];
		expect(second.output_text).toBe(await inLibrary(messages));
		expect(second.usage?.input_tokens_details.cached_tokens).toBeGreaterThan(
			(second.usage?.input_tokens ?? 0) / 2,
		);
	});

	test('that is cut says so', async () => {
		const response = await client.responses.create({ ...request, max_output_tokens: 3 });
		expect(response).toMatchObject({
			status: 'incomplete',
			incomplete_details: { reason: 'max_output_tokens' },
			output: [{ status: 'incomplete' }],
			usage: { output_tokens: 3 },
		});
	});

	test('that cannot begin is an error, not a stream', async () => {
		const asked = { ...request, stream: true, grammar: 'bad' };
		expect((await post(server, '/v1/responses', asked)).status).toBe(400);
		const chat = { messages: [{ role: 'user', content: 'Hi' }], stream: true, grammar: 'bad' };
		expect((await post(server, '/v1/chat/completions', chat)).status).toBe(400);
	});

	test('fits the schema of its format', async () => {
		const schema = {
			type: 'object',
			properties: { city: { enum: ['Oslo', 'Lisbon'] } },
			required: ['city'],
			additionalProperties: false,
		};
		const format = { type: 'json_schema', name: 'form', schema } as const;
		const { output_text } = await client.responses.create({ ...request, text: { format } });
		expect(['Oslo', 'Lisbon']).toContain(JSON.parse(output_text).city);
	});

	test('has log-probabilities where they are asked for, those of its text, streamed and not', async () => {
		const asked = { ...request, include: ['message.output_text.logprobs' as const], top_logprobs: 2 };
		const responses = [
			await client.responses.create(asked),
			await client.responses.stream(asked).finalResponse(),
		];
		for (const { output, output_text } of responses) {
			const [message] = output;
			const part = message?.type === 'message' ? message.content[0] : undefined;
			const logprobs = (part?.type === 'output_text' ? part.logprobs : undefined) ?? [];
			expect(logprobs.map(({ token }) => token).join('')).toBe(output_text);
			expect(logprobs.every(({ top_logprobs }) => top_logprobs.length === 2)).toBe(true);
		}
	});
});

// The model knows no tools. To stand for a clever one, its reply begins with the mark of a call, and the grammar of the
// tools leaves it no choice from there.
describe('tools', () => {
	const called: ResponseCreateParamsNonStreaming = {
		model: modelName,
		input: [
			{ role: 'user', content: 'How is Oslo?' },
			{ role: 'assistant', content: '<tool_call>\n' },
		],
		tools: [
			{
				type: 'function',
				name: 'weather',
				description: 'The weather of a city.',
				parameters: { type: 'object', properties: { city: { const: 'Oslo' } }, required: ['city'] },
				strict: true,
			},
		],
		tool_choice: 'required',
		parallel_tool_calls: false,
		temperature: 0,
		max_output_tokens: 120,
	};

	test('are called, and their results are part of the conversation', async () => {
		const { output } = await toolClient.responses.create(called);
		const call = output.at(-1);
		if (call?.type !== 'function_call') throw new Error('There is no call');
		expect(call.name).toBe('weather');
		expect(JSON.parse(call.arguments)).toEqual({ city: 'Oslo' });
		const answered = await toolClient.responses.create({
			...called,
			tool_choice: 'auto',
			max_output_tokens: 20,
			input: [
				{ role: 'user', content: 'How is Oslo?' },
				...(output as ResponseInputItem[]),
				{ type: 'function_call_output', call_id: call.call_id, output: 'clear, four degrees below zero' },
			],
		});
		const { input_tokens = 0, input_tokens_details } = answered.usage ?? {};
		expect(input_tokens_details?.cached_tokens).toBeGreaterThan(input_tokens / 2);
	});

	test('stream their calls', async () => {
		let [streamed, done] = ['', ''];
		for await (const event of await toolClient.responses.create({ ...called, stream: true })) {
			if (event.type === 'response.function_call_arguments.delta') streamed += event.delta;
			if (event.type === 'response.function_call_arguments.done') done = event.arguments;
		}
		expect(streamed).toBe(done);
		expect(JSON.parse(done)).toEqual({ city: 'Oslo' });
	});
});

test('what the model thought is an item of its own, in a response and in a conversation', async () => {
	// The prompt ends with the beginning of the reasoning, whatever the template is told.
	const opened = template('Qwen-QwQ-32B').replace(/\{%- if not enable_thinking.*?endif -%\}/s, '');
	const thinking = await serving(toolModel, { template: { template: opened } });
	try {
		// It thinks for as long as it may: no token ends its turn.
		const logit_bias = Object.fromEntries([...noEnd(toolModel).keys()].map((token) => [token, -100]));
		const asked = { model: modelName, input: 'Hi', temperature: 0, max_output_tokens: 8, logit_bias };
		const { output, usage } = await openAi(thinking).responses.create(asked);
		expect(usage?.output_tokens_details.reasoning_tokens).toBe(8);
		expect(output[0]).toMatchObject({ type: 'reasoning', content: [{ type: 'reasoning_text' }] });
		const streamed = await openAi(thinking).responses.stream(asked).finalResponse();
		expect(streamed.output).toMatchObject([{ content: (output[0] as { content: unknown }).content }]);
		const again = [{ role: 'user', content: 'Hi' }, ...output, { role: 'user', content: 'And?' }];
		const response = await post(thinking, '/v1/responses', { ...asked, input: again });
		expect(response.status).toBe(200);
		const cut = await post(thinking, '/v1/responses', { ...asked, input: again.slice(0, -1) });
		expect(await cut.json()).toMatchObject({ error: { param: 'input[1]' } });
	} finally {
		await thinking.close();
	}
});

const callOutput = { type: 'function_call_output', call_id: 'other', output: '' };

describe('what cannot be served is an error of the client’s own classes:', () => {
	test.each<[string, object, string | null]>([
		['an earlier response', { previous_response_id: 'resp_1' }, 'previous_response_id'],
		['no item', { input: [] }, 'input'],
		['an image', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'a' }] }] }, null],
		['a tool of the provider', { tools: [{ type: 'web_search' }] }, null],
		['an item that there is not', { input: [{ type: 'computer_call' }] }, 'input[0].type'],
		['a response in the background', { background: true }, 'background'],
		['messages left out', { truncation: 'auto' }, 'truncation'],
		['a field that is misspelt', { temperatur: 1 }, 'temperatur'],
		['a result of a call that there is not', { input: [callOutput] }, 'input[0].call_id'],
		[
			'a part of an item',
			{ input: [{ role: 'user', content: [{ type: 'x' }] }] },
			'input[0].content[0].type',
		],
		['a role that there is not', { input: [{ role: 'x', content: '' }] }, 'input[0].role'],
		['metadata that are no texts', { metadata: { a: [[[]]] } }, 'metadata.a'],
		['metadata that are too long', { metadata: { a: 'x'.repeat(513) } }, 'metadata.a'],
		[
			'a format without its schema',
			{ text: { format: { type: 'json_schema', name: 'a' } } },
			'text.format.schema',
		],
	])('%s', async (_what, body, param) => {
		const asked = client.responses.create({ ...request, ...body });
		await expect(asked).rejects.toBeInstanceOf(OpenAI.BadRequestError);
		if (param !== null) await expect(asked).rejects.toMatchObject({ param });
	});
});
