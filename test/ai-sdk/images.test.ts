import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SharedV4FileData } from '@ai-sdk/provider';
import { generateText, type ModelMessage, streamText } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReprise } from '../../lib/ai-sdk/index.js';
import { type ChatMessage, loadModel, type Model } from '../../lib/index.js';
import { asDataUrl, bmp } from '../support/bmp.js';
import { embeddedModel, randomModel, randomProjector } from '../support/models.js';

const template =
	"{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{{ '<|im_start|>assistant\n' }}";
const session = { contextLength: 1024, threads: 1 };
const reprise = createReprise({ session, template });
let model: Model;
/** Images that the model says different things of. */
const images: Array<{ readonly file: Buffer; readonly said: string }> = [];

beforeAll(async () => {
	model = await loadModel(await randomModel('tiny-gemma3'), {
		images: { projector: await randomProjector('gemma3') },
	});
	for (let seed = 0; images.length < 2; seed++) {
		const file = bmp(seed);
		const { text, nearTies } = await inLibrary([
			{ role: 'user', content: [what, { type: 'image', image: file }] },
		]);
		if (nearTies === 0 && !images.some(({ said }) => said === text)) images.push({ file, said: text });
	}
});
afterAll(async () => {
	await reprise.dispose();
	await model.dispose();
});

const what = { type: 'text', text: 'What is this?' } as const;

/** What the library itself says; passes of other sizes may tip a near-tie. */
async function inLibrary(messages: readonly ChatMessage[]): Promise<{ text: string; nearTies: number }> {
	await using own = await model.createSession(session);
	const { text, metrics } = await own.chat({ template }).reply(messages, { maxTokens: 6 }).result;
	return { text, nearTies: metrics.nearTies };
}

const imageOf = (index: number) => images[index] as (typeof images)[number];
const file = (data: Buffer | string, mediaType = 'image/bmp') => ({ type: 'file', mediaType, data }) as const;
const say = (...messages: ModelMessage[]) =>
	generateText({ model: reprise(model), messages, maxOutputTokens: 6, maxRetries: 0 });

describe('an image', () => {
	test('is read as the library reads it, and another one is another text', async () => {
		for (const { file: bytes, said } of images) {
			expect((await say({ role: 'user', content: [what, file(bytes)] })).text).toBe(said);
			const content = [what, file(bytes)];
			const { text } = streamText({
				model: reprise(model),
				messages: [{ role: 'user', content }],
				maxOutputTokens: 6,
			});
			expect(await text).toBe(said);
		}
	});

	test('may be base64, a data: URL, or an image part, of any type of images', async () => {
		const { file: bytes, said } = imageOf(0);
		for (const part of [
			file(bytes.toString('base64')),
			file(asDataUrl(bytes)),
			file(bytes, 'image/*'),
			file(bytes, 'image'),
			{ type: 'image', image: bytes } as const,
		])
			expect((await say({ role: 'user', content: [what, part] })).text).toBe(said);
	});

	test('is computed once for all turns of a conversation', async () => {
		await using fresh = createReprise({ session, template });
		const asked: ModelMessage = { role: 'user', content: [what, file(imageOf(0).file)] };
		const settings = { model: fresh(model), maxOutputTokens: 6 };
		const first = await generateText({ ...settings, messages: [asked] });
		expect(first.usage.inputTokenDetails.cacheReadTokens).toBe(0);
		const messages: ModelMessage[] = [asked, ...first.response.messages, { role: 'user', content: 'And?' }];
		const { usage } = await generateText({ ...settings, messages });
		expect(usage.inputTokenDetails.cacheReadTokens).toBeGreaterThanOrEqual(
			first.usage.inputTokens ?? Infinity,
		);
	});

	test('needs a projector, which is an option of loading', async () => {
		const messages: ModelMessage[] = [{ role: 'user', content: [file(imageOf(0).file)] }];
		await using blind = createReprise({ session });
		await expect(
			generateText({ model: blind(embeddedModel), messages, maxRetries: 0 }),
		).rejects.toMatchObject({ code: 'IMAGE_INVALID', message: expect.stringContaining('projector') });
		const load = { images: { projector: await randomProjector('gemma3') } };
		await using seeing = createReprise({ session, template, load });
		const content = [what, file(imageOf(0).file)];
		const { text } = await generateText({
			model: seeing(await randomModel('tiny-gemma3')),
			messages: [{ role: 'user', content }],
			maxOutputTokens: 6,
		});
		expect(text).toBe(imageOf(0).said);
	});

	test('that is damaged rejects and leaves the model usable', async () => {
		const content = [what, file(Buffer.from('no image'))];
		await expect(say({ role: 'user', content })).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
		const { file: bytes, said } = imageOf(1);
		expect((await say({ role: 'user', content: [what, file(bytes)] })).text).toBe(said);
	});
});

test.each(['application/pdf', 'audio/wav', 'video/mp4'])(
	'a file of type %s is refused',
	async (mediaType) => {
		// The SDK looks at the bytes, too.
		const content = [file(Buffer.of(1, 2, 3, 4), mediaType)];
		await expect(say({ role: 'user', content })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining(`of type ${mediaType}, which the model cannot read`),
		});
	},
);

describe('nothing is opened or fetched for a prompt:', () => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-ai-sdk-'));
	const path = join(folder, 'image.bmp');
	beforeAll(() => writeFileSync(path, imageOf(0).file));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test.each<[string, SharedV4FileData]>([
		['a file: URL', { type: 'url', url: pathToFileURL(path) }],
		['an http: URL', { type: 'url', url: new URL('http://127.0.0.1:1/a.png') }],
		['a reference', { type: 'reference', reference: { reprise: path } }],
	])('%s', async (_, data) => {
		const part = { type: 'file', mediaType: 'image/bmp', data } as const;
		const call = reprise(model).doGenerate({ prompt: [{ role: 'user', content: [part] }] });
		await expect(call).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining('not fetched; pass its bytes'),
		});
	});

	test('a path', async () => {
		const part = { type: 'file', mediaType: 'image/bmp', data: { type: 'data', data: path } } as const;
		const call = reprise(model).doGenerate({ prompt: [{ role: 'user', content: [part] }] });
		await expect(call).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
	});

	test('a data: URL has the image in it', async () => {
		const { file: bytes, said } = imageOf(0);
		const data = { type: 'url', url: new URL(asDataUrl(bytes)) } as const;
		const part = { type: 'file', mediaType: 'image/bmp', data } as const;
		const { content } = await reprise(model).doGenerate({
			prompt: [{ role: 'user', content: [what, part] }],
			maxOutputTokens: 6,
		});
		expect(content).toEqual([{ type: 'text', text: said }]);
	});
});
