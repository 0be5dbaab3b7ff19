import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChatMessage, ImagePart } from '../../lib/chat-message.js';
import type { GenerationResult } from '../../lib/generation.js';
import type { ImageInput } from '../../lib/image-input.js';
import { loadModel, type Model } from '../../lib/model.js';
import type { Session } from '../../lib/session.js';
import { randomModel, randomProjector } from '../support/models.js';
import { loadReader, noise, png, readers } from '../support/pictures.js';

const template =
	'{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n{% endfor %}<|assistant|>';
const options = { maxTokens: 16 };
const image = (of: ImageInput): ImagePart => ({ type: 'image', image: of });
const text = (of: string) => ({ type: 'text', text: of }) as const;

let model: Model;
let folder: string;
beforeAll(async () => {
	model = await loadReader(readers[0]);
	folder = await mkdtemp(join(tmpdir(), 'reprise-images-'));
});
afterAll(async () => {
	await model?.dispose();
	await rm(folder, { recursive: true });
});

/** What a new chat answers. */
async function answer(messages: readonly ChatMessage[]): Promise<string> {
	await using session = await model.createSession({ contextLength: 1024 });
	return (await session.chat({ template }).reply(messages, options).result).text;
}

/** What a session says anew in place of the last reply: the model's own tokens are not always the tokenizer's. */
async function saidAnew(session: Session, { text, tokens }: GenerationResult): Promise<void> {
	const history = await session.history();
	await using other = await model.createSession({ contextLength: 1024 });
	const said = await other.generate(history.subarray(0, history.length - tokens.length), options).result;
	expect(said.text).toBe(text);
}

const asked = (of: ImageInput): ChatMessage[] => [
	{ role: 'user', content: [image(of), text('What is it?')] },
];

describe('a chat', () => {
	test('reads an image as a path, a URL, bytes, a data: URL or pixels', async () => {
		const file = png(noise(1));
		const path = join(folder, 'a picture.png');
		await writeFile(path, file);
		const wanted = await answer(asked(file));
		const same = [
			path,
			pathToFileURL(path),
			pathToFileURL(path).href,
			file.buffer as ArrayBuffer,
			`data:image/png;base64,${Buffer.from(file).toString('base64')}`,
		];
		for (const of of same) expect(await answer(asked(of))).toBe(wanted);
		// Pixels are other content than the file that holds them, and give the same rows.
		expect(await answer(asked(noise(1)))).toBe(wanted);
		expect(await answer(asked(png(noise(2))))).not.toBe(wanted);
	});

	test('shows what is transparent as white', async () => {
		const rgb = noise(1);
		const rgba = new Uint8ClampedArray((rgb.data.length / 3) * 4);
		const white = Uint8Array.from(rgb.data);
		for (let i = 0; i < rgb.data.length / 3; i++) {
			rgba.set([...rgb.data.subarray(3 * i, 3 * i + 3), i % 2 ? 255 : 0], 4 * i);
			if (i % 2 === 0) white.fill(255, 3 * i, 3 * i + 3);
		}
		const wanted = await answer(asked({ ...rgb, data: white }));
		expect(await answer(asked({ ...rgb, data: rgba }))).toBe(wanted);
		expect(await answer(asked(png({ ...rgb, data: Uint8Array.from(rgba) })))).toBe(wanted);
	});

	test('has texts and images in their order', async () => {
		const contents = [
			[image(noise(1)), image(noise(2)), text('Compare.')],
			[image(noise(2)), image(noise(1)), text('Compare.')],
			[image(noise(1)), text('Compare.'), image(noise(2))],
			[text('Compare.'), image(noise(1)), image(noise(2))],
		];
		const answers = new Set<string>();
		for (const content of contents) answers.add(await answer([{ role: 'user', content }]));
		expect(answers.size).toBe(contents.length);
	});

	test('reuses the cells of earlier images in later turns', async () => {
		await using session = await model.createSession({ contextLength: 1024 });
		const chat = session.chat({ template });
		const first = await chat.send([image(noise(1)), text('What is it?')], options).result;
		const second = await chat.send('Are you sure?', options).result;
		expect(second.metrics.reusedTokens).toBeGreaterThanOrEqual(first.metrics.promptTokens);
		const third = await chat.send([text('And this?'), image(noise(2))], options).result;
		expect(third.metrics.reusedTokens).toBeGreaterThanOrEqual(second.metrics.promptTokens);
		await saidAnew(session, third);
		await chat.edit(0, [image(noise(3)), text('What is it?')], options).result;
		expect(chat.messages).toHaveLength(2);
		expect(await answer(chat.messages.slice(0, -1))).toBe(chat.messages[1]?.content);
	});

	test('forks with its images, and its messages can be given to another chat', async () => {
		await using session = await model.createSession({ contextLength: 1024 });
		const chat = session.chat({ template });
		await chat.send([image(png(noise(1))), text('What is it?')], options).result;
		const fork = await chat.fork();
		await using _ = fork.session;
		const [here, there] = [chat.send('Why?', options), fork.send('Why?', options)];
		const said = await here.result;
		expect((await there.result).text).toBe(said.text);
		await saidAnew(session, said);
		await using other = await model.createSession({ contextLength: 1024 });
		const { messages } = chat;
		expect((await other.chat({ template }).reply(messages.slice(0, 1), options).result).text).toBe(
			messages[1]?.content,
		);
	});

	test('is not changed by what becomes of the bytes that it was given', async () => {
		await using session = await model.createSession({ contextLength: 1024 });
		const bytes = png(noise(1));
		const chat = session.chat({
			template,
			messages: [{ role: 'user', content: [image(bytes), text('What?')] }],
		});
		bytes.fill(0);
		const { text: said } = await chat.retry(options).result;
		expect(said).toBe(await answer([{ role: 'user', content: [image(png(noise(1))), text('What?')] }]));
	});

	test('has images in prompts for tools, too', async () => {
		const messages: ChatMessage[] = [
			{ role: 'user', content: [image(noise(1)), text('What is it?')] },
			{ role: 'assistant', content: 'Let me see.', reasoning: 'It is a picture.' },
			{ role: 'user', content: 'Go on.' },
		];
		const other = messages.with(0, { role: 'user', content: [image(noise(2)), text('What is it?')] });
		expect(await answer(messages)).not.toBe(await answer(other));
	});

	test('reads a file again where a message is given again', async () => {
		const path = join(folder, 'changing.png');
		await writeFile(path, png(noise(1)));
		const before = await answer(asked(path));
		await writeFile(path, png(noise(2)));
		expect(await answer(asked(path))).not.toBe(before);
	});
});

describe('what is no image', () => {
	const code = (wanted: string) => expect.objectContaining({ code: wanted });
	const reply = (content: unknown) => answer([{ role: 'user', content } as ChatMessage]);

	test('is refused with its place', async () => {
		const wrong: Array<[unknown, string]> = [
			[[], 'content'],
			[[{ type: 'sound' }], 'content[0].type'],
			[[{ type: 'image' }], 'content[0].image'],
			[[{ type: 'text', text: 1 }], 'content[0].text'],
			[[{ type: 'text', text: 'a', more: 1 }], 'more'],
			[[image('https://example.com/cat.png')], 'content[0].image'],
			[[image({ width: 0, height: 1, data: new Uint8Array(0) })], 'width'],
			[[image({ width: 2, height: 2, data: new Uint8Array(11) })], 'image.data'],
			[[image({ width: 1e9, height: 1, data: new Uint8Array(3) })], 'width'],
			[[image(5 as never)], 'image'],
		];
		for (const [content, place] of wrong)
			await expect(reply(content), JSON.stringify(content)).rejects.toThrow(place);
	});

	test('is refused where it is damaged, of another format, or not there', async () => {
		const file = png(noise(1));
		const wrong = [
			new Uint8Array(0),
			new Uint8Array(100).fill(7),
			file.subarray(0, 60),
			Buffer.from('RIFF\0\0\0\0WEBPVP8 '),
			'data:image/png;base64,',
			'data:image/png;base64,AAAA',
			join(folder, 'none.png'),
			folder,
		];
		for (const of of wrong) await expect(reply([image(of)])).rejects.toEqual(code('IMAGE_INVALID'));
		await expect(reply([image('data:image/png,abc')])).rejects.toEqual(code('IMAGE_INVALID'));
		await expect(reply([image('data:image/png;base64,ä')])).rejects.toEqual(code('IMAGE_INVALID'));
		// The model goes on.
		expect(await answer(asked(file))).not.toBe('');
	});

	test('is refused where a header tells of more pixels than there may be', async () => {
		const file = Buffer.from(png(noise(1)));
		file.writeUInt32BE(16_000, 16);
		file.writeUInt32BE(16_000, 20);
		await expect(reply([image(file)])).rejects.toThrow(/16000 x 16000 pixels.*scale it down/);
	});

	test('leaves the chat as it was', async () => {
		await using session = await model.createSession({ contextLength: 1024 });
		const chat = session.chat({ template });
		await chat.send('Hello', options).result;
		const before = chat.messages;
		await expect(chat.send([image(new Uint8Array(9)), text('What?')], options).result).rejects.toEqual(
			code('IMAGE_INVALID'),
		);
		expect(chat.messages).toBe(before);
	});

	test('is every image for a model without a projector', async () => {
		await using blind = await loadModel(await randomModel('tiny-llama'));
		expect(blind.info.readsImages).toBe(false);
		await expect(blind.readImage(noise(1))).rejects.toThrow(/images: \{ projector \}/);
		await using session = await blind.createSession({ contextLength: 512 });
		await expect(session.chat({ template }).reply(asked(noise(1))).result).rejects.toEqual(
			code('IMAGE_INVALID'),
		);
		await expect(session.prefill([5, -2, -3])).rejects.toEqual(code('OPTION_INVALID'));
	});

	test('is an image that nobody holds any more', async () => {
		await using session = await model.createSession({ contextLength: 512 });
		const gone = Int32Array.from({ length: 16 }, (_, i) => -1_000_000_000 - i);
		const tokens = Int32Array.from([...model.tokenize('a'), ...gone, ...model.tokenize('b')]);
		await expect(session.prefill(tokens)).rejects.toThrow(/model\.readImage/);
	});
});

describe('a projector', () => {
	test('is refused where it is none, or another model’s', async () => {
		const path = await randomModel('tiny-llama');
		const loaded = (projector: string) => loadModel(path, { images: { projector } });
		await expect(loaded(join(folder, 'none.gguf'))).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
		await expect(loaded(path)).rejects.toThrow(/is no projector of images/);
		await expect(
			loadModel(await randomModel('tiny-wide'), { images: { projector: await randomProjector('mlp') } }),
		).rejects.toThrow(/mismatch between text model \(n_embd = 256\) and mmproj \(n_embd = 128\)/);
		await expect(
			loadModel(path, { vocabOnly: true, images: { projector: await randomProjector('mlp') } }),
		).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	});

	test('gives large images the tokens that it is told to', async () => {
		const load = (more: object) =>
			randomProjector('qwen2vl').then(async (projector) =>
				loadModel(await randomModel('tiny-qwen2vl'), { images: { projector, ...more } }),
			);
		const rows = async (of: Model) =>
			(await of.readImage(noise(1, 512, 512))).tokens.filter((token) => token < 0).length;
		await using free = await load({});
		await using few = await load({ maxTokens: 64 });
		await using many = await load({ minTokens: 2000 });
		expect(await rows(free)).toBe(1024);
		expect(await rows(few)).toBeLessThanOrEqual(64);
		expect(await rows(many)).toBeGreaterThanOrEqual(1900);
	});
});
