import { count, counts, type Metadata, real } from './metadata.js';
import { embedding, matrix, norm, outputNormWeight, type Tensor } from './tensor.js';

/** Sizes of an LFM2 model: short convolutions, with attention in every second layer. */
export interface Lfm2Sizes {
	layers: number;
	width: number;
	heads: number;
	headsKv: number;
	feedForward: number;
	/** Tokens a convolution sees. */
	convolution: number;
	contextLength: number;
}

const hasAttention = (layer: number) => layer % 2 === 1;

export function lfm2Metadata(sizes: Lfm2Sizes, vocabularySize: number): Metadata {
	return {
		'lfm2.block_count': count(sizes.layers),
		'lfm2.context_length': count(sizes.contextLength),
		'lfm2.embedding_length': count(sizes.width),
		'lfm2.feed_forward_length': count(sizes.feedForward),
		'lfm2.vocab_size': count(vocabularySize),
		'lfm2.attention.head_count': count(sizes.heads),
		// No key-value heads marks a layer as a convolution.
		'lfm2.attention.head_count_kv': counts(
			Array.from({ length: sizes.layers }, (_, layer) => (hasAttention(layer) ? sizes.headsKv : 0)),
		),
		'lfm2.attention.layer_norm_rms_epsilon': real(1e-5),
		'lfm2.rope.freq_base': real(1_000_000),
		'lfm2.shortconv.l_cache': count(sizes.convolution),
	};
}

/** All tensors of an LFM2 model with a tied output head, after llama.cpp's src/models/lfm2.cpp. */
export function lfm2Tensors(sizes: Lfm2Sizes, vocabularySize: number): Tensor[] {
	const { width, heads, headsKv, feedForward, convolution } = sizes;
	const headWidth = width / heads;
	const layer = (index: number): Tensor[] => {
		const name = (part: string) => `blk.${index}.${part}`;
		const attention = [
			matrix(name('attn_q.weight'), width, width, 'F32'),
			matrix(name('attn_k.weight'), width, headsKv * headWidth, 'F32'),
			matrix(name('attn_v.weight'), width, headsKv * headWidth, 'F32'),
			matrix(name('attn_output.weight'), width, width, 'F32'),
			norm(name('attn_q_norm.weight'), headWidth, 2),
			norm(name('attn_k_norm.weight'), headWidth, 2),
		];
		const shortConvolution: Tensor[] = [
			matrix(name('shortconv.in_proj.weight'), width, 3 * width, 'F32'),
			{
				name: name('shortconv.conv.weight'),
				dimensions: [convolution, width],
				type: 'F32',
				values: { deviation: 1 / Math.sqrt(convolution) },
			},
			matrix(name('shortconv.out_proj.weight'), width, width, 'F32'),
		];
		return [
			norm(name('attn_norm.weight'), width),
			...(hasAttention(index) ? attention : shortConvolution),
			norm(name('ffn_norm.weight'), width),
			matrix(name('ffn_gate.weight'), width, feedForward, 'F32'),
			matrix(name('ffn_up.weight'), width, feedForward, 'F32'),
			matrix(name('ffn_down.weight'), feedForward, width, 'F32'),
		];
	};
	return [
		embedding(width, vocabularySize, 'F32'),
		norm('token_embd_norm.weight', width, outputNormWeight(width)),
		...Array.from({ length: sizes.layers }, (_, index) => layer(index)).flat(),
	];
}
