import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRepriseError } from '../lib/errors.js';
import { loadModel } from '../lib/model.js';
import { count, counts, flag, flags, integers, type Metadata, text } from '../scripts/gguf/metadata.js';
import { type ShapeName, shapes } from '../scripts/gguf/shapes.js';
import { matrix, type Tensor } from '../scripts/gguf/tensor.js';
import { readVocabulary } from '../scripts/gguf/vocabulary.js';
import { writeModel } from '../scripts/gguf/write.js';
import { randomModel, vocabularyFile } from './support/models.js';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'reprise-heads-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Parts {
	metadata: Metadata;
	tensors: Tensor[];
}

async function partsOf(name: ShapeName): Promise<Parts> {
	const shape = shapes[name];
	const vocabulary = await readVocabulary(
		vocabularyFile(/ggml-vocab-(.*)\.gguf/.exec(shape.vocabulary)?.[1] ?? ''),
		shape.vocabularyLimit,
	);
	return {
		metadata: {
			'general.architecture': text(shape.architecture),
			...shape.metadata(vocabulary.size),
			...vocabulary.metadata,
		},
		tensors: shape.tensors(vocabulary.size),
	};
}

/** What comes of it: the process goes on, whatever the file holds. */
async function outcome({ metadata, tensors }: Parts): Promise<'drafts' | 'refused'> {
	const path = join(folder, 'head.gguf');
	await writeModel(path, metadata, tensors);
	const isHead = ['eagle3', 'dflash'].includes(`${metadata['general.architecture']?.value}`);
	try {
		await using model = await loadModel(isHead ? await randomModel('tiny-llama') : path, {
			draft: isHead ? { model: path } : { mtp: true },
			gpuLayers: 0,
		});
		await using session = await model.createSession({ contextLength: 128 });
		const options = { maxTokens: 6, draft: { size: 8 } };
		const { metrics } = await session.generate('The market is near the', options).result;
		expect(metrics.draftModelPasses).toBeGreaterThan(0);
		return 'drafts';
	} catch (error) {
		if (!isRepriseError(error)) throw error;
		expect(['MODEL_INVALID', 'OPTION_INVALID', 'OUT_OF_MEMORY', 'DECODE_FAILED']).toContain(error.code);
		return 'refused';
	}
}

describe.each([
	{ name: 'tiny-eagle3' as const, own: () => true },
	{ name: 'tiny-dflash' as const, own: () => true },
	{ name: 'tiny-dspark' as const, own: () => true },
	{ name: 'tiny-glm4moe' as const, own: (part: string) => part.startsWith('blk.4.') },
	{ name: 'tiny-qwen35' as const, own: (part: string) => part.startsWith('blk.4.') },
])('a head of the shape $name', ({ name, own }) => {
	test('drafts', async () => {
		expect(await outcome(await partsOf(name))).toBe('drafts');
	});

	test('without one of its tensors is refused, unless it can do without it', async () => {
		const { metadata, tensors } = await partsOf(name);
		const drafts: string[] = [];
		for (const missing of tensors.filter((tensor) => own(tensor.name))) {
			const rest = tensors.filter((tensor) => tensor !== missing);
			if ((await outcome({ metadata, tensors: rest })) === 'drafts') drafts.push(missing.name);
		}
		expect(drafts).toEqual(drafts.filter((part) => /exp_probs_b|^blk\.\d\.attn_v/.test(part)));
	});

	test('with a tensor of another size is refused', async () => {
		const { metadata, tensors } = await partsOf(name);
		for (const [index, tensor] of tensors.entries()) {
			if (!own(tensor.name)) continue;
			for (const change of [(size: number) => 2 * size, () => 1]) {
				const changed = { ...tensor, dimensions: tensor.dimensions.map(change) };
				expect(await outcome({ metadata, tensors: tensors.with(index, changed) })).toBe('refused');
			}
		}
	});

	test('with another number in its header is refused, or drafts', async () => {
		const { metadata, tensors } = await partsOf(name);
		for (const [key, { value }] of Object.entries(metadata)) {
			if (typeof value !== 'number' || !Number.isInteger(value) || key.startsWith('tokenizer.')) continue;
			for (const other of [0, 3, 2 ** 32 - 1])
				await outcome({ metadata: { ...metadata, [key]: count(other) }, tensors });
			const { [key]: _, ...rest } = metadata;
			await outcome({ metadata: rest, tensors });
		}
	});
});

test.each(['tiny-eagle3', 'tiny-dflash'] as const)(
	'a head of the shape %s may have a smaller vocabulary, whose table names tokens of the model',
	async (name) => {
		const reduced = async (tokens: number, type: 'I64' | 'F32', at: (index: number) => number) => {
			const { metadata, tensors } = await partsOf(name);
			const output = matrix('output.weight', 128, tokens, 'F32');
			const table: Tensor = { name: 'd2t', dimensions: [tokens], type, values: { at } };
			return outcome({ metadata, tensors: [...tensors, output, table] });
		};
		expect(await reduced(512, 'I64', (index) => 3 * index)).toBe('drafts');
		expect(await reduced(512, 'I64', (index) => (index === 300 ? 2 ** 31 : index))).toBe('refused');
		expect(await reduced(512, 'I64', (index) => (index === 300 ? -1 : index))).toBe('refused');
		expect(await reduced(512, 'F32', (index) => index)).toBe('refused');
	},
);

describe('an EAGLE-3 head', () => {
	const withLayers = async (layers: number[]) => {
		const { metadata, tensors } = await partsOf('tiny-eagle3');
		return outcome({ metadata: { ...metadata, 'eagle3.target_layers': integers(layers) }, tensors });
	};

	test.each([
		{ layers: [0, 1, 2], expected: 'drafts' },
		{ layers: [2, 2, 2], expected: 'drafts' },
		{ layers: [1, 2, 4], expected: 'refused' }, // llama.cpp's Llama does not say what leaves its last layer.
		{ layers: [1, 2, 5], expected: 'refused' },
		{ layers: [-1, 1, 2], expected: 'refused' },
		{ layers: [1, 2], expected: 'refused' },
		{ layers: [1, 2, 3, 3], expected: 'refused' },
	])('that reads layers $layers: $expected', async ({ layers, expected }) => {
		expect(await withLayers(layers)).toBe(expected);
	});
});

describe('a DFlash head', () => {
	const withHeader = async (name: ShapeName, entries: Metadata) => {
		const { metadata, tensors } = await partsOf(name);
		return outcome({ metadata: { ...metadata, ...entries }, tensors });
	};

	test.each([
		{ layers: [0, 1], expected: 'drafts' },
		{ layers: [3, 3], expected: 'drafts' },
		{ layers: [1, 5], expected: 'refused' },
		{ layers: [-1, 2], expected: 'refused' },
		{ layers: [2], expected: 'refused' },
		{ layers: [], expected: 'refused' },
	])('that reads layers $layers: $expected', async ({ layers, expected }) => {
		expect(await withHeader('tiny-dflash', { 'dflash.target_layers': integers(layers) })).toBe(expected);
	});

	test.each([
		{ name: 'tiny-dflash' as const, rows: 1, expected: 'refused' },
		{ name: 'tiny-dflash' as const, rows: 2, expected: 'drafts' },
		{ name: 'tiny-dflash' as const, rows: 100, expected: 'drafts' },
		{ name: 'tiny-dflash' as const, rows: 257, expected: 'refused' },
		{ name: 'tiny-dflash' as const, rows: 2 ** 32 - 1, expected: 'refused' },
		{ name: 'tiny-dspark' as const, rows: 1, expected: 'drafts' },
		{ name: 'tiny-dspark' as const, rows: 32, expected: 'drafts' },
	])('$name that says blocks of $rows rows: $expected', async ({ name, rows, expected }) => {
		expect(await withHeader(name, { 'dflash.block_size': count(rows) })).toBe(expected);
	});

	test.each([
		{ token: 5, expected: 'drafts' },
		{ token: 100_000, expected: 'refused' },
		{ token: 2 ** 32 - 1, expected: 'refused' },
	])('whose masks are token $token: $expected', async ({ token, expected }) => {
		expect(await withHeader('tiny-dflash', { 'tokenizer.ggml.mask_token_id': count(token) })).toBe(expected);
	});

	test('may begin its blocks behind the last token, or see only what stands before', async () => {
		const anchor: Metadata = { 'dflash.sample_from_anchor': flag(false) };
		expect(await withHeader('tiny-dspark', anchor)).toBe('drafts');
		const causal: Metadata = { 'dflash.attention.causal': flag(true) };
		expect(await withHeader('tiny-dflash', causal)).toBe('drafts');
	});

	test('may count positions along axes, or have layers that see a window alone', async () => {
		expect(await withHeader('tiny-dflash', { 'dflash.rope.dimension_sections': counts([16, 0, 0, 0]) })).toBe(
			'drafts',
		);
		const window = { 'dflash.attention.sliding_window': count(24) };
		const layers = { 'dflash.attention.sliding_window_pattern': flags([true, false]) };
		expect(await withHeader('tiny-dflash', { ...window, ...layers })).toBe('drafts');
	});
});

test.each([
	['another width', 'tiny-wide', /hidden states of 128 numbers, and the model's have 256/],
	['an architecture that gives no hidden states', 'tiny-gemma3', /gives no hidden states to a draft head/],
] as const)('an EAGLE-3 head for a model of %s is refused', async (_, shape, message) => {
	const make = async () => {
		await using model = await loadModel(await randomModel(shape), {
			draft: { model: await randomModel('tiny-eagle3') },
		});
		return model.createSession({ contextLength: 128 });
	};
	await expect(make()).rejects.toMatchObject({
		code: 'MODEL_INVALID',
		message: expect.stringMatching(message),
	});
});

test.each([
	['EAGLE-3', 'tiny-eagle3'],
	['DFlash', 'tiny-dflash'],
	['DSpark', 'tiny-dspark'],
] as const)('a head by itself is no model: %s', async (kind, shape) => {
	await using model = await loadModel(await randomModel(shape));
	expect(model.info.generationFault).toContain(`it is a draft head (${kind})`);
	await expect(model.createSession()).rejects.toMatchObject({
		code: 'MODEL_INVALID',
		message: expect.stringMatching(/name it in draft\.model/),
	});
});
