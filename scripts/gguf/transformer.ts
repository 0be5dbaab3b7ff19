import { count, counts, type Metadata, real } from './metadata.js';
import { embedding, matrix, norm, outputHead, outputNormWeight, type Tensor, vector } from './tensor.js';
import type { TensorType } from './tensor-data.js';

/** Sizes of a transformer whose attention heads share `heads * headWidth` features. */
export interface TransformerSizes {
	layers: number;
	width: number;
	heads: number;
	headsKv: number;
	headWidth: number;
	feedForward: number;
	contextLength: number;
	ropeBase: number;
	/** Tokens the windowed layers look back; every second layer is windowed. */
	slidingWindow?: number;
	/** M-RoPE: how many pairs of a head's features turn with the time, y and x of a position. */
	axes?: [number, number, number, number];
	/** For mixtures of experts: how many there are and how many a token uses, each `feedForward` wide. */
	experts?: { count: number; used: number };
	/** Without `output` the embeddings are the output head, too. */
	types: { matrices: TensorType; embedding: TensorType; output?: TensorType };
}

export type Architecture = 'llama' | 'qwen2' | 'qwen2vl' | 'qwen3moe' | 'gemma3';

/** What the header says of these sizes, for any architecture that has them. */
export function transformerMetadata(architecture: string, sizes: TransformerSizes): Metadata {
	const entries: Metadata = {
		block_count: count(sizes.layers),
		context_length: count(sizes.contextLength),
		embedding_length: count(sizes.width),
		feed_forward_length: count(sizes.feedForward),
		'attention.head_count': count(sizes.heads),
		'attention.head_count_kv': count(sizes.headsKv),
		'attention.key_length': count(sizes.headWidth),
		'attention.value_length': count(sizes.headWidth),
		'attention.layer_norm_rms_epsilon': real(1e-6),
		'rope.dimension_count': count(sizes.headWidth),
		'rope.freq_base': real(sizes.ropeBase),
	};
	if (sizes.slidingWindow !== undefined) {
		entries['attention.sliding_window'] = count(sizes.slidingWindow);
		entries['attention.sliding_window_pattern'] = count(2);
	}
	if (sizes.axes) entries['rope.dimension_sections'] = counts(sizes.axes);
	if (sizes.experts) {
		entries.expert_count = count(sizes.experts.count);
		entries.expert_used_count = count(sizes.experts.used);
		entries.expert_feed_forward_length = count(sizes.feedForward);
	}
	return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [`${architecture}.${key}`, entry]));
}

/** Queries and keys that large make attention choose tokens: were it flat, the text before would not matter. */
const sharpness = 1.5;

function layerTensors(architecture: Architecture, sizes: TransformerSizes, layer: number): Tensor[] {
	const { width, headWidth } = sizes;
	const type = sizes.types.matrices;
	const queries = sizes.heads * headWidth;
	const keys = sizes.headsKv * headWidth;
	const name = (part: string) => `blk.${layer}.${part}`;
	const headNorms = architecture === 'gemma3' || architecture === 'qwen3moe';
	const gain = headNorms ? 1 : sharpness;
	const tensors = [
		norm(name('attn_norm.weight'), width),
		matrix(name('attn_q.weight'), width, queries, type, gain),
		matrix(name('attn_k.weight'), width, keys, type, gain),
		matrix(name('attn_v.weight'), width, keys, type),
		matrix(name('attn_output.weight'), queries, width, type),
		norm(name('ffn_norm.weight'), width),
		...feedForwardTensors(sizes, name),
	];
	if (architecture === 'qwen2' || architecture === 'qwen2vl') {
		tensors.push(vector(name('attn_q.bias'), queries, 0.5));
		tensors.push(vector(name('attn_k.bias'), keys, 0.5));
		tensors.push(vector(name('attn_v.bias'), keys, 0.1));
	}
	if (headNorms) {
		tensors.push(norm(name('attn_q_norm.weight'), headWidth, sharpness));
		tensors.push(norm(name('attn_k_norm.weight'), headWidth, sharpness));
	}
	if (architecture === 'gemma3') {
		// Gemma scales embeddings by the root of the width: what the layers add must outgrow that.
		tensors.push(norm(name('post_attention_norm.weight'), width, Math.sqrt(width)));
		tensors.push(norm(name('post_ffw_norm.weight'), width, Math.sqrt(width)));
	}
	return tensors;
}

/** The feed-forward part of a layer, of experts where there are any. */
export function feedForwardTensors(sizes: TransformerSizes, name: (part: string) => string): Tensor[] {
	const { width, feedForward, experts } = sizes;
	const type = sizes.types.matrices;
	if (!experts)
		return [
			matrix(name('ffn_gate.weight'), width, feedForward, type),
			matrix(name('ffn_up.weight'), width, feedForward, type),
			matrix(name('ffn_down.weight'), feedForward, width, type),
		];
	const ofExperts = (part: string, inputs: number, outputs: number): Tensor => {
		const one = matrix(name(part), inputs, outputs, type);
		return { ...one, dimensions: [...one.dimensions, experts.count] };
	};
	return [
		// Outputs that differ much between experts: else the last bits would choose them.
		matrix(name('ffn_gate_inp.weight'), width, experts.count, 'F32', 3),
		ofExperts('ffn_gate_exps.weight', width, feedForward),
		ofExperts('ffn_up_exps.weight', width, feedForward),
		ofExperts('ffn_down_exps.weight', feedForward, width),
	];
}

/** All tensors of a transformer, after llama.cpp's src/models/{llama,qwen2,qwen3moe,gemma3}.cpp. */
export function transformerTensors(
	architecture: Architecture,
	sizes: TransformerSizes,
	vocabularySize: number,
): Tensor[] {
	return [
		embedding(sizes.width, vocabularySize, sizes.types.embedding),
		...(sizes.types.output ? [outputHead(sizes.width, vocabularySize, sizes.types.output)] : []),
		norm('output_norm.weight', sizes.width, outputNormWeight(sizes.width)),
		...Array.from({ length: sizes.layers }, (_, layer) => layerTensors(architecture, sizes, layer)).flat(),
	];
}
