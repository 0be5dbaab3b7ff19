import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GGUFValueType } from '@huggingface/gguf';
import { count, type Metadata, type MetadataEntry, real, text } from '../../scripts/gguf/metadata.js';
import { type ShapeName, shapes } from '../../scripts/gguf/shapes.js';
import { matrix, norm, type Tensor, vector } from '../../scripts/gguf/tensor.js';
import {
	type TransformerSizes,
	transformerMetadata,
	transformerTensors,
} from '../../scripts/gguf/transformer.js';
import { readVocabulary } from '../../scripts/gguf/vocabulary.js';
import { writeModel } from '../../scripts/gguf/write.js';
import { testModelFolder, vocabularyFile } from './models.js';

const flag = (value: boolean): MetadataEntry => ({ value, type: GGUFValueType.BOOL });
const under = (architecture: string, entries: Metadata): Metadata =>
	Object.fromEntries(Object.entries(entries).map(([key, entry]) => [`${architecture}.${key}`, entry]));

const sizes: TransformerSizes = {
	layers: 2,
	width: 64,
	heads: 2,
	headsKv: 2,
	headWidth: 32,
	feedForward: 64,
	contextLength: 1024,
	ropeBase: 10_000,
	types: { matrices: 'F32', embedding: 'F32' },
};

interface Parts {
	vocabulary: string;
	/** Tokens that are kept of it, 2048 without this. */
	vocabularyLimit?: number;
	metadata: Metadata;
	tensors(vocabularySize: number): Tensor[];
	/** Put over the vocabulary's own entries. */
	tokenizer?: Metadata;
}

function shaped(name: ShapeName): Parts {
	const shape = shapes[name];
	return {
		vocabulary: /ggml-vocab-(.*)\.gguf/.exec(shape.vocabulary)?.[1] ?? '',
		metadata: { 'general.architecture': text(shape.architecture), ...shape.metadata(0) },
		tensors: shape.tensors,
	};
}

function llama(over: Partial<TransformerSizes> = {}, more: Metadata = {}): Parts {
	const all = { ...sizes, ...over };
	return {
		vocabulary: 'llama-spm',
		metadata: {
			'general.architecture': text('llama'),
			...transformerMetadata('llama', all),
			...under('llama', more),
		},
		tensors: (vocabularySize) => transformerTensors('llama', all, vocabularySize),
	};
}

/** A layer of GPT-2 or BERT: layer norms and biases everywhere. */
function biasedLayer(name: (part: string) => string, names: Record<string, [number, number]>): Tensor[] {
	return Object.entries(names).flatMap(([part, [inputs, outputs]]) => [
		inputs === 0
			? norm(name(`${part}.weight`), outputs)
			: matrix(name(`${part}.weight`), inputs, outputs, 'F32'),
		vector(name(`${part}.bias`), outputs, 0.01),
	]);
}

const gpt2Positions = 256;
const { width, feedForward } = sizes;

const gpt2: Parts = {
	vocabulary: 'gpt-2',
	metadata: {
		'general.architecture': text('gpt2'),
		...under('gpt2', {
			block_count: count(sizes.layers),
			context_length: count(gpt2Positions),
			embedding_length: count(width),
			feed_forward_length: count(feedForward),
			'attention.head_count': count(sizes.heads),
			'attention.layer_norm_epsilon': real(1e-5),
		}),
	},
	tensors: (vocabularySize) => [
		matrix('token_embd.weight', width, vocabularySize, 'F32'),
		matrix('position_embd.weight', width, gpt2Positions, 'F32'),
		norm('output_norm.weight', width),
		vector('output_norm.bias', width, 0.01),
		...Array.from({ length: sizes.layers }, (_, layer) =>
			biasedLayer((part) => `blk.${layer}.${part}`, {
				attn_norm: [0, width],
				attn_qkv: [width, 3 * width],
				attn_output: [width, width],
				ffn_norm: [0, width],
				ffn_up: [width, feedForward],
				ffn_down: [feedForward, width],
			}),
		).flat(),
	],
};

const bert: Parts = {
	vocabulary: 'bert-bge',
	metadata: {
		'general.architecture': text('bert'),
		...under('bert', {
			block_count: count(sizes.layers),
			context_length: count(512),
			embedding_length: count(width),
			feed_forward_length: count(feedForward),
			'attention.head_count': count(sizes.heads),
			'attention.layer_norm_epsilon': real(1e-12),
			'attention.causal': flag(false),
			pooling_type: count(2),
		}),
	},
	tensors: (vocabularySize) => [
		matrix('token_embd.weight', width, vocabularySize, 'F32'),
		matrix('token_types.weight', width, 2, 'F32'),
		matrix('position_embd.weight', width, 512, 'F32'),
		norm('token_embd_norm.weight', width),
		vector('token_embd_norm.bias', width, 0.01),
		...Array.from({ length: sizes.layers }, (_, layer) =>
			biasedLayer((part) => `blk.${layer}.${part}`, {
				attn_q: [width, width],
				attn_k: [width, width],
				attn_v: [width, width],
				attn_output: [width, width],
				attn_output_norm: [0, width],
				ffn_up: [width, feedForward],
				ffn_down: [feedForward, width],
				layer_output_norm: [0, width],
			}),
		).flat(),
	],
};

/** The weights of the layer that ranks. */
export const rankingWeight = (index: number): number => (index % 7) - 3;

/** BERT with one layer more, which scores the first token's vector. */
const ranking: Parts = {
	...bert,
	metadata: { ...bert.metadata, ...under('bert', { pooling_type: count(4) }) },
	tensors: (vocabularySize) => [
		...bert.tensors(vocabularySize),
		{ name: 'cls.output.weight', dimensions: [width, 1], type: 'F32', values: { at: rankingWeight } },
	],
};

const experts = 8;

/** The dense layers' feed-forward matrices as those of experts. */
const mixture: Parts = {
	...llama({}, { expert_count: count(experts), expert_used_count: count(2) }),
	tensors: (vocabularySize) =>
		transformerTensors('llama', sizes, vocabularySize).flatMap((tensor) => {
			const part = /^(blk\.\d+)\.ffn_(gate|up|down)\.weight$/.exec(tensor.name);
			if (!part) return [tensor];
			const name = `${part[1]}.ffn_${part[2]}_exps.weight`;
			const dimensions = [...tensor.dimensions, experts];
			const stacked = { ...tensor, name, dimensions };
			if (part[2] !== 'gate') return [stacked];
			return [matrix(`${part[1]}.ffn_gate_inp.weight`, width, experts, 'F32'), stacked];
		}),
};

function renamed(parts: Parts, from: string, to: string): Parts {
	const metadata = Object.entries(parts.metadata).map(([key, entry]) => [
		key.replace(`${from}.`, `${to}.`),
		entry,
	]);
	return {
		...parts,
		metadata: { ...Object.fromEntries(metadata), 'general.architecture': text(to) },
	};
}

function replaced(parts: Parts, name: string, values: Tensor['values']): Parts {
	return {
		...parts,
		tensors: (size) =>
			parts.tensors(size).map((tensor) => (tensor.name === name ? { ...tensor, values } : tensor)),
	};
}

/** The matrix that an adapter changes, and what the adapter is made of: two rows and two columns. */
const adapted = 'blk.0.ffn_down.weight';
const adapterRank = 2;
const adapterAlpha = 4;
const baseWeight = (index: number): number => 0.2 * Math.sin(1.7 * index);
const lowerWeight = (index: number): number => 0.3 * Math.cos(0.9 * index);
const upperWeight = (index: number): number => 0.3 * Math.sin(2.3 * index + 1);

/** The base's weight with the adapter's product, as if it had been trained so. */
function mergedWeight(index: number): number {
	const [input, output] = [index % feedForward, Math.floor(index / feedForward)];
	let product = 0;
	for (let k = 0; k < adapterRank; k++)
		product += upperWeight(k + adapterRank * output) * lowerWeight(input + feedForward * k);
	return baseWeight(index) + (adapterAlpha / adapterRank) * product;
}

const models = {
	/** What the adapter of `adapterFile` is for, */
	'adapter-base': replaced(llama(), adapted, { at: baseWeight }),
	/** and what is the same as both together. */
	'adapter-merged': replaced(llama(), adapted, { at: mergedWeight }),
	/** A position has an embedding of its own, 256 of them. */
	gpt2,
	/** Encoder-only: its attention sees what comes later, and it has no output layer. */
	bert,
	/** A reranker. */
	ranking,
	/** A diffusion model: Qwen2's tensors, attention that is not causal. */
	dream: renamed(shaped('tiny-qwen2'), 'qwen2', 'dream'),
	/** Attention that is not causal, said by the file alone. */
	'not-causal': llama({}, { 'attention.causal': flag(false) }),
	mixture,
	/** All logits are NaN. */
	nan: replaced(llama(), 'output_norm.weight', { at: () => Number.NaN }),
	/** Routers that give NaN choose among experts. */
	'nan-router': replaced(mixture, 'blk.0.ffn_gate_inp.weight', { at: () => Number.NaN }),
	/** A norm that fails an assertion at the first pass, in a thread that computes. */
	'negative-epsilon': llama({}, { 'attention.layer_norm_rms_epsilon': real(-1) }),
	/** Heads that blocks of 32 numbers do not divide. */
	'narrow-heads': llama({ heads: 4, headsKv: 4, headWidth: 16 }),
	'large-vocabulary': {
		...llama({ layers: 1, types: { matrices: 'F32', embedding: 'Q8_0' } }),
		vocabulary: 'qwen2',
		vocabularyLimit: Number.POSITIVE_INFINITY,
	},
	'small-vocabulary': { ...llama(), vocabularyLimit: 600 },
	'no-vocabulary': {
		...llama({}, { vocab_size: count(100) }),
		vocabulary: '',
		tokenizer: { 'tokenizer.ggml.model': text('no_vocab') },
	},
} satisfies Record<string, Parts>;

export type OddModel = keyof typeof models;
export const oddModels = Object.keys(models) as OddModel[];

/** Path of a model unlike those that Reprise is made for, written on first use and kept under build/. */
export async function oddModel(name: OddModel): Promise<string> {
	const folder = testModelFolder();
	const path = join(folder, `odd-${name}.gguf`);
	if (existsSync(path)) return path;
	mkdirSync(folder, { recursive: true });
	const parts: Parts = models[name];
	const vocabulary = parts.vocabulary
		? await readVocabulary(vocabularyFile(parts.vocabulary), parts.vocabularyLimit ?? 2048)
		: { metadata: {}, size: 100 };
	await writeModel(
		path,
		{ 'general.name': text(name), ...parts.metadata, ...vocabulary.metadata, ...parts.tokenizer },
		parts.tensors(vocabulary.size),
	);
	return path;
}

/** A LoRA adapter of `adapter-base`, or of another architecture. */
export async function adapterFile(architecture = 'llama'): Promise<string> {
	const folder = testModelFolder();
	mkdirSync(folder, { recursive: true });
	const path = join(folder, `adapter-${architecture}.gguf`);
	if (existsSync(path)) return path;
	const tensor = (part: string, dimensions: number[], at: (index: number) => number): Tensor => ({
		name: `${adapted}.${part}`,
		dimensions,
		type: 'F32',
		values: { at },
	});
	await writeModel(
		path,
		{
			'general.type': text('adapter'),
			'general.architecture': text(architecture),
			'adapter.type': text('lora'),
			'adapter.lora.alpha': real(adapterAlpha),
		},
		[
			tensor('lora_a', [feedForward, adapterRank], lowerWeight),
			tensor('lora_b', [adapterRank, width], upperWeight),
		],
	);
	return path;
}
