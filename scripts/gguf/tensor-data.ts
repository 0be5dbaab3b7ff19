import { GGMLQuantizationType } from '@huggingface/gguf';
import type { RandomBytes } from './random-bytes.js';

/**
 * How a tensor's values come about: random with mean 0 and standard deviation `deviation`, plus `offset`;
 * or given, by index in GGML's order (first dimension fastest).
 */
export type TensorValues = { deviation: number; offset?: number } | { at: (index: number) => number };

/** Types that can be written: plain floats, and blocks of 32 weights that share a scale. */
export type TensorType = 'F32' | 'F16' | 'Q4_0' | 'Q8_0';

interface Layout {
	id: GGMLQuantizationType;
	/** Weights of a block. */
	blockSize: number;
	/** Bytes of a block. */
	blockBytes: number;
}

/** Block layouts as in llama.cpp's ggml/src/ggml-common.h. */
export const layouts: Record<TensorType, Layout> = {
	F32: { id: GGMLQuantizationType.F32, blockSize: 1, blockBytes: 4 },
	F16: { id: GGMLQuantizationType.F16, blockSize: 1, blockBytes: 2 },
	Q4_0: { id: GGMLQuantizationType.Q4_0, blockSize: 32, blockBytes: 2 + 16 },
	Q8_0: { id: GGMLQuantizationType.Q8_0, blockSize: 32, blockBytes: 2 + 32 },
};

/** Bytes of a tensor of `count` weights. */
export function tensorBytes(type: TensorType, count: number): number {
	const { blockSize, blockBytes } = layouts[type];
	if (count % blockSize !== 0) throw new RangeError(`${count} weights do not fill blocks of ${blockSize}`);
	return (count / blockSize) * blockBytes;
}

const float32 = new Float32Array(1);
const bits32 = new Uint32Array(float32.buffer);

/** IEEE 754 half precision of a number in its normal range or 0, cut towards zero. */
export function toHalf(value: number): number {
	float32[0] = value;
	const bits = bits32[0] as number;
	const sign = (bits >>> 16) & 0x8000;
	const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
	if (exponent >= 31) throw new RangeError(`${value} is too large for half precision`);
	return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

function floats(count: number, values: TensorValues, random: RandomBytes): Float32Array {
	if ('at' in values) return Float32Array.from({ length: count }, (_, i) => values.at(i));
	const spread = values.deviation * Math.sqrt(3);
	const offset = values.offset ?? 0;
	return random.nextUniform(count).map((uniform) => offset + spread * uniform);
}

/** Blocks whose quants are random bytes as they come, under a scale that gives them the wanted deviation. */
function randomBlocks(
	layout: Layout,
	count: number,
	deviation: number,
	random: RandomBytes,
	levels: number,
): Buffer {
	const bytes = random.next((count / layout.blockSize) * layout.blockBytes);
	const scale = toHalf(deviation / Math.sqrt((levels * levels - 1) / 12));
	for (let at = 0; at < bytes.length; at += layout.blockBytes) {
		// Quants lie in -n…n-1, a mean of -1/2: a random sign keeps the weights' mean at 0.
		const sign = (bytes[at] as number) & 1 ? 0x8000 : 0;
		bytes.writeUInt16LE(scale | sign, at);
	}
	return bytes;
}

/** A tensor's bytes, `count` weights long. */
export function tensorData(
	type: TensorType,
	count: number,
	values: TensorValues,
	random: RandomBytes,
): Uint8Array {
	const layout = layouts[type];
	if (type === 'Q4_0' || type === 'Q8_0') {
		if ('at' in values || values.offset) throw new TypeError(`${type} holds random weights around 0 only`);
		return randomBlocks(layout, count, values.deviation, random, type === 'Q4_0' ? 16 : 256);
	}
	const numbers = floats(count, values, random);
	const bytes = Buffer.alloc(tensorBytes(type, count));
	numbers.forEach((number, i) => {
		if (type === 'F32') bytes.writeFloatLE(number, 4 * i);
		else bytes.writeUInt16LE(toHalf(number), 2 * i);
	});
	return bytes;
}
