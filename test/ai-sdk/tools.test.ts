import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateText, isStepCount, type ModelMessage, streamText, tool } from 'ai';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createReprise } from '../../lib/ai-sdk/index.js';
import { llamaSourceDir } from '../support/llama-source.js';
import { embeddedModel } from '../support/models.js';

// The model is small and knows no tools. To stand for a clever one, its reply begins with the mark of a call, and the
// grammar of the tools leaves it no choice from there.
const template = readFileSync(
	join(llamaSourceDir(), 'models', 'templates', 'Qwen-Qwen2.5-7B-Instruct.jinja'),
	'utf8',
);
const reprise = createReprise({ template, session: { contextLength: 2048, threads: 1 } });
const model = reprise(embeddedModel);
afterAll(() => reprise.dispose());

const asked: string[] = [];
const weather = tool({
	description: 'The weather of a city.',
	inputSchema: z.object({ city: z.literal('Oslo') }),
	execute: ({ city }) => {
		asked.push(city);
		return { sky: 'clear', degrees: -4 };
	},
});
const messages: ModelMessage[] = [
	{ role: 'user', content: 'How is Oslo?' },
	{ role: 'assistant', content: '<tool_call>\n' },
];
const request = {
	...{ model, messages, toolChoice: 'required' as const, temperature: 0, maxOutputTokens: 120 },
	providerOptions: { reprise: { parallelToolCalls: false } },
};

describe('tools', () => {
	test('are run by the AI SDK, and their results are part of the conversation', async () => {
		asked.length = 0;
		const { steps } = await generateText({
			...request,
			tools: { weather },
			stopWhen: isStepCount(2),
			prepareStep: ({ stepNumber }) => (stepNumber === 0 ? {} : { toolChoice: 'auto' }),
		});
		expect(asked).toEqual(['Oslo']);
		const [called, answered] = steps;
		expect(called?.finishReason).toBe('tool-calls');
		expect(called?.toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Oslo' } }]);
		expect(called?.toolResults).toMatchObject([{ output: { sky: 'clear', degrees: -4 } }]);
		expect(answered?.finishReason).not.toBe('tool-calls');
		// What the first step had computed is not computed again.
		const { inputTokens = 0, inputTokenDetails } = answered?.usage ?? {};
		expect(inputTokenDetails?.cacheReadTokens).toBeGreaterThan(inputTokens / 2);
	});

	test('without a function end the text with their calls', async () => {
		const { execute: _, ...bare } = weather;
		const { text, toolCalls, finishReason } = await generateText({ ...request, tools: { weather: bare } });
		expect([text, finishReason]).toEqual(['', 'tool-calls']);
		expect(toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Oslo' } }]);
		expect(toolCalls[0]?.toolCallId).not.toBe('');
	});

	test('stream their input', async () => {
		const { fullStream } = streamText({ ...request, tools: { weather } });
		const types: string[] = [];
		let input = '';
		for await (const part of fullStream) {
			types.push(part.type);
			if (part.type === 'tool-input-delta') input += part.delta;
			if (part.type === 'error') throw part.error;
		}
		expect(JSON.parse(input)).toEqual({ city: 'Oslo' });
		const order = ['tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'tool-result'];
		const places = order.map((type) => types.indexOf(type));
		expect(places).not.toContain(-1);
		expect(places).toEqual([...places].sort((one, other) => one - other));
	});

	test('that a choice names are called, and of others only these', async () => {
		const time = tool({ description: 'The time.', inputSchema: z.object({}), execute: () => '12:00' });
		const { toolCalls } = await generateText({
			...request,
			tools: { weather, time },
			toolChoice: { type: 'tool', toolName: 'time' },
		});
		expect(toolCalls.map(({ toolName }) => toolName)).toEqual(['time']);
	});

	test('that a provider would run are told of as without effect', async () => {
		const { warnings } = await model.doGenerate({
			prompt: [{ role: 'user', content: [{ type: 'text', text: 'How is Oslo?' }] }],
			tools: [{ type: 'provider', id: 'other.browser', name: 'browser', args: {} }],
			maxOutputTokens: 3,
		});
		expect(warnings).toMatchObject([{ type: 'unsupported', feature: 'tool other.browser' }]);
	});
});

test('every kind of a tool’s result is read by the model', async () => {
	const outputs = [
		{ type: 'text', value: 'lantern one' },
		{ type: 'json', value: { lantern: 'two' } },
		{ type: 'error-text', value: 'lantern three' },
		{ type: 'error-json', value: ['lantern four'] },
		{ type: 'execution-denied', reason: 'lantern five' },
		{ type: 'content', value: [{ type: 'text', text: 'lantern six' }] },
	] as const;
	const tokensOf = async (count: number) => {
		const { usage } = await model.doGenerate({
			prompt: [
				{ role: 'user', content: [{ type: 'text', text: 'Find the lanterns.' }] },
				...outputs.slice(0, count).flatMap((output, index) => [
					{
						role: 'assistant' as const,
						content: [
							{ type: 'reasoning' as const, text: 'I look.' },
							{ type: 'tool-call' as const, toolCallId: `call-${index}`, toolName: 'find', input: {} },
						],
					},
					{
						role: 'tool' as const,
						content: [
							{ type: 'tool-result' as const, toolCallId: `call-${index}`, toolName: 'find', output },
						],
					},
				]),
			] as Parameters<typeof model.doGenerate>[0]['prompt'],
			tools: [{ type: 'function', name: 'find', inputSchema: { type: 'object', properties: {} } }],
			toolChoice: { type: 'none' },
			maxOutputTokens: 1,
		});
		return usage.inputTokens.total ?? 0;
	};
	const totals = await Promise.all([...outputs.keys(), outputs.length].map(tokensOf));
	for (const [index, total] of totals.slice(1).entries()) expect(total).toBeGreaterThan(totals[index] ?? 0);
});
