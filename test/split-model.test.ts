import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { ask } from './support/chatml.js';
import { embeddedModel } from './support/models.js';
import { changeWeights, partName, splitModel } from './support/split.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-split-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const copyPrompt = ask('Copy this text:\nMara found a red box near the market.');

let folders = 0;
function newPrefix(): string {
	const inner = join(folder, `${folders++}`);
	mkdirSync(inner);
	return join(inner, 'model');
}

/** What the model says, and a state of it. */
async function say(path: string, state?: string): Promise<string> {
	await using model = await loadModel(path);
	await using session = await model.createSession({ contextLength: 256 });
	if (state) {
		await session.prefill(copyPrompt);
		await session.save(state);
	}
	return await session.generate(copyPrompt, { draft: 'off' }).text();
}

async function load(path: string, state: string): Promise<string> {
	await using model = await loadModel(path);
	await using session = await model.createSession({ contextLength: 256 });
	await session.load(state);
	return await session.generate(null, { draft: 'off' }).text();
}

const whole = await say(embeddedModel, join(folder, 'whole.state'));

test('the model says a text', () => expect(whole).toContain('red box'));

describe('a split model', () => {
	const ways: Array<[string, number, (tensor: number) => number]> = [
		['of two parts', 2, (tensor) => tensor % 2],
		['whose first part has no tensors', 3, (tensor) => 1 + (tensor % 2)],
		['of which one part in the middle has no tensors', 3, (tensor) => 2 * (tensor % 2)],
		['with a part for each of a dozen', 12, (tensor) => tensor % 12],
	];

	test.each(ways)('%s says what the whole one says', async (_, count, partOf) => {
		const [first = ''] = splitModel(embeddedModel, newPrefix(), count, partOf);
		expect(await say(first)).toBe(whole);
		await using vocabulary = await loadModel(first, { vocabOnly: true });
		expect(vocabulary.info.vocabularySize).toBe(2048);
	});

	test('takes a state of the whole one, and the other way round', async () => {
		const [first = ''] = splitModel(embeddedModel, newPrefix(), 3, (tensor) => 1 + (tensor % 2));
		expect(await load(first, join(folder, 'whole.state'))).toBe(whole);
		const state = join(folder, 'split.state');
		await say(first, state);
		expect(await load(embeddedModel, state)).toBe(whole);
	});

	test('is loaded by its first part: another says which that is', async () => {
		const parts = splitModel(embeddedModel, newPrefix(), 3, (tensor) => tensor % 3);
		for (const [index, part] of parts.entries())
			if (index > 0)
				await expect(loadModel(part)).rejects.toMatchObject({
					code: 'MODEL_INVALID',
					message: `${part} is part ${index + 1} of 3 of a split model; pass the first, ${parts[0]}`,
				});
	});

	test('without one of its parts says which is missing', async () => {
		const [first = '', , last = ''] = splitModel(embeddedModel, newPrefix(), 3, (tensor) => tensor % 3);
		rmSync(last);
		await expect(loadModel(first)).rejects.toMatchObject({
			code: 'MODEL_INVALID',
			message: expect.stringContaining(`There is no file ${last}, part 3 of 3`),
		});
	});

	test('under another name says how parts are named', async () => {
		const [first = ''] = splitModel(embeddedModel, newPrefix(), 2, (tensor) => tensor % 2);
		const other = join(folder, 'renamed.gguf');
		renameSync(first, other);
		await expect(loadModel(other)).rejects.toMatchObject({
			code: 'MODEL_INVALID',
			message: expect.stringContaining('-00001-of-00002.gguf'),
		});
	});

	test('with a folder or another model in a part’s place is refused', async () => {
		const prefix = newPrefix();
		const [first = '', second = ''] = splitModel(embeddedModel, prefix, 2, (tensor) => tensor % 2);
		rmSync(second);
		mkdirSync(second);
		await expect(loadModel(first)).rejects.toMatchObject({
			code: 'MODEL_INVALID',
			message: expect.stringContaining(`${basename(second)} is a directory`),
		});
		rmSync(second, { recursive: true });
		splitModel(embeddedModel, `${prefix}-other`, 1, () => 0);
		renameSync(partName(`${prefix}-other`, 0, 1), second);
		await expect(loadModel(first)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
	});

	test('of metadata alone is told from a model', async () => {
		const [first = ''] = splitModel(embeddedModel, newPrefix(), 2, () => -1);
		await expect(loadModel(first)).rejects.toMatchObject({ code: 'MODEL_VOCAB_ONLY' });
	});
});

describe('a state', () => {
	/** Changes one tensor, and of that one byte in a hundred. */
	const nudge = (data: Buffer) => {
		for (let i = 1; i < data.length; i += 100) data[i] = (data[i] as number) ^ 1;
	};
	const others: Array<[string, (data: Buffer, tensor: number, count: number) => void]> = [
		['all of whose tensors differ', (data) => nudge(data)],
		['whose first tensor differs', (data, tensor) => tensor === 0 && nudge(data)],
		['whose last tensor differs', (data, tensor, count) => tensor === count - 1 && nudge(data)],
		['one of whose middle tensors differs', (data, tensor, count) => tensor === count >> 1 && nudge(data)],
	];

	test.each(others)('is refused by a model %s', async (_, change) => {
		const other = join(folder, `other-${folders++}.gguf`);
		changeWeights(embeddedModel, other, change);
		await expect(load(other, join(folder, 'whole.state'))).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
	});

	test.each([
		['mapped or read', { mmap: false }],
		['checked', { checkTensors: true }],
	])('is taken by the same weights, %s', async (_, options) => {
		const copy = join(folder, `copy-${folders++}.gguf`);
		changeWeights(embeddedModel, copy, () => {});
		await using model = await loadModel(copy, options);
		await using session = await model.createSession({ contextLength: 256 });
		await session.load(join(folder, 'whole.state'));
		expect(await session.generate(null, { draft: 'off' }).text()).toBe(whole);
	});
});
