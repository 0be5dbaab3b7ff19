import { count, integers, type Metadata } from './metadata.js';
import { matrix, norm, outputNormWeight, type Tensor } from './tensor.js';
import { type TransformerSizes, transformerMetadata } from './transformer.js';

/** An EAGLE-3 head: one layer that reads what enters three layers of its target. */
export interface Eagle3Sizes extends Omit<TransformerSizes, 'layers'> {
	/** The width of the target, whose embeddings and output matrix it uses. */
	targetWidth: number;
	targetLayers: [number, number, number];
}

export function eagle3Metadata(sizes: Eagle3Sizes): Metadata {
	return {
		...transformerMetadata('eagle3', { ...sizes, layers: 1 }),
		'eagle3.target_layers': integers(sizes.targetLayers),
		'eagle3.target_hidden_size': count(sizes.targetWidth),
	};
}

/** All tensors of a head, after llama.cpp's src/models/eagle3.cpp. */
export function eagle3Tensors(sizes: Eagle3Sizes): Tensor[] {
	const { width, targetWidth, targetLayers, feedForward } = sizes;
	const type = sizes.types.matrices;
	const queries = sizes.heads * sizes.headWidth;
	const keys = sizes.headsKv * sizes.headWidth;
	const name = (part: string) => `blk.0.${part}.weight`;
	return [
		matrix('fc.weight', targetLayers.length * targetWidth, width, type),
		norm('output_norm.weight', width, outputNormWeight(width)),
		norm(name('attn_norm'), width),
		norm(name('attn_norm_2'), width),
		matrix(name('attn_q'), 2 * width, queries, type),
		matrix(name('attn_k'), 2 * width, keys, type),
		matrix(name('attn_v'), 2 * width, keys, type),
		matrix(name('attn_output'), queries, width, type),
		norm(name('ffn_norm'), width),
		matrix(name('ffn_gate'), width, feedForward, type),
		matrix(name('ffn_up'), width, feedForward, type),
		matrix(name('ffn_down'), feedForward, width, type),
	];
}
