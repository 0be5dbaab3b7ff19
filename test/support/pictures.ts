import { crc32, deflateSync } from 'node:zlib';
import type { ImagePixels } from '../../lib/image-input.js';
import type { LoadModelOptions } from '../../lib/load-options.js';
import { loadModel, type Model } from '../../lib/model.js';
import { RandomBytes } from '../../scripts/gguf/random-bytes.js';
import { randomModel, randomProjector } from './models.js';

/** Pixels that no other seed gives. */
export function noise(seed: number, width = 32, height = 32): ImagePixels {
	return { width, height, data: new Uint8Array(new RandomBytes(seed, 'picture').next(3 * width * height)) };
}

/** The pixels as a PNG file. */
export function png({ width, height, data }: ImagePixels): Uint8Array {
	const row = data.length / height;
	const rows = Array.from({ length: height }, (_, y) => [0, ...data.subarray(y * row, (y + 1) * row)]);
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, data.length === 4 * width * height ? 6 : 2], 8);
	const chunk = (type: string, content: Uint8Array) => {
		const body = Buffer.concat([Buffer.from(type), content]);
		const around = Buffer.alloc(8);
		around.writeUInt32BE(content.length, 0);
		around.writeUInt32BE(crc32(body), 4);
		return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
	};
	const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	const pixels = deflateSync(Buffer.from(rows.flat()));
	const parts = [signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', new Uint8Array())];
	return new Uint8Array(Buffer.concat(parts));
}

/** Models and projectors with random weights: what they read of an image decides their texts. */
export const readers = [
	{ name: 'tiny-llama', shape: 'tiny-llama', projector: 'mlp' },
	{ name: 'tiny-qwen2vl (positions of three parts)', shape: 'tiny-qwen2vl', projector: 'qwen2vl' },
	{ name: 'tiny-gemma3 (rows see each other)', shape: 'tiny-gemma3', projector: 'gemma3' },
	{ name: 'tiny-lfm2 (recurrent states)', shape: 'tiny-lfm2', projector: 'mlp' },
] as const;

export async function loadReader(
	{ shape, projector }: Pick<(typeof readers)[number], 'shape' | 'projector'>,
	options: LoadModelOptions = {},
): Promise<Model> {
	const images = { projector: await randomProjector(projector) };
	return loadModel(await randomModel(shape), { ...options, images });
}
