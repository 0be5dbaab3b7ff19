import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ChatOpenAI } from '@langchain/openai';
import { generateText } from 'ai';
import OpenAI from 'openai';
import type { ChatCompletionContentPart } from 'openai/resources/chat/completions';
import type { ResponseInputContent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveFlags } from '../../lib/cli/serve.js';
import { type ChatMessage, loadModel, type Model, type UserMessage } from '../../lib/index.js';
import type { Server } from '../../lib/serve/server.js';
import { asDataUrl, bmp } from '../support/bmp.js';
import { formModel, randomModel, randomProjector } from '../support/models.js';
import { modelName, openAi, post, serving, withServer } from './support/server.js';

const template =
	"{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{{ '<|im_start|>assistant\n' }}";
/** A PNG file of one pixel, without its end. */
const damaged =
	'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Qz0AEYBxV';
const folder = mkdtempSync(join(tmpdir(), 'reprise-images-'));
const path = join(folder, 'image.bmp');
let model: Model;
let server: Server;
let client: OpenAI;
/** Images that the model says different things of. */
let images: Array<{ readonly file: Buffer; readonly url: string; readonly said: string }>;

beforeAll(async () => {
	model = await loadModel(await randomModel('tiny-qwen2vl'), {
		images: { projector: await randomProjector('qwen2vl') },
	});
	server = await serving(model, { template: { template } });
	client = openAi(server);
	images = [];
	for (let seed = 0; images.length < 3; seed++) {
		const file = bmp(seed, 56);
		const { text, nearTies } = await inLibrary([
			{ role: 'user', content: [what, { type: 'image', image: file }] },
		]);
		if (nearTies === 0 && !images.some(({ said }) => said === text))
			images.push({ file, url: asDataUrl(file), said: text });
	}
	writeFileSync(path, images[0]?.file ?? '');
});
afterAll(async () => {
	await server.close();
	await model.dispose();
	rmSync(folder, { recursive: true, force: true });
});

const what = { type: 'text', text: 'What is this?' } as const;
const asked = { model: modelName, temperature: 0, max_tokens: 6 };

/** What the library itself says; passes of other sizes may tip a near-tie. */
async function inLibrary(messages: readonly ChatMessage[]): Promise<{ text: string; nearTies: number }> {
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	const { text, metrics } = await session.chat({ template }).reply(messages, { maxTokens: 6 }).result;
	return { text, nearTies: metrics.nearTies };
}

const imageOf = (index: number) => images[index] as (typeof images)[number];
const imagePart = (url: string): ChatCompletionContentPart => ({ type: 'image_url', image_url: { url } });
const user = (...content: ChatCompletionContentPart[]) => ({ role: 'user' as const, content });

describe('chat.completions', () => {
	test('say of an image what the library says, streamed too, and of another one something else', async () => {
		for (const { url, said } of images) {
			const messages = [user(what, imagePart(url))];
			const { choices, usage } = await client.chat.completions.create({ ...asked, messages });
			expect(choices[0]?.message.content).toBe(said);
			expect(usage?.prompt_tokens).toBeGreaterThan(30);
			let streamed = '';
			for await (const { choices } of await client.chat.completions.create({
				...asked,
				messages,
				stream: true,
			}))
				streamed += choices[0]?.delta.content ?? '';
			expect(streamed).toBe(said);
		}
	});

	test('take what is said of the detail, and a URL without a type', async () => {
		const { file, said } = imageOf(0);
		for (const detail of ['auto', 'low', 'high'] as const) {
			const url = `DATA:;base64,${encodeURIComponent(file.toString('base64'))}`;
			const messages = [user(what, { type: 'image_url', image_url: { url, detail } })];
			const { choices } = await client.chat.completions.create({ ...asked, messages });
			expect(choices[0]?.message.content).toBe(said);
		}
	});

	test('read several images in their order, among texts', async () => {
		const [one, other] = [imageOf(0), imageOf(1)];
		const texts = [];
		for (const [first, second] of [
			[one, other],
			[other, one],
		] as const) {
			const content = [imagePart(first.url), what, imagePart(second.url), { ...what, text: 'And this?' }];
			const { choices } = await client.chat.completions.create({ ...asked, messages: [user(...content)] });
			const own: UserMessage['content'] = [
				{ type: 'image', image: first.file },
				what,
				{ type: 'image', image: second.file },
				{ type: 'text', text: 'And this?' },
			];
			const { text, nearTies } = await inLibrary([{ role: 'user', content: own }]);
			if (nearTies === 0) expect(choices[0]?.message.content).toBe(text);
			texts.push(choices[0]?.message.content);
		}
		expect(texts[0]).not.toBe(texts[1]);
	});

	test('compute the image once for all turns of a conversation, and another image anew', async () => {
		await withServer(model, { template: { template } }, async (fresh) => {
			const { completions } = openAi(fresh).chat;
			const talk = async (url: string) => {
				const begun = [user(what, imagePart(url))];
				const first = await completions.create({ ...asked, messages: begun });
				const content = first.choices[0]?.message.content ?? '';
				const messages = [...begun, { role: 'assistant' as const, content }, user(what)];
				const second = await completions.create({ ...asked, messages });
				return [first, second].map(({ usage }) => ({
					prompt: usage?.prompt_tokens ?? 0,
					cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
				}));
			};
			const [first, second] = await talk(imageOf(0).url);
			expect(first?.cached).toBe(0);
			expect(second?.cached).toBeGreaterThanOrEqual(first?.prompt ?? Infinity);
			const [other, next] = await talk(imageOf(1).url);
			const { tokens } = await model.readImage(imageOf(1).file);
			const rows = tokens.filter((id) => id < 0).length;
			expect((other?.cached ?? Infinity) + rows).toBeLessThan(other?.prompt ?? 0);
			expect(next?.cached).toBeGreaterThanOrEqual(other?.prompt ?? Infinity);
		});
	});

	test('give several replies to one image', async () => {
		const { url, said } = imageOf(0);
		const { choices } = await client.chat.completions.create({
			...asked,
			n: 3,
			messages: [user(what, imagePart(url))],
		});
		expect(choices.map(({ message }) => message.content)).toEqual([said, said, said]);
	});
});

describe('other clients send images, too:', () => {
	test('the AI SDK', async () => {
		const provider = createOpenAICompatible({ name: 'reprise', baseURL: `${server.url}/v1` });
		const { file, said } = imageOf(1);
		const content = [what, { type: 'file', mediaType: 'image/bmp', data: file } as const];
		const { text } = await generateText({
			model: provider(modelName),
			temperature: 0,
			maxOutputTokens: 6,
			messages: [{ role: 'user', content }],
		});
		expect(text).toBe(said);
	});

	test('LangChain', async () => {
		const configuration = { baseURL: `${server.url}/v1` };
		const chat = new ChatOpenAI({
			...{ model: modelName, apiKey: 'none', configuration, maxRetries: 0 },
			...{ temperature: 0, maxTokens: 6 },
		});
		const { url, said } = imageOf(1);
		const content = [what, { type: 'image_url', image_url: { url } }];
		expect((await chat.invoke([{ role: 'user', content }])).content).toBe(said);
	});
});

describe('responses', () => {
	const inputImage = (image_url: string): ResponseInputContent => ({
		type: 'input_image',
		image_url,
		detail: 'auto',
	});
	const question: ResponseInputContent = { type: 'input_text', text: what.text };

	test('say of an image what the library says, streamed too, and compute it once', async () => {
		const { url, said } = imageOf(2);
		const input = [{ role: 'user' as const, content: [question, inputImage(url)] }];
		const request = { model: modelName, temperature: 0, max_output_tokens: 6 };
		const first = await client.responses.create({ ...request, input });
		expect(first.output_text).toBe(said);
		expect((await client.responses.stream({ ...request, input }).finalResponse()).output_text).toBe(said);
		const items = first.output as Extract<(typeof first.output)[number], { type: 'message' }>[];
		const again = [...input, ...items, { role: 'user' as const, content: 'And?' }];
		const { usage } = await client.responses.create({ ...request, input: again });
		expect(usage?.input_tokens_details.cached_tokens).toBeGreaterThanOrEqual(
			first.usage?.input_tokens ?? Infinity,
		);
	});

	test.each([
		['a URL', { image_url: 'https://example.org/a.png' }, /data: URL/, 'input[0].content[0].image_url'],
		['a path', { image_url: path }, /nothing is fetched or opened/, 'input[0].content[0].image_url'],
		['a file of the provider', { file_id: 'file_1' }, /no files are kept/, 'input[0].content[0].file_id'],
		['no image', { image_url: null }, /data: URL/, null],
		['no base64', { image_url: 'data:image/png,abc' }, /base64/, 'input[0].content[0].image_url'],
		['a damaged image', { image_url: damaged }, /JPEG, PNG, GIF or BMP/, null],
	])('refuse %s', async (_what, image, message, param) => {
		const part = { type: 'input_image', ...image };
		const input = [{ role: 'user', content: [part] }];
		for (const stream of [false, true]) {
			const response = await post(server, '/v1/responses', { input, stream });
			const { error } = (await response.json()) as { error: { message: string; param: string | null } };
			expect(response.status).toBe(400);
			expect(error.message).toMatch(message);
			if (param !== null) expect(error.param).toBe(param);
		}
	});

	test('refuse an image that is no user’s', async () => {
		const image = { type: 'input_image', image_url: imageOf(0).url };
		const call = { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' };
		for (const items of [
			[{ role: 'assistant', content: [image] }],
			[{ role: 'system', content: [image] }],
			[call, { type: 'function_call_output', call_id: 'a', output: [image] }],
		]) {
			const response = await post(server, '/v1/responses', { input: items });
			expect(response.status).toBe(400);
			expect(await response.text()).toContain('since only users send anything else');
		}
	});
});

describe('what is no image of the client’s own is refused before a stream begins:', () => {
	const refused = async (url: unknown, message: RegExp) => {
		for (const stream of [false, true]) {
			const request = client.chat.completions.create({
				...asked,
				stream,
				messages: [user(what, imagePart(url as string))],
			});
			const error = await request.catch((reason: unknown) => reason);
			expect(error).toBeInstanceOf(OpenAI.BadRequestError);
			expect((error as Error).message).toMatch(message);
		}
	};
	const place = /for messages\[0\]\.content\[1\]\.image_url\.url but received/;

	test.each([
		'http://127.0.0.1:1/a.png',
		'https://example.org/a.png',
		'ftp://example.org/a.png',
		path,
		pathToFileURL(path).href,
		'~/image.bmp',
		' data:image/png;base64,AAAA',
		'',
	])('%s', async (url) => {
		await refused(url, /Expected a data: URL.*nothing is fetched or opened here/);
		await refused(url, place);
	});

	test.each([7, null, {}])('%s', (url) => refused(url, place));

	test.each([
		['no base64', 'data:image/png,abc', /;base64/],
		['what base64 has not', 'data:image/png;base64,ä', /base64/],
		['escapes that are none', 'data:image/png;base64,%E0%zz', /no known format/],
		['no bytes', 'data:image/png;base64,', /no known format/],
		['a text', asDataUrl(Buffer.from('no image')), /no known format; send a JPEG, PNG, GIF or BMP file$/],
		['half an image', damaged, /damaged.*; send a JPEG, PNG, GIF or BMP file$/],
		['an image of too many pixels', asDataUrl(huge()), /scale it down/],
	])('%s', (_what, url, message) => refused(url, message));

	test('an image without a URL, or with a field that is unknown', async () => {
		for (const image_url of [undefined, imageOf(0).url, { url: imageOf(0).url, size: 7 }]) {
			const body = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url }] }] };
			expect((await post(server, '/v1/chat/completions', body)).status).toBe(400);
		}
	});

	test('an image in a message that is no user’s', async () => {
		for (const role of ['system', 'developer', 'assistant']) {
			const body = { messages: [{ role, content: [imagePart(imageOf(0).url)] }] };
			const response = await post(server, '/v1/chat/completions', body);
			expect(response.status).toBe(400);
			expect(await response.text()).toContain('since only users send anything else');
		}
	});

	test('a sound', async () => {
		const body = { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] };
		const response = await post(server, '/v1/chat/completions', body);
		expect(await response.text()).toContain('Expected a part of type \\"text\\" or \\"image_url\\"');
	});

	test('more images than the context has tokens, none of which is read', async () => {
		const messages = [user(...Array.from({ length: 4097 }, () => imagePart(asDataUrl(Buffer.from('x')))))];
		await expect(client.chat.completions.create({ ...asked, messages })).rejects.toMatchObject({
			status: 400,
			code: 'context_length_exceeded',
		});
	});

	test('and leaves the server as it was', async () => {
		const { url, said } = imageOf(0);
		const messages = [user(what, imagePart(url))];
		const { choices } = await client.chat.completions.create({ ...asked, messages });
		expect(choices[0]?.message.content).toBe(said);
	});
});

/** The header of an image that no memory holds. */
function huge(): Buffer {
	const file = bmp(1);
	file.writeInt32LE(1_000_000, 18);
	file.writeInt32LE(1_000_000, 22);
	return file;
}

test('a body of 30 MB is taken', async () => {
	expect(serveFlags.bodyBytes.default).toBe(2 ** 25);
	const url = asDataUrl(Buffer.alloc(22_000_000));
	const response = await post(server, '/v1/chat/completions', { messages: [user(imagePart(url))] });
	expect(response.status).toBe(400);
	expect(await response.text()).toContain('no known format');
});

test('a model without a projector reads no images', async () => {
	const blind = await loadModel(formModel);
	try {
		await withServer(blind, {}, async (without) => {
			const { url } = imageOf(0);
			const content = [{ type: 'input_image', image_url: url }];
			for (const [route, body] of [
				['/v1/chat/completions', { messages: [user(imagePart(url))] }],
				['/v1/responses', { input: [{ role: 'user', content }], stream: true }],
			] as const) {
				const response = await post(without, route, body);
				expect(response.status).toBe(400);
				expect(await response.json()).toMatchObject({
					error: { code: 'unsupported_by_model', message: expect.stringContaining('--projector') },
				});
			}
		});
	} finally {
		await blind.dispose();
	}
});
