import { count, integers, type Metadata } from './metadata.js';
import { matrix, norm, outputNormWeight, type Tensor } from './tensor.js';
import { feedForwardTensors, type TransformerSizes, transformerMetadata } from './transformer.js';

/** A DFlash head: layers that read what enters some layers of its target, and say a block of tokens at once. */
export interface DflashSizes extends TransformerSizes {
	/** Of the target, which is as wide as the head, and whose embeddings and output matrix it uses. */
	targetLayers: number[];
	/** The rows of a block: the text's last token and masks. */
	blockSize: number;
	/** DSpark: by so many numbers a token of the block changes what follows it. */
	markovRank?: number;
}

export function dflashMetadata(sizes: DflashSizes, vocabularySize: number): Metadata {
	return {
		...transformerMetadata('dflash', sizes),
		'dflash.target_layers': integers(sizes.targetLayers),
		'dflash.block_size': count(sizes.blockSize),
		'tokenizer.ggml.mask_token_id': count(vocabularySize - 1),
	};
}

/** All tensors of a head, after llama.cpp's src/models/dflash.cpp. */
export function dflashTensors(sizes: DflashSizes, vocabularySize: number): Tensor[] {
	const { width, headWidth, targetLayers, markovRank } = sizes;
	const type = sizes.types.matrices;
	const queries = sizes.heads * headWidth;
	const keys = sizes.headsKv * headWidth;
	const layerTensors = (layer: number): Tensor[] => {
		const name = (part: string) => `blk.${layer}.${part}`;
		return [
			norm(name('attn_norm.weight'), width),
			matrix(name('attn_q.weight'), width, queries, type),
			matrix(name('attn_k.weight'), width, keys, type),
			matrix(name('attn_v.weight'), width, keys, type),
			matrix(name('attn_output.weight'), queries, width, type),
			norm(name('attn_q_norm.weight'), headWidth),
			norm(name('attn_k_norm.weight'), headWidth),
			norm(name('ffn_norm.weight'), width),
			...feedForwardTensors(sizes, name),
		];
	};
	const markov = markovRank
		? [
				matrix('markov_w1.weight', markovRank, vocabularySize, type),
				matrix('markov_w2.weight', markovRank, vocabularySize, type),
			]
		: [];
	return [
		matrix('fc.weight', targetLayers.length * width, width, type),
		norm('enc.output_norm.weight', width),
		norm('output_norm.weight', width, outputNormWeight(width)),
		...markov,
		...Array.from({ length: sizes.layers }, (_, layer) => layerTensors(layer)).flat(),
	];
}
