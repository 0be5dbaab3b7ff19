import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRepriseError } from '../../lib/errors.js';
import { loadModel } from '../../lib/model.js';
import { count, type Metadata, text } from '../../scripts/gguf/metadata.js';
import { type ProjectorKind, projectorMetadata, projectorTensors } from '../../scripts/gguf/projector.js';
import type { Tensor } from '../../scripts/gguf/tensor.js';
import { writeModel } from '../../scripts/gguf/write.js';
import { Choices } from '../support/choices.js';
import { randomModel, randomProjector } from '../support/models.js';
import { noise } from '../support/pictures.js';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'reprise-projectors-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What comes of a projector: the process goes on, whatever the file holds. */
async function outcome(model: string, projector: string): Promise<'read' | 'refused'> {
	try {
		await using loaded = await loadModel(model, { images: { projector } });
		await loaded.readImage(noise(1, 40, 24));
		return 'read';
	} catch (error) {
		if (!isRepriseError(error)) throw error;
		expect(['MODEL_INVALID', 'IMAGE_INVALID', 'OUT_OF_MEMORY']).toContain(error.code);
		return 'refused';
	}
}

const pairs = [
	['mlp', 'tiny-llama'],
	['gemma3', 'tiny-gemma3'],
	['qwen2vl', 'tiny-qwen2vl'],
] as const;

describe.each(pairs)('a projector of the kind %s', (kind: ProjectorKind, shape) => {
	async function written(metadata: Metadata, tensors: Tensor[]): Promise<'read' | 'refused'> {
		const path = join(folder, `${kind}.gguf`);
		await writeModel(path, metadata, tensors);
		return outcome(await randomModel(shape), path);
	}

	test('without one of its tensors is refused, unless it can do without it', async () => {
		const tensors = projectorTensors(kind);
		const refused = new Set<string>();
		for (const missing of tensors) {
			const rest = tensors.filter((tensor) => tensor !== missing);
			if ((await written(projectorMetadata(kind), rest)) === 'refused') refused.add(missing.name);
		}
		expect([...refused]).toContain('v.patch_embd.weight');
		expect([...refused]).toContain('v.blk.0.ffn_up.weight');
	});

	test('with a tensor of another size is refused, or read', async () => {
		const tensors = projectorTensors(kind);
		for (const [index, tensor] of tensors.entries())
			for (const change of [(size: number) => 2 * size, () => 1]) {
				const changed = { ...tensor, dimensions: tensor.dimensions.map(change) };
				await written(projectorMetadata(kind), tensors.with(index, changed));
			}
	});

	test('with another number in its header is refused, or read', async () => {
		const metadata = projectorMetadata(kind);
		for (const [key, { value }] of Object.entries(metadata)) {
			if (typeof value !== 'number' || !Number.isInteger(value)) continue;
			for (const other of [0, 1, 3, 7, 1000, 2 ** 31 - 1, 2 ** 32 - 1])
				await written({ ...metadata, [key]: count(other) }, projectorTensors(kind));
			const { [key]: _, ...rest } = metadata;
			await written(rest, projectorTensors(kind));
		}
		for (const other of [
			'',
			'mlp',
			'gemma3',
			'qwen2vl_merger',
			'qwen3vl_merger',
			'idefics3',
			'pixtral',
			'llama4',
			'internvl',
		])
			await written({ ...metadata, 'clip.projector_type': text(other) }, projectorTensors(kind));
	});

	test('with damaged bytes, or cut short, is refused, or read', async () => {
		const good = await readFile(await randomProjector(kind));
		const header = good.indexOf('mm.') + 400;
		const choices = new Choices(5, kind);
		const path = join(folder, `${kind}-damaged.gguf`);
		for (let round = 0; round < 150; round++) {
			const bad = Buffer.from(good);
			for (let i = choices.below(4); i >= 0; i--)
				bad[choices.below(header)] = choices.of([0, 1, 127, 255, choices.below(256)]);
			await writeFile(path, choices.chance(10) ? bad.subarray(0, choices.below(bad.length)) : bad);
			await outcome(await randomModel(shape), path);
		}
	});
});
