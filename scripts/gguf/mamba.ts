import { count, type Metadata, real } from './metadata.js';
import { embedding, matrix, norm, outputNormWeight, type Tensor, vector } from './tensor.js';

/** Sizes of a Mamba model; its inner width is always twice the outer one. */
export interface MambaSizes {
	layers: number;
	width: number;
	/** Numbers of state a channel keeps. */
	state: number;
	/** Rank of the step size's projection. */
	stepRank: number;
	/** Tokens the convolution sees. */
	convolution: number;
	contextLength: number;
}

export function mambaMetadata(sizes: MambaSizes): Metadata {
	return {
		'mamba.block_count': count(sizes.layers),
		'mamba.context_length': count(sizes.contextLength),
		'mamba.embedding_length': count(sizes.width),
		'mamba.feed_forward_length': count(0),
		'mamba.attention.head_count': count(0),
		'mamba.attention.layer_norm_rms_epsilon': real(1e-5),
		'mamba.ssm.conv_kernel': count(sizes.convolution),
		'mamba.ssm.inner_size': count(2 * sizes.width),
		'mamba.ssm.state_size': count(sizes.state),
		'mamba.ssm.time_step_rank': count(sizes.stepRank),
	};
}

/** All tensors of a Mamba model with a tied output head, after llama.cpp's src/models/mamba.cpp. */
export function mambaTensors(sizes: MambaSizes, vocabularySize: number): Tensor[] {
	const { width, state, stepRank, convolution } = sizes;
	const inner = 2 * width;
	const layer = (index: number): Tensor[] => {
		const name = (part: string) => `blk.${index}.${part}`;
		return [
			norm(name('attn_norm.weight'), width),
			matrix(name('ssm_in.weight'), width, 2 * inner, 'F32', 2),
			{
				name: name('ssm_conv1d.weight'),
				dimensions: [convolution, inner],
				type: 'F32',
				values: { deviation: 1 / Math.sqrt(convolution) },
			},
			vector(name('ssm_conv1d.bias'), inner, 0.1),
			matrix(name('ssm_x.weight'), inner, stepRank + 2 * state, 'F32'),
			matrix(name('ssm_dt.weight'), stepRank, inner, 'F32'),
			// softplus(-3) is a step of 0.05: the state remembers some twenty tokens.
			vector(name('ssm_dt.bias'), inner, 0.5, -3),
			// -1, -2, … -state per channel, Mamba's own start (S4D-real): negative, so that the state decays.
			{
				name: name('ssm_a'),
				dimensions: [state, inner],
				type: 'F32',
				values: { at: (i) => -1 - (i % state) },
			},
			norm(name('ssm_d'), inner),
			matrix(name('ssm_out.weight'), inner, width, 'F32', 2),
		];
	};
	return [
		embedding(width, vocabularySize, 'F32'),
		norm('output_norm.weight', width, outputNormWeight(width)),
		...Array.from({ length: sizes.layers }, (_, index) => layer(index)).flat(),
	];
}
