import { count, flag, type Metadata, real, reals, text } from './metadata.js';
import { matrix, norm, type Tensor, vector } from './tensor.js';

/**
 * The kinds of projectors that tests need: `mlp` (LLaVA: rows at ordinary positions, each sees those before it),
 * `gemma3` (rows of one image see each other) and `qwen2vl` (images of any size, positions of three parts).
 */
export const projectorKinds = ['mlp', 'gemma3', 'qwen2vl'] as const;
export type ProjectorKind = (typeof projectorKinds)[number];

/** A vision transformer of 64 features over patches of 8 x 8 pixels, for text models 128 wide. */
const sizes = { layers: 2, width: 64, heads: 2, feedForward: 128, image: 32, patch: 8, projection: 128 };

export function projectorMetadata(kind: ProjectorKind): Metadata {
	return {
		'general.architecture': text('clip'),
		'general.file_type': count(0),
		'clip.has_vision_encoder': flag(true),
		'clip.projector_type': text(kind === 'qwen2vl' ? 'qwen2vl_merger' : kind),
		'clip.use_gelu': flag(true),
		'clip.vision.embedding_length': count(sizes.width),
		'clip.vision.attention.head_count': count(sizes.heads),
		'clip.vision.attention.layer_norm_epsilon': real(1e-6),
		'clip.vision.feed_forward_length': count(sizes.feedForward),
		// LLaVA takes the features of the last layer but one.
		'clip.vision.block_count': count(kind === 'mlp' ? sizes.layers + 1 : sizes.layers),
		'clip.vision.projection_dim': count(sizes.projection),
		'clip.vision.image_size': count(sizes.image),
		'clip.vision.patch_size': count(sizes.patch),
		'clip.vision.projector.scale_factor': count(2),
		'clip.vision.image_mean': reals([0.5, 0.5, 0.5]),
		'clip.vision.image_std': reals([0.5, 0.5, 0.5]),
	};
}

function layerTensors(layer: number): Tensor[] {
	const { width, feedForward } = sizes;
	const name = (part: string) => `v.blk.${layer}.${part}`;
	const normed = (part: string) => [
		norm(name(`${part}.weight`), width),
		vector(name(`${part}.bias`), width, 0),
	];
	const product = (part: string, inputs: number, outputs: number, gain = 1) => [
		matrix(name(`${part}.weight`), inputs, outputs, 'F32', gain),
		vector(name(`${part}.bias`), outputs, 0.1),
	];
	return [
		...normed('ln1'),
		...product('attn_q', width, width, 1.5),
		...product('attn_k', width, width, 1.5),
		...product('attn_v', width, width),
		...product('attn_out', width, width),
		...normed('ln2'),
		...product('ffn_up', width, feedForward),
		...product('ffn_down', feedForward, width),
	];
}

const patches = (name: string): Tensor => ({
	name,
	dimensions: [sizes.patch, sizes.patch, 3, sizes.width],
	type: 'F32',
	values: { deviation: 1 / sizes.patch },
});

/** What turns features into rows as wide as the text model. */
function projection(kind: ProjectorKind): Tensor[] {
	const { width, projection } = sizes;
	if (kind === 'gemma3')
		return [
			norm('mm.soft_emb_norm.weight', width),
			{ ...matrix('mm.input_projection.weight', width, projection, 'F32'), dimensions: [projection, width] },
		];
	const inputs = kind === 'qwen2vl' ? 4 * width : width;
	return [
		matrix('mm.0.weight', inputs, projection, 'F32'),
		vector('mm.0.bias', projection, 0.1),
		matrix('mm.2.weight', projection, projection, 'F32'),
		vector('mm.2.bias', projection, 0.1),
	];
}

/** All tensors of a projector, after llama.cpp's tools/mtmd/models/{llava,siglip,qwen2vl}.cpp. */
export function projectorTensors(kind: ProjectorKind): Tensor[] {
	const { layers, width, image, patch } = sizes;
	const places: Tensor = {
		name: 'v.position_embd.weight',
		dimensions: [width, (image / patch) ** 2],
		type: 'F32',
		values: { deviation: 0.3 },
	};
	const blocks = Array.from({ length: kind === 'mlp' ? layers + 1 : layers }, (_, layer) =>
		layerTensors(layer),
	);
	return [
		patches('v.patch_embd.weight'),
		...(kind === 'qwen2vl' ? [patches('v.patch_embd.weight.1')] : [places]),
		...(kind === 'gemma3' ? [vector('v.patch_embd.bias', width, 0.1)] : []),
		...blocks.flat(),
		norm('v.post_ln.weight', width),
		vector('v.post_ln.bias', width, 0),
		...projection(kind),
	];
}
