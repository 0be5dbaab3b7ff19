import { GGMLQuantizationType } from '@huggingface/gguf';
import type { RandomBytes } from './random-bytes.js';

/**
 * How a tensor's values come about: random with mean 0 and standard deviation `deviation`, plus `offset`;
 * or given, by index in GGML's order (first dimension fastest).
 */
export type TensorValues = { deviation: number; offset?: number } | { at: (index: number) => number };

/** How a block's bytes become weights. */
interface Blocks {
	/** Where the block's scale is, as half precision. */
	scaleAt: number;
	/** Standard deviation of a random block's weights under a scale of 1. */
	deviation: number;
	/** For types with minima: weights are 0…levels-1 steps above one. It follows the scale, as half precision. */
	levels?: number;
	/**
	 * For types whose sub-blocks have scales and minima of their own, which the block's are multiplied by: makes
	 * random bytes the same number for both. What they give is subtracted; the minimum of other types is added.
	 */
	writeSubBlocks?: (block: Buffer) => void;
}

interface Layout {
	id: GGMLQuantizationType;
	/** Weights of a block. */
	blockSize: number;
	/** Bytes of a block. */
	blockBytes: number;
	/** Missing for plain floats. */
	blocks?: Blocks;
}

/** Standard deviation of integers that are equally likely in -n/2…n/2-1, whose sign is random. */
const ofIntegers = (n: number) => Math.sqrt((n * n - 1) / 12 + 1 / 4);

/** Standard deviation of integers that are equally likely in 0…n-1. */
const ofLevels = (n: number) => Math.sqrt((n * n - 1) / 12);

/** Root mean square of integers that are equally likely in n/2…n-1. */
const ofUpperHalf = (n: number) =>
	Math.sqrt(Array.from({ length: n / 2 }, (_, i) => (n / 2 + i) ** 2).reduce((a, b) => a + b) / (n / 2));

/** The weights that IQ4_NL's and IQ4_XS's indexes stand for. */
const iq4Values = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
const ofIq4 = Math.sqrt(iq4Values.reduce((sum, value) => sum + value * value, 0) / iq4Values.length);

const aboveMinimum = (levels: number): Blocks => ({ scaleAt: 0, deviation: ofLevels(levels), levels });

const subBlocks = (levels: number): Blocks => ({
	scaleAt: 0,
	deviation: ofUpperHalf(64) * ofLevels(levels),
	levels,
	writeSubBlocks: (block) => writeSixBits(block.subarray(4, 16)),
});

/** Block layouts as in llama.cpp's ggml/src/ggml-common.h. */
export const layouts = {
	F32: { id: GGMLQuantizationType.F32, blockSize: 1, blockBytes: 4 },
	F16: { id: GGMLQuantizationType.F16, blockSize: 1, blockBytes: 2 },
	BF16: { id: GGMLQuantizationType.BF16, blockSize: 1, blockBytes: 2 },
	I64: { id: GGMLQuantizationType.I64, blockSize: 1, blockBytes: 8 },
	Q4_0: block(GGMLQuantizationType.Q4_0, 32, 18, { scaleAt: 0, deviation: ofIntegers(16) }),
	Q4_1: block(GGMLQuantizationType.Q4_1, 32, 20, aboveMinimum(16)),
	Q5_0: block(GGMLQuantizationType.Q5_0, 32, 22, { scaleAt: 0, deviation: ofIntegers(32) }),
	Q5_1: block(GGMLQuantizationType.Q5_1, 32, 24, aboveMinimum(32)),
	Q8_0: block(GGMLQuantizationType.Q8_0, 32, 34, { scaleAt: 0, deviation: ofIntegers(256) }),
	Q2_K: block(GGMLQuantizationType.Q2_K, 256, 84, {
		scaleAt: 80,
		deviation: ofUpperHalf(16) * ofLevels(4),
		levels: 4,
		writeSubBlocks: (block) => writeFourBits(block.subarray(0, 16)),
	}),
	Q3_K: block(GGMLQuantizationType.Q3_K, 256, 110, {
		scaleAt: 108,
		deviation: ofIntegers(64) * ofIntegers(8),
	}),
	Q4_K: block(GGMLQuantizationType.Q4_K, 256, 144, subBlocks(16)),
	Q5_K: block(GGMLQuantizationType.Q5_K, 256, 176, subBlocks(32)),
	Q6_K: block(GGMLQuantizationType.Q6_K, 256, 210, {
		scaleAt: 208,
		deviation: ofIntegers(256) * ofIntegers(64),
	}),
	IQ4_NL: block(GGMLQuantizationType.IQ4_NL, 32, 18, { scaleAt: 0, deviation: ofIq4 }),
	IQ4_XS: block(GGMLQuantizationType.IQ4_XS, 256, 136, { scaleAt: 0, deviation: ofIntegers(64) * ofIq4 }),
} satisfies Record<string, Layout>;

/** Types that can be written. */
export type TensorType = keyof typeof layouts;

function block(id: GGMLQuantizationType, blockSize: number, blockBytes: number, blocks: Blocks) {
	return { id, blockSize, blockBytes, blocks };
}

/** Bytes of a tensor of `count` weights. */
export function tensorBytes(type: TensorType, count: number): number {
	const { blockSize, blockBytes }: Layout = layouts[type];
	if (count % blockSize !== 0) throw new RangeError(`${count} weights do not fill blocks of ${blockSize}`);
	return (count / blockSize) * blockBytes;
}

const float32 = new Float32Array(1);
const bits32 = new Uint32Array(float32.buffer);

/** IEEE 754 half precision of a number, cut towards zero. */
export function toHalf(value: number): number {
	float32[0] = value;
	const bits = bits32[0] as number;
	const sign = (bits >>> 16) & 0x8000;
	const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
	if (exponent >= 31) throw new RangeError(`${value} is too large for half precision`);
	if (exponent > 0) return sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
	// Below the normal range the leading bit is written out, and places are lost at the end.
	const places = 14 - exponent;
	return places > 24 ? sign : sign | (((bits & 0x7fffff) | 0x800000) >>> places);
}

function floats(count: number, values: TensorValues, random: RandomBytes): Float32Array {
	if ('at' in values) return Float32Array.from({ length: count }, (_, i) => values.at(i));
	const spread = values.deviation * Math.sqrt(3);
	const offset = values.offset ?? 0;
	return random.nextUniform(count).map((uniform) => offset + spread * uniform);
}

/** Blocks of random bytes as they come, under a scale that gives the weights the wanted deviation. */
function randomBlocks(
	{ blockSize, blockBytes }: Layout,
	{ scaleAt, deviation: ofBlock, levels, writeSubBlocks }: Blocks,
	count: number,
	deviation: number,
	random: RandomBytes,
): Buffer {
	const bytes = random.next((count / blockSize) * blockBytes);
	const scale = deviation / ofBlock;
	const half = toHalf(scale);
	const halfMinimum = levels === undefined ? 0 : toHalf((scale * (levels - 1)) / 2);
	for (let at = 0; at < bytes.length; at += blockBytes) {
		// Integers in -n…n-1 have a mean of -1/2: a random sign keeps the weights' mean at 0.
		const sign = (bytes[at + scaleAt] as number) & 1 ? 0x8000 : 0;
		bytes.writeUInt16LE(half | sign, at + scaleAt);
		if (levels === undefined) continue;
		const signOfMinimum = writeSubBlocks ? sign : sign ^ 0x8000;
		bytes.writeUInt16LE(halfMinimum | signOfMinimum, at + scaleAt + 2);
		writeSubBlocks?.(bytes.subarray(at, at + blockBytes));
	}
	return bytes;
}

/** Scales and minima of 16 sub-blocks in 4 bits each: the same number, from 8 on, as both. */
function writeFourBits(bytes: Buffer): void {
	for (const [i, byte] of bytes.entries()) bytes[i] = 0x88 | (byte & 7) | ((byte & 7) << 4);
}

/** Scales and minima of 8 sub-blocks in 6 bits each: the same number, from 32 on, as both. */
function writeSixBits(bytes: Buffer): void {
	const scales = Array.from(bytes.subarray(0, 8), (byte) => 32 | (byte & 31));
	for (let i = 0; i < 4; i++) {
		const first = scales[i] as number;
		const second = scales[i + 4] as number;
		bytes[i] = first | ((second >> 4) << 6);
		bytes[i + 4] = first | ((second >> 4) << 6);
		bytes[i + 8] = (second & 15) | ((second & 15) << 4);
	}
}

/** A tensor's bytes, `count` weights long. */
export function tensorData(
	type: TensorType,
	count: number,
	values: TensorValues,
	random: RandomBytes,
): Uint8Array {
	const layout: Layout = layouts[type];
	if (layout.blocks) {
		if ('at' in values || values.offset) throw new TypeError(`${type} holds random weights around 0 only`);
		return randomBlocks(layout, layout.blocks, count, values.deviation, random);
	}
	const numbers = floats(count, values, random);
	const bytes = Buffer.alloc(tensorBytes(type, count));
	numbers.forEach((number, i) => {
		if (type === 'F32') bytes.writeFloatLE(number, 4 * i);
		else if (type === 'I64') bytes.writeBigInt64LE(BigInt(Math.round(number)), 8 * i);
		else bytes.writeUInt16LE(type === 'F16' ? toHalf(number) : toBrainFloat(number), 2 * i);
	});
	return bytes;
}

/** The upper half of a number in single precision. */
function toBrainFloat(value: number): number {
	float32[0] = value;
	return (bits32[0] as number) >>> 16;
}
