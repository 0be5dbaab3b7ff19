import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GGMLQuantizationType, gguf } from '@huggingface/gguf';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { quantisationNames } from '../scripts/gguf/quantisation.js';
import { RandomBytes } from '../scripts/gguf/random-bytes.js';
import { tensorBytes, tensorData, toHalf } from '../scripts/gguf/tensor-data.js';
import { readVocabulary } from '../scripts/gguf/vocabulary.js';
import { writeRandomModel } from '../scripts/gguf/write.js';
import { randomModel, tinyShapes, vocabularyFile } from './support/models.js';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'reprise-random-model-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fromHalf = (bits: number) => {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	return exponent === 0 ? 0 : sign * 2 ** (exponent - 15) * (1 + (bits & 0x3ff) / 1024);
};

const deviation = (numbers: number[]) => {
	const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
	return Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length);
};

describe('tensor data', () => {
	test('half precision keeps eleven bits of a number in range', () => {
		fc.assert(
			fc.property(fc.double({ min: 2 ** -14, max: 65_000, noNaN: true }), fc.boolean(), (size, negative) => {
				const number = negative ? -size : size;
				expect(Math.abs(fromHalf(toHalf(number)) - number)).toBeLessThanOrEqual(size * 2 ** -10);
			}),
		);
	});

	test('half precision keeps what is left of a number below its normal range', () => {
		for (const steps of [0, 1, 2, 3, 511, 512, 1023]) {
			expect(toHalf(steps * 2 ** -24)).toBe(steps);
			expect(toHalf(-(steps + 0.5) * 2 ** -24)).toBe(0x8000 | steps);
		}
	});

	test('half precision refuses what it cannot hold', () => {
		expect(() => toHalf(65_536)).toThrow('too large');
	});

	test('blocks hold weights of the wanted deviation around 0', () => {
		const count = 32 * 2000;
		for (const type of ['Q4_0', 'Q8_0'] as const) {
			const bytes = Buffer.from(tensorData(type, count, { deviation: 0.25 }, new RandomBytes(1, type)));
			const blockBytes = tensorBytes(type, 32);
			const weights = Array.from({ length: count }, (_, i) => {
				const block = Math.floor(i / 32) * blockBytes;
				const scale = fromHalf(bytes.readUInt16LE(block));
				const at = i % 32;
				if (type === 'Q8_0') return scale * bytes.readInt8(block + 2 + at);
				const pair = bytes.readUInt8(block + 2 + (at % 16));
				return scale * ((at < 16 ? pair & 15 : pair >> 4) - 8);
			});
			expect(deviation(weights)).toBeCloseTo(0.25, 2);
			expect(Math.abs(weights.reduce((sum, x) => sum + x, 0) / count)).toBeLessThan(0.01);
		}
	});

	test('blocks with minima of their own hold weights of the wanted deviation around 0', () => {
		const blocks = 500;
		const bytes = Buffer.from(
			tensorData('Q4_K', 256 * blocks, { deviation: 0.25 }, new RandomBytes(1, 'Q4_K')),
		);
		// As llama.cpp unpacks them: scale and minimum of 6 bits for each 32 weights (get_scale_min_k4).
		const weights = Array.from({ length: 256 * blocks }, (_, i) => {
			const block = bytes.subarray(Math.floor(i / 256) * 144);
			const at = i % 256;
			const sub = at >> 5;
			const packed = (index: number) => block[4 + index] as number;
			const scale = sub < 4 ? packed(sub) & 63 : (packed(sub + 4) & 15) | ((packed(sub - 4) >> 6) << 4);
			const minimum = sub < 4 ? packed(sub + 4) & 63 : (packed(sub + 4) >> 4) | ((packed(sub) >> 6) << 4);
			const pair = block[16 + 32 * (sub >> 1) + (at % 32)] as number;
			const quant = sub % 2 === 0 ? pair & 15 : pair >> 4;
			const [d, dMinimum] = [fromHalf(block.readUInt16LE(0)), fromHalf(block.readUInt16LE(2))];
			return d * scale * quant - dMinimum * minimum;
		});
		expect(deviation(weights)).toBeCloseTo(0.25, 2);
		expect(Math.abs(weights.reduce((sum, x) => sum + x, 0) / weights.length)).toBeLessThan(0.01);
	});

	test.each(['Q4_1', 'Q5_1'] as const)('%s adds its minimum to weights of the wanted deviation', (type) => {
		const count = 32 * 2000;
		const bytes = Buffer.from(tensorData(type, count, { deviation: 0.25 }, new RandomBytes(1, type)));
		const blockBytes = tensorBytes(type, 32);
		const weights = Array.from({ length: count }, (_, i) => {
			const block = bytes.subarray(Math.floor(i / 32) * blockBytes);
			const at = i % 32;
			const pair = block[blockBytes - 16 + (at % 16)] as number;
			const fifth = type === 'Q5_1' ? ((block.readUInt32LE(4) >>> at) & 1) << 4 : 0;
			const quant = (at < 16 ? pair & 15 : pair >> 4) | fifth;
			return fromHalf(block.readUInt16LE(0)) * quant + fromHalf(block.readUInt16LE(2));
		});
		expect(deviation(weights)).toBeCloseTo(0.25, 2);
		expect(Math.abs(weights.reduce((sum, x) => sum + x, 0) / count)).toBeLessThan(0.01);
	});

	test('Q2_K subtracts the minima of its sub-blocks from weights of the wanted deviation', () => {
		const count = 256 * 500;
		const bytes = Buffer.from(tensorData('Q2_K', count, { deviation: 0.25 }, new RandomBytes(1, 'Q2_K')));
		const weights = Array.from({ length: count }, (_, i) => {
			const block = bytes.subarray(Math.floor(i / 256) * 84);
			const at = i % 256;
			const packed = block[at >> 4] as number;
			const quant = ((block[16 + 32 * (at >> 7) + (at % 32)] as number) >> (2 * ((at >> 5) % 4))) & 3;
			const [d, dMinimum] = [fromHalf(block.readUInt16LE(80)), fromHalf(block.readUInt16LE(82))];
			return d * (packed & 15) * quant - dMinimum * (packed >> 4);
		});
		expect(deviation(weights)).toBeCloseTo(0.25, 2);
		expect(Math.abs(weights.reduce((sum, x) => sum + x, 0) / count)).toBeLessThan(0.01);
	});

	test('a tensor that does not fill its blocks is refused', () => {
		expect(() => tensorBytes('Q4_0', 48)).toThrow('48 weights do not fill blocks of 32');
	});
});

describe('a random model', () => {
	test('is the same for the same seed, and another for another', async () => {
		const write = async (name: string, seed: number) => {
			const path = join(folder, name);
			await writeRandomModel('tiny-mamba', vocabularyFile('gpt-neox'), path, seed);
			return readFileSync(path);
		};
		const first = await write('first.gguf', 7);
		expect(first.equals(await write('again.gguf', 7))).toBe(true);
		expect(first.equals(await write('other.gguf', 8))).toBe(false);
	});

	test.each(tinyShapes)('%s ends where its last tensor does', async (shape) => {
		const path = await randomModel(shape);
		const { tensorInfos, tensorDataOffset } = await gguf(path, { allowLocalFile: true });
		const last = tensorInfos.at(-1);
		const type = last?.dtype === 1 ? 'F16' : 'F32';
		const size = tensorBytes(type, Number(last?.shape.reduce((product, size) => product * size, 1n)));
		const end = Number(tensorDataOffset) + Number(last?.offset) + size;
		expect(statSync(path).size - end).toBeGreaterThanOrEqual(0);
		expect(statSync(path).size - end).toBeLessThan(32);
	});

	test.each(quantisationNames)(
		'of type %s is one that llama.cpp reads and that says tokens',
		async (type) => {
			await using model = await loadModel(await randomModel('tiny-wide', 0, type));
			await using session = await model.createSession({ contextLength: 64, threads: 1 });
			const { metrics } = await session.generate('Once', { maxTokens: 8 }).result;
			expect(metrics.outputTokens).toBeGreaterThan(0);
		},
	);

	test('of mixed types has them where llama-quantize has them', async () => {
		const typesOf = async (shape: 'tiny-wide' | 'tiny-llama') => {
			const { tensorInfos } = await gguf(await randomModel(shape, 0, 'q4_k_m'), { allowLocalFile: true });
			return Object.fromEntries(tensorInfos.map(({ name, dtype }) => [name, GGMLQuantizationType[dtype]]));
		};
		expect(await typesOf('tiny-wide')).toMatchObject({
			'token_embd.weight': 'Q6_K',
			'blk.0.ffn_down.weight': 'Q4_K',
			'blk.2.ffn_down.weight': 'Q6_K',
			'blk.3.attn_v.weight': 'Q6_K',
			'blk.3.attn_q.weight': 'Q4_K',
			'blk.3.attn_norm.weight': 'F32',
		});
		// Its rows of 128 weights fill no block of 256.
		expect(await typesOf('tiny-llama')).toMatchObject({
			'token_embd.weight': 'Q8_0',
			'blk.3.attn_q.weight': 'Q5_0',
		});
	});

	test('takes narrower blocks where rows fill none of a type, whatever the type', async () => {
		for (const name of quantisationNames) {
			await using model = await loadModel(await randomModel('tiny-llama', 0, name));
			expect(model.info.vocabularySize).toBeGreaterThan(0);
		}
	});

	test('of experts chooses some of them', async () => {
		await using model = await loadModel(await randomModel('tiny-moe'));
		await using session = await model.createSession({ contextLength: 64, threads: 1 });
		const { metrics } = await session.generate('Once', { maxTokens: 8 }).result;
		expect(metrics.outputTokens).toBeGreaterThan(0);
	});

	test('is not left behind half written', async () => {
		const path = join(folder, 'missing.gguf');
		await expect(writeRandomModel('tiny-llama', join(folder, 'nothing.gguf'), path)).rejects.toThrow();
		expect(() => statSync(path)).toThrow('ENOENT');
	});
});

describe('a cut vocabulary', () => {
	test('keeps its first tokens, all control tokens, and merges among them', async () => {
		const { metadata, size } = await readVocabulary(vocabularyFile('qwen2'), 1000);
		const tokens = metadata['tokenizer.ggml.tokens']?.value as string[];
		const merges = metadata['tokenizer.ggml.merges']?.value as string[];
		expect(tokens).toHaveLength(size);
		expect(tokens.slice(1000)).toEqual(['<|endoftext|>', '<|im_start|>', '<|im_end|>']);
		expect(tokens[metadata['tokenizer.ggml.eos_token_id']?.value as number]).toBe('<|endoftext|>');
		expect(merges.length).toBeGreaterThan(500);
		for (const merge of merges) expect(tokens).toContain(merge.replace(' ', ''));
	});
});

describe('the command', () => {
	const script = fileURLToPath(new URL('../scripts/random-model.ts', import.meta.url));
	const run = (...args: string[]) =>
		spawnSync(process.execPath, ['--import', 'tsx', script, ...args], { encoding: 'utf8' });

	test('names the shapes it knows', () => {
		const { status, stderr } = run('tiny-bert', '--vocab', 'v', '--out', 'o');
		expect(status).toBe(1);
		expect(stderr).toContain('Expected one of qwen2-0.5b, qwen2-1.5b, qwen2.5-7b, llama-3-8b, tiny-llama');
	});

	test('says in one line that a vocabulary is missing', () => {
		const { status, stderr } = run(
			'tiny-llama',
			'--vocab',
			join(folder, 'no.gguf'),
			'--out',
			join(folder, 'o'),
		);
		expect(status).toBe(1);
		expect(stderr.trim().split('\n')).toHaveLength(1);
		expect(stderr).toContain('no.gguf');
	});
});
