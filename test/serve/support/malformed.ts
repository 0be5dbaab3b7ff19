import type { Server } from '../../../lib/serve/server.js';
import type { Choices } from '../../support/choices.js';
import { post } from './server.js';

/** What requests that are none were answered. */
export interface MalformedOutcome {
	/** How many answers had each status. */
	readonly statuses: Record<string, number>;
	/** Requests that were answered otherwise than with 4xx and an error of OpenAI's shape. */
	readonly wrong: string[];
}

const paths = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/rerank', '/v1/responses'];
const odd: readonly unknown[] = [
	null,
	-1,
	1.5,
	'',
	'\ud800',
	'x'.repeat(3000),
	[],
	[[]],
	{},
	{ a: { b: [] } },
	true,
	false,
	[null],
	['\udfff'],
	[-1],
	[2 ** 31],
	[{ role: 'user' }],
	[{ role: 7, content: 'x' }],
	[{ role: 'user', content: [{ type: 'audio' }] }],
	...[
		7,
		'data:',
		{},
		{ url: 7 },
		{ url: '/etc/hosts' },
		{ url: 'file:///etc/hosts' },
		{ url: 'data:,x' },
	].flatMap((image_url) => [
		[{ role: 'user', content: [{ type: 'image_url', image_url }] }],
		[{ role: 'user', content: [{ type: 'input_image', image_url }] }],
	]),
	[{ role: 'user', content: [{ type: 'constructor' }, { type: '__proto__' }] }],
	{ type: 'json_schema', json_schema: { schema: 7 } },
	{ type: 'content', content: 7 },
];
/** Values that each field takes, of a request that would be served. */
const right: Readonly<Record<string, Record<string, unknown>>> = {
	'/v1/chat/completions': { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 },
	'/v1/completions': { prompt: 'Hi', max_tokens: 1 },
	'/v1/embeddings': { input: 'Hi' },
	'/v1/rerank': { query: 'Hi', documents: ['Hi'] },
	'/v1/responses': { input: 'Hi', max_output_tokens: 1 },
};
/** Values that are wrong for a field, whatever else stands in the request. */
const wrongFor: Readonly<Record<string, readonly unknown[]>> = {
	messages: odd,
	prompt: [null, -1, 1.5, {}, true, [], [[-1]], ['\ud800'], [2 ** 31]],
	input: [null, -1, 1.5, {}, true, [], [[-1]], ['\ud800'], [2 ** 31], ''],
	max_tokens: [0, -1, 1.5, 'x', {}, [], true],
	temperature: [-1, 101, 'x', {}, [], true],
	top_p: [-0.1, 1.1, 'x', {}],
	n: [0, 129, 1.5, 'x', 64],
	seed: [1.5, 'x', {}, 1e300],
	stop: [7, [7], {}, '', ['']],
	logit_bias: [{ x: 1 }, { '-1': 1 }, { 1: 1000 }, { 1: 'x' }, 7, [7], { 99999999: 1 }],
	stream: ['x', 7, {}],
	stream_options: [7, { x: 1 }, 'x'],
	response_format: [7, { type: 'x' }, { type: 'json_schema', json_schema: { schema: { not: {} } } }],
	prediction: [7, { type: 'x', content: '' }, { type: 'content' }],
	model: [7, {}, 'another'],
	unknown_field: [1],
	query: [null, 1, {}, [], true, '\ud800'],
	documents: [...odd.filter((value) => !Array.isArray(value)), [], [1], [{}], [null], ['\ud800']],
	top_n: [0, -1, 1.5, 'x', {}],
	return_documents: ['x', 7],
	// Of /v1/responses, where other fields have these names.
	items: [...odd.filter((value) => typeof value !== 'string'), [{ type: 'x' }], [{ type: 'function_call' }]],
	max_output_tokens: [0, -1, 1.5, 'x', {}],
	previous_response_id: ['resp_1', 7],
	text: [
		7,
		{ format: 7 },
		{ format: { type: 'x' } },
		{ format: { type: 'json_schema', schema: { not: {} } } },
	],
	tools: [7, [7], [{}], [{ type: 'web_search' }], [{ type: 'function' }], [{ type: 'function', name: '' }]],
	reasoning: [7, { effort: 'x' }],
	include: [7, ['x']],
};
const ofTexts = [
	'max_tokens',
	'temperature',
	'top_p',
	'n',
	'seed',
	'stop',
	'logit_bias',
	'stream',
	'stream_options',
	'model',
	'unknown_field',
];
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
	'/v1/chat/completions': ['messages', 'response_format', 'prediction', ...ofTexts],
	'/v1/completions': ['prompt', ...ofTexts],
	'/v1/embeddings': ['input', 'model', 'unknown_field'],
	'/v1/rerank': ['query', 'documents', 'top_n', 'return_documents', 'model', 'unknown_field'],
	'/v1/responses': [
		...['items', 'max_output_tokens', 'previous_response_id', 'text', 'tools', 'reasoning', 'include'],
		...ofTexts.filter((field) => !['max_tokens', 'n', 'stream_options'].includes(field)),
	],
};

interface Made {
	readonly path: string;
	readonly body: string;
	readonly type: string;
}

/** A request that has one thing wrong, or is not even JSON. */
function make(choices: Choices): Made {
	const path = choices.of(paths);
	const whole = JSON.stringify({ ...right[path], [choices.of(['model', 'user'])]: 'x' });
	const type = 'application/json';
	switch (choices.below(5)) {
		case 0: // cut off
			return { path, body: whole.slice(0, choices.below(whole.length - 1)), type };
		case 1: // JSON, but no object
			return { path, body: JSON.stringify(choices.of([null, 1, 'x', [], [[]], true])), type };
		case 2: // another type
			return {
				path,
				body: whole,
				type: choices.of(['text/plain', 'application/xml', 'multipart/form-data', 'application/jsonx']),
			};
		default: {
			const field = choices.of(fieldsOf[path] ?? []);
			const value = choices.of(wrongFor[field] ?? []);
			const body = JSON.stringify({ ...right[path], [field === 'items' ? 'input' : field]: value });
			return { path, body, type };
		}
	}
}

/** Sends so many of them, some at a time. */
export async function malformed(server: Server, count: number, choices: Choices): Promise<MalformedOutcome> {
	const statuses: Record<string, number> = {};
	const wrong: string[] = [];
	let left = count;
	const one = async () => {
		while (left-- > 0) {
			const { path, body, type } = make(choices);
			const response = await post(server, path, body, { headers: { 'Content-Type': type } });
			const answer = await response.text();
			statuses[response.status] = (statuses[response.status] ?? 0) + 1;
			const isRefusal = response.status >= 400 && response.status < 500;
			if (!isRefusal || typeof JSON.parse(answer).error?.message !== 'string')
				wrong.push(`${path} ${type} ${body.slice(0, 200)}: ${response.status} ${answer.slice(0, 200)}`);
		}
	};
	await Promise.all(Array.from({ length: 16 }, one));
	return { statuses, wrong: wrong.slice(0, 20) };
}
