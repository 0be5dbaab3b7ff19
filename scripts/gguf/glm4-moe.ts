import { count, type Metadata } from './metadata.js';
import { embedding, matrix, norm, outputNormWeight, type Tensor } from './tensor.js';
import { feedForwardTensors, type TransformerSizes, transformerMetadata } from './transformer.js';

/** A GLM-4.5: the first layer is dense, the others are mixtures of experts, and the last one predicts (MTP). */
export type Glm4MoeSizes = TransformerSizes & Required<Pick<TransformerSizes, 'experts'>>;

export function glm4MoeMetadata(sizes: Glm4MoeSizes): Metadata {
	return {
		...transformerMetadata('glm4moe', { ...sizes, layers: sizes.layers + 1 }),
		'glm4moe.nextn_predict_layers': count(1),
		'glm4moe.leading_dense_block_count': count(1),
		'glm4moe.expert_shared_count': count(1),
	};
}

/** All tensors, after llama.cpp's src/models/glm4-moe.cpp. */
export function glm4MoeTensors(sizes: Glm4MoeSizes, vocabularySize: number): Tensor[] {
	const { width, feedForward } = sizes;
	const type = sizes.types.matrices;
	const queries = sizes.heads * sizes.headWidth;
	const keys = sizes.headsKv * sizes.headWidth;
	const layer = (index: number): Tensor[] => {
		const name = (part: string) => `blk.${index}.${part}`;
		const dense = { ...sizes };
		delete (dense as TransformerSizes).experts;
		const shared = [
			matrix(name('ffn_gate_shexp.weight'), width, feedForward, type),
			matrix(name('ffn_up_shexp.weight'), width, feedForward, type),
			matrix(name('ffn_down_shexp.weight'), feedForward, width, type),
		];
		return [
			norm(name('attn_norm.weight'), width),
			matrix(name('attn_q.weight'), width, queries, type, 1.5),
			matrix(name('attn_k.weight'), width, keys, type, 1.5),
			matrix(name('attn_v.weight'), width, keys, type),
			matrix(name('attn_output.weight'), queries, width, type),
			norm(name('post_attention_norm.weight'), width),
			...(index === 0
				? feedForwardTensors(dense, name)
				: [
						...feedForwardTensors(sizes, name),
						{
							name: name('exp_probs_b.bias'),
							dimensions: [sizes.experts.count],
							type: 'F32' as const,
							values: { deviation: 0.1 },
						},
						...shared,
					]),
		];
	};
	const predicting = (part: string) => `blk.${sizes.layers}.nextn.${part}.weight`;
	return [
		embedding(width, vocabularySize, sizes.types.embedding),
		norm('output_norm.weight', width, outputNormWeight(width)),
		...Array.from({ length: sizes.layers + 1 }, (_, index) => layer(index)).flat(),
		matrix(predicting('eh_proj'), 2 * width, width, type),
		norm(predicting('enorm'), width),
		norm(predicting('hnorm'), width),
	];
}
