import { count, type Metadata } from './metadata.js';
import { embedding, matrix, norm, outputNormWeight, type Tensor, vector } from './tensor.js';
import { type TransformerSizes, transformerMetadata } from './transformer.js';

/**
 * A Qwen3.5: gated delta nets, which keep a state, with attention in every second layer, and a last layer that
 * predicts (MTP).
 */
export interface Qwen35Sizes extends TransformerSizes {
	axes: [number, number, number, number];
	/** Of the delta nets: their heads, those of keys, and the width of each. */
	nets: { heads: number; headsKv: number; headWidth: number; convolution: number };
}

const interval = 2;

export function qwen35Metadata(sizes: Qwen35Sizes): Metadata {
	const { nets } = sizes;
	return {
		...transformerMetadata('qwen35', { ...sizes, layers: sizes.layers + 1 }),
		'qwen35.nextn_predict_layers': count(1),
		'qwen35.full_attention_interval': count(interval),
		'qwen35.ssm.conv_kernel': count(nets.convolution),
		'qwen35.ssm.state_size': count(nets.headWidth),
		'qwen35.ssm.group_count': count(nets.headsKv),
		'qwen35.ssm.time_step_rank': count(nets.heads),
		'qwen35.ssm.inner_size': count(nets.heads * nets.headWidth),
	};
}

/** All tensors, after llama.cpp's src/models/qwen35.cpp. */
export function qwen35Tensors(sizes: Qwen35Sizes, vocabularySize: number): Tensor[] {
	const { width, headWidth, feedForward, nets } = sizes;
	const type = sizes.types.matrices;
	const queries = sizes.heads * headWidth;
	const keys = sizes.headsKv * headWidth;
	const attention = (name: (part: string) => string) => [
		// Each query has a gate beside it.
		matrix(name('attn_q.weight'), width, 2 * queries, type),
		matrix(name('attn_k.weight'), width, keys, type),
		matrix(name('attn_v.weight'), width, keys, type),
		matrix(name('attn_output.weight'), queries, width, type),
		norm(name('attn_q_norm.weight'), headWidth, 1.5),
		norm(name('attn_k_norm.weight'), headWidth, 1.5),
	];
	const values = nets.heads * nets.headWidth;
	const mixed = 2 * nets.headsKv * nets.headWidth + values;
	const deltaNet = (name: (part: string) => string): Tensor[] => [
		matrix(name('attn_qkv.weight'), width, mixed, type),
		matrix(name('attn_gate.weight'), width, values, type),
		{
			name: name('ssm_conv1d.weight'),
			dimensions: [nets.convolution, mixed],
			type: 'F32',
			values: { deviation: 1 / Math.sqrt(nets.convolution) },
		},
		vector(name('ssm_dt.bias'), nets.heads, 0.5),
		vector(name('ssm_a'), nets.heads, 0.1, -0.5),
		matrix(name('ssm_beta.weight'), width, nets.heads, type),
		matrix(name('ssm_alpha.weight'), width, nets.heads, type),
		norm(name('ssm_norm.weight'), nets.headWidth),
		matrix(name('ssm_out.weight'), values, width, type),
	];
	const layer = (index: number, attends: boolean): Tensor[] => {
		const name = (part: string) => `blk.${index}.${part}`;
		return [
			norm(name('attn_norm.weight'), width),
			norm(name('post_attention_norm.weight'), width),
			...(attends ? attention(name) : deltaNet(name)),
			matrix(name('ffn_gate.weight'), width, feedForward, type),
			matrix(name('ffn_up.weight'), width, feedForward, type),
			matrix(name('ffn_down.weight'), feedForward, width, type),
		];
	};
	const predicting = (part: string) => `blk.${sizes.layers}.nextn.${part}.weight`;
	return [
		embedding(width, vocabularySize, sizes.types.embedding),
		norm('output_norm.weight', width, outputNormWeight(width)),
		...Array.from({ length: sizes.layers }, (_, index) => layer(index, (index + 1) % interval === 0)).flat(),
		...layer(sizes.layers, true),
		matrix(predicting('eh_proj'), 2 * width, width, type),
		norm(predicting('enorm'), width),
		norm(predicting('hnorm'), width),
	];
}
