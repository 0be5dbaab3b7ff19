import { type DflashSizes, dflashMetadata, dflashTensors } from './dflash.js';
import { type Eagle3Sizes, eagle3Metadata, eagle3Tensors } from './eagle3.js';
import { type Glm4MoeSizes, glm4MoeMetadata, glm4MoeTensors } from './glm4-moe.js';
import { type Lfm2Sizes, lfm2Metadata, lfm2Tensors } from './lfm2.js';
import { type MambaSizes, mambaMetadata, mambaTensors } from './mamba.js';
import type { Metadata } from './metadata.js';
import { type Qwen35Sizes, qwen35Metadata, qwen35Tensors } from './qwen35.js';
import type { Tensor } from './tensor.js';
import {
	type Architecture,
	type TransformerSizes,
	transformerMetadata,
	transformerTensors,
} from './transformer.js';

/** A model's architecture and sizes, everything but weights and vocabulary. */
export interface Shape {
	architecture: string;
	/** One line for the command's help. */
	description: string;
	/** The vocabulary-only GGUF in llama.cpp's models/ that tests give this shape. */
	vocabulary: string;
	/** Tokens kept of the vocabulary (control tokens besides); all without it. */
	vocabularyLimit?: number;
	/** `general.file_type`, the commonest type of its tensors (llama.h, llama_ftype). */
	fileType: number;
	metadata(vocabularySize: number): Metadata;
	tensors(vocabularySize: number): Tensor[];
}

export const shapeNames = [
	'qwen2-0.5b',
	'qwen2-1.5b',
	'qwen2.5-7b',
	'llama-3-8b',
	'tiny-llama',
	'tiny-gpt2-vocabulary',
	'tiny-qwen2',
	'tiny-qwen2vl',
	'tiny-gemma3',
	'tiny-mamba',
	'tiny-lfm2',
	'tiny-wide',
	'tiny-moe',
	'tiny-eagle3',
	'tiny-dflash',
	'tiny-dspark',
	'tiny-glm4moe',
	'tiny-qwen35',
] as const;
export type ShapeName = (typeof shapeNames)[number];

const tinyVocabulary = 2048;

const tinyTransformer: TransformerSizes = {
	layers: 4,
	width: 128,
	heads: 4,
	headsKv: 2,
	headWidth: 32,
	feedForward: 256,
	contextLength: 4096,
	ropeBase: 10_000,
	types: { matrices: 'F32', embedding: 'F32' },
};

/**
 * Qwen2 0.5B as llama.cpp's quantizer makes a Q4_0 file of it: Q4_0 matrices, and Q8_0 embeddings because
 * rows of 896 do not divide into the blocks of 256 that Q6_K needs.
 */
const qwen2HalfBillion: TransformerSizes = {
	layers: 24,
	width: 896,
	heads: 14,
	headsKv: 2,
	headWidth: 64,
	feedForward: 4864,
	contextLength: 32_768,
	ropeBase: 1_000_000,
	types: { matrices: 'Q4_0', embedding: 'Q8_0' },
};

/** Qwen2 1.5B as llama.cpp's quantizer makes a Q4_0 file of it. */
const qwen2OneAndAHalfBillion: TransformerSizes = {
	layers: 28,
	width: 1536,
	heads: 12,
	headsKv: 2,
	headWidth: 128,
	feedForward: 8960,
	contextLength: 32_768,
	ropeBase: 1_000_000,
	types: { matrices: 'Q4_0', embedding: 'Q6_K' },
};

/** Qwen2.5 7B as llama.cpp's quantizer makes a Q4_0 file of it. */
const qwen25SevenBillion: TransformerSizes = {
	layers: 28,
	width: 3584,
	heads: 28,
	headsKv: 4,
	headWidth: 128,
	feedForward: 18_944,
	contextLength: 32_768,
	ropeBase: 1_000_000,
	types: { matrices: 'Q4_0', embedding: 'Q4_0', output: 'Q6_K' },
};

/** Llama 3 8B as llama.cpp's quantizer makes a Q4_0 file of it. */
const llama3EightBillion: TransformerSizes = {
	layers: 32,
	width: 4096,
	heads: 32,
	headsKv: 8,
	headWidth: 128,
	feedForward: 14_336,
	contextLength: 8192,
	ropeBase: 500_000,
	types: { matrices: 'Q4_0', embedding: 'Q4_0', output: 'Q6_K' },
};

/** Rows that fill the blocks of every type of weights. */
const tinyWide: TransformerSizes = {
	...tinyTransformer,
	width: 256,
	headWidth: 64,
	feedForward: 512,
	types: { matrices: 'Q4_K', embedding: 'Q6_K' },
};

const tinyMamba: MambaSizes = {
	layers: 4,
	width: 128,
	state: 16,
	stepRank: 8,
	convolution: 4,
	contextLength: 4096,
};

const tinyLfm2: Lfm2Sizes = {
	layers: 4,
	width: 128,
	heads: 4,
	headsKv: 2,
	feedForward: 256,
	convolution: 3,
	contextLength: 4096,
};

const tinyEagle3: Eagle3Sizes = {
	...tinyTransformer,
	targetWidth: tinyTransformer.width,
	targetLayers: [1, 2, 3],
};

const tinyDflash: DflashSizes = { ...tinyTransformer, layers: 2, targetLayers: [1, 3], blockSize: 6 };

/** The rows of published ones, which speak of the next token from the first on. */
const tinyDspark: DflashSizes = {
	...tinyDflash,
	layers: 1,
	targetLayers: [0, 2, 3],
	markovRank: 16,
	blockSize: 7,
};

const tinyGlm4Moe: Glm4MoeSizes = { ...tinyTransformer, experts: { count: 4, used: 2 } };

const tinyQwen35: Qwen35Sizes = {
	...tinyTransformer,
	axes: [6, 5, 5, 0],
	nets: { heads: 4, headsKv: 2, headWidth: 32, convolution: 4 },
};

function transformer(
	architecture: Architecture,
	sizes: TransformerSizes,
	rest: Pick<Shape, 'description' | 'vocabulary' | 'vocabularyLimit' | 'fileType'>,
): Shape {
	return {
		architecture,
		...rest,
		metadata: () => transformerMetadata(architecture, sizes),
		tensors: (vocabularySize) => transformerTensors(architecture, sizes, vocabularySize),
	};
}

export const shapes: Record<ShapeName, Shape> = {
	'qwen2-0.5b': transformer('qwen2', qwen2HalfBillion, {
		description: 'Qwen2 0.5B, Q4_0: for speed',
		vocabulary: 'ggml-vocab-qwen2.gguf',
		fileType: 2,
	}),
	'qwen2-1.5b': transformer('qwen2', qwen2OneAndAHalfBillion, {
		description: 'Qwen2 1.5B, Q4_0: for speed',
		vocabulary: 'ggml-vocab-qwen2.gguf',
		fileType: 2,
	}),
	'qwen2.5-7b': transformer('qwen2', qwen25SevenBillion, {
		description: 'Qwen2.5 7B, Q4_0: for speed on GPUs',
		vocabulary: 'ggml-vocab-qwen2.gguf',
		fileType: 2,
	}),
	'llama-3-8b': transformer('llama', llama3EightBillion, {
		description: 'Llama 3 8B, Q4_0: for speed on GPUs',
		vocabulary: 'ggml-vocab-llama-bpe.gguf',
		fileType: 2,
	}),
	'tiny-llama': transformer('llama', tinyTransformer, {
		description: 'Llama, F32: full attention',
		vocabulary: 'ggml-vocab-llama-spm.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
	}),
	'tiny-gpt2-vocabulary': transformer('llama', tinyTransformer, {
		description: 'Llama, F32, with the vocabulary of tiny-lfm2: drafts for it',
		vocabulary: 'ggml-vocab-gpt-2.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
	}),
	'tiny-qwen2': transformer(
		'qwen2',
		{ ...tinyTransformer, types: { matrices: 'F16', embedding: 'F16' } },
		{
			description: 'Qwen2, F16: full attention with biases, byte-level BPE',
			vocabulary: 'ggml-vocab-qwen2.gguf',
			vocabularyLimit: tinyVocabulary,
			fileType: 1,
		},
	),
	'tiny-qwen2vl': transformer(
		'qwen2vl',
		{ ...tinyTransformer, axes: [4, 6, 6, 0] },
		{
			description: 'Qwen2-VL, F32: positions of three parts (M-RoPE), for images',
			vocabulary: 'ggml-vocab-qwen2.gguf',
			vocabularyLimit: tinyVocabulary,
			fileType: 0,
		},
	),
	'tiny-gemma3': transformer(
		'gemma3',
		{ ...tinyTransformer, slidingWindow: 64 },
		{
			description: 'Gemma 3, F32: a sliding window of 64 tokens in every second layer',
			vocabulary: 'ggml-vocab-llama-spm.gguf',
			vocabularyLimit: tinyVocabulary,
			fileType: 0,
		},
	),
	'tiny-mamba': {
		architecture: 'mamba',
		description: 'Mamba, F32: recurrent',
		vocabulary: 'ggml-vocab-gpt-neox.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: () => mambaMetadata(tinyMamba),
		tensors: (vocabularySize) => mambaTensors(tinyMamba, vocabularySize),
	},
	'tiny-lfm2': {
		architecture: 'lfm2',
		description: 'LFM2, F32: hybrid of short convolutions and attention',
		vocabulary: 'ggml-vocab-gpt-2.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: (vocabularySize) => lfm2Metadata(tinyLfm2, vocabularySize),
		tensors: (vocabularySize) => lfm2Tensors(tinyLfm2, vocabularySize),
	},
	'tiny-wide': transformer('llama', tinyWide, {
		description: 'Llama, Q4_K: wide enough for every --type',
		vocabulary: 'ggml-vocab-llama-spm.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 14,
	}),
	'tiny-moe': transformer(
		'qwen3moe',
		{ ...tinyWide, feedForward: 256, experts: { count: 8, used: 2 } },
		{
			description: 'Qwen3 MoE, Q4_K: two of eight experts a token',
			vocabulary: 'ggml-vocab-qwen2.gguf',
			vocabularyLimit: tinyVocabulary,
			fileType: 14,
		},
	),
	'tiny-eagle3': {
		architecture: 'eagle3',
		description: 'EAGLE-3, F32: a draft head for tiny-llama',
		vocabulary: 'ggml-vocab-llama-spm.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: () => eagle3Metadata(tinyEagle3),
		tensors: () => eagle3Tensors(tinyEagle3),
	},
	'tiny-dflash': {
		architecture: 'dflash',
		description: 'DFlash, F32: a draft head for tiny-llama that says blocks of five tokens',
		vocabulary: 'ggml-vocab-llama-spm.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: (vocabularySize) => dflashMetadata(tinyDflash, vocabularySize),
		tensors: (vocabularySize) => dflashTensors(tinyDflash, vocabularySize),
	},
	'tiny-dspark': {
		architecture: 'dflash',
		description: 'DSpark, F32: a draft head for tiny-llama that says blocks of seven tokens',
		vocabulary: 'ggml-vocab-llama-spm.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: (vocabularySize) => dflashMetadata(tinyDspark, vocabularySize),
		tensors: (vocabularySize) => dflashTensors(tinyDspark, vocabularySize),
	},
	'tiny-glm4moe': {
		architecture: 'glm4moe',
		description: 'GLM-4.5, F32: two of four experts a token, and a layer for multi-token prediction',
		vocabulary: 'ggml-vocab-qwen2.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: () => glm4MoeMetadata(tinyGlm4Moe),
		tensors: (vocabularySize) => glm4MoeTensors(tinyGlm4Moe, vocabularySize),
	},
	'tiny-qwen35': {
		architecture: 'qwen35',
		description: 'Qwen3.5, F32: hybrid of delta nets and attention, and a layer for multi-token prediction',
		vocabulary: 'ggml-vocab-qwen2.gguf',
		vocabularyLimit: tinyVocabulary,
		fileType: 0,
		metadata: () => qwen35Metadata(tinyQwen35),
		tensors: (vocabularySize) => qwen35Tensors(tinyQwen35, vocabularySize),
	},
};
