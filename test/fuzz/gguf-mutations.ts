import { Choices } from '../support/choices.js';
import {
	array,
	type Entry,
	elements,
	float32,
	type GgufParts,
	parseGguf,
	string,
	uint32,
	uint64,
	valueTypes,
	writeGguf,
} from './gguf-parts.js';

const wholes = [
	0,
	1,
	2,
	3,
	5,
	7,
	8,
	9,
	16,
	31,
	33,
	64,
	100,
	255,
	256,
	511,
	513,
	1000,
	1025,
	4096,
	65_535,
	65_536,
	1_000_000,
	2 ** 24,
	2 ** 31 - 1,
	2 ** 31,
	2 ** 32 - 2,
	2 ** 32 - 1,
];
const reals = [0, -0, 1, -1, 1e-5, -1e-5, 1e30, -1e30, 1e-40, Number.NaN, Number.POSITIVE_INFINITY];
const architectures = [
	'llama',
	'qwen2',
	'qwen3',
	'qwen35',
	'gemma',
	'gemma3',
	'gemma3n',
	'gpt2',
	'gptneox',
	'bert',
	'nomic-bert',
	't5',
	't5encoder',
	'mamba',
	'mamba2',
	'rwkv6',
	'rwkv7',
	'lfm2',
	'falcon',
	'falcon-h1',
	'mpt',
	'phi3',
	'deepseek2',
	'dream',
	'llada',
	'jamba',
	'granitehybrid',
	'clip',
	'wavtokenizer-dec',
	'nemotron_h',
	'olmo2',
	'command-r',
	'dbrx',
	'grok',
	'bitnet',
	'minicpm3',
	'chatglm',
	'starcoder',
	'bloom',
	'plamo2',
	'eagle3',
	'dflash',
	'no-such-architecture',
];
const tokenizers = ['llama', 'gpt2', 'bert', 't5', 'rwkv', 'plamo2', 'no_vocab', 'none', 'nothing'];
/** Keys that few files have, and that change how the others are read. */
const addedKeys = [
	'expert_count',
	'expert_used_count',
	'expert_group_count',
	'expert_group_used_count',
	'expert_shared_count',
	'expert_gating_func',
	'nextn_predict_layers',
	'leading_dense_block_count',
	'vocab_size',
	'pooling_type',
	'rope.dimension_count',
	'rope.scaling.factor',
	'rope.scaling.original_context_length',
	'rope.freq_base',
	'attention.sliding_window',
	'attention.sliding_window_pattern',
	'attention.key_length',
	'attention.value_length',
	'attention.head_count',
	'attention.head_count_kv',
	'attention.layer_norm_rms_epsilon',
	'attention.causal',
	'attention.layer_norm_epsilon',
	'attention.clamp_kqv',
	'attention.max_alibi_bias',
	'attention.shared_kv_layers',
	'attention.kv_lora_rank',
	'attention.scale',
	'ssm.conv_kernel',
	'ssm.inner_size',
	'ssm.state_size',
	'ssm.group_count',
	'embedding_length_out',
	'embedding_scale',
	'residual_scale',
	'logit_scale',
	'final_logit_softcapping',
	'attn_logit_softcapping',
	'block_count',
	'context_length',
	'embedding_length',
	'feed_forward_length',
];
const addedTokenizerKeys = [
	'tokenizer.ggml.bos_token_id',
	'tokenizer.ggml.eos_token_id',
	'tokenizer.ggml.eot_token_id',
	'tokenizer.ggml.unknown_token_id',
	'tokenizer.ggml.padding_token_id',
	'tokenizer.ggml.add_bos_token',
	'tokenizer.ggml.token_type_count',
	'general.alignment',
	'split.count',
	'split.no',
	'general.quantization_version',
];

/** A mutation changes the parts in place, or leaves them as they are where it finds nothing to change. */
type Mutation = (parts: GgufParts, choices: Choices) => void;

function bytesOf(choices: Choices, length: number): Buffer {
	return Buffer.from(Array.from({ length }, () => choices.below(256)));
}

/** A value of a type, rarely one that a model would have. */
function anyValue(type: number, choices: Choices): Buffer {
	const whole = choices.of(wholes);
	const real = choices.of(reals);
	const double = Buffer.alloc(8);
	double.writeDoubleLE(real);
	switch (type) {
		case 0:
		case 1:
			return uint32(whole).subarray(0, 1);
		case 2:
		case 3:
			return uint32(whole).subarray(0, 2);
		case 6:
			return float32(choices.chance(70) ? real : whole);
		case 7:
			return Buffer.from([choices.below(2)]);
		case 8:
			return string(
				choices.chance(50) ? Buffer.from(choices.of(tokenizers)) : bytesOf(choices, choices.below(40)),
			);
		case 9:
			return array(
				valueTypes.uint32,
				Array.from({ length: choices.below(6) }, () => uint32(choices.of(wholes))),
			);
		case 10:
		case 11:
			return uint64(choices.chance(50) ? BigInt(whole) : (1n << 63n) + BigInt(whole));
		case 12:
			return double;
		default:
			return uint32(whole);
	}
}

/** A scalar of the hyperparameters twice as often as one of the tokenizer's or general ones. */
function anyEntry(parts: GgufParts, choices: Choices): Entry | undefined {
	const scalars = parts.entries.filter(({ type }) => type !== valueTypes.array && type !== valueTypes.string);
	const own = scalars.filter(({ key }) => !/^(tokenizer|general)\./.test(key.toString()));
	if (choices.chance(60) && own.length > 0) return choices.of(own);
	if (choices.chance(50) && scalars.length > 0) return choices.of(scalars);
	return parts.entries.length > 0 ? choices.of(parts.entries) : undefined;
}

function architecture(parts: GgufParts): Entry | undefined {
	return parts.entries.find(({ key }) => key.toString() === 'general.architecture');
}

const mutations: Array<[share: number, Mutation]> = [
	[
		20,
		(parts, choices) => {
			const entry = anyEntry(parts, choices);
			if (entry) entry.value = anyValue(entry.type, choices);
		},
	],
	[
		5,
		(parts, choices) => {
			const entry = anyEntry(parts, choices);
			if (!entry) return;
			entry.type = choices.below(13);
			entry.value = anyValue(entry.type, choices);
		},
	],
	[
		4,
		(parts, choices) => {
			if (parts.entries.length > 0) parts.entries.splice(choices.below(parts.entries.length), 1);
		},
	],
	[
		2,
		(parts, choices) => {
			const entry = anyEntry(parts, choices);
			if (entry) parts.entries.push({ ...entry, value: anyValue(entry.type, choices) });
		},
	],
	[
		2,
		(parts, choices) => {
			const entry = anyEntry(parts, choices);
			if (!entry || entry.key.length === 0) return;
			entry.key = Buffer.from(entry.key);
			entry.key[choices.below(entry.key.length)] = choices.below(256);
		},
	],
	[
		14,
		(parts, choices) => {
			const prefix = architecture(parts)?.value.subarray(8).toString() ?? 'llama';
			const key = choices.chance(80) ? `${prefix}.${choices.of(addedKeys)}` : choices.of(addedTokenizerKeys);
			const type = /epsilon|factor|scale|freq|soft|clamp|bias/.test(key)
				? valueTypes.float32
				: /causal|add_bos/.test(key)
					? valueTypes.bool
					: valueTypes.uint32;
			parts.entries = parts.entries.filter((entry) => entry.key.toString() !== key);
			parts.entries.push({ key: Buffer.from(key), type, value: anyValue(type, choices) });
		},
	],
	[
		14,
		(parts, choices) => {
			const arrays = parts.entries.filter(({ type }) => type === valueTypes.array);
			if (arrays.length === 0) return;
			const entry = choices.of(arrays);
			const { type, values } = elements(entry) ?? { type: valueTypes.uint32, values: [] };
			const some = () => choices.below(Math.max(1, values.length));
			switch (choices.below(6)) {
				case 0: // two entries of one text, or one number twice
					values[some()] = values[some()] ?? anyValue(type, choices);
					break;
				case 1:
					for (let i = 0; i < 3; i++) values[some()] = anyValue(type, choices);
					break;
				case 2:
					values.length = some();
					break;
				case 3:
					values.push(...Array.from({ length: 1 + choices.below(50) }, () => anyValue(type, choices)));
					break;
				case 4:
					entry.value = array(type, values, choices.chance(50) ? BigInt(choices.of(wholes)) : 1n << 62n);
					return;
				default:
					values.reverse();
			}
			entry.value = array(type, values);
		},
	],
	[
		2,
		(parts, choices) => {
			// The map's own bytes say how long its first part is.
			const size = choices.chance(60) ? uint32(choices.of([16, 64, 1000])) : Buffer.alloc(0);
			const map = Buffer.concat([size, bytesOf(choices, choices.below(200))]);
			const value = array(0, [map], BigInt(map.length));
			parts.entries.push({
				key: Buffer.from('tokenizer.ggml.precompiled_charsmap'),
				type: valueTypes.array,
				value,
			});
			const model = parts.entries.find(({ key }) => key.toString() === 'tokenizer.ggml.model');
			if (model) model.value = string(Buffer.from('t5'));
		},
	],
	[
		3,
		(parts, choices) => {
			const strings = parts.entries.filter(({ type }) => type === valueTypes.string);
			if (strings.length > 0) choices.of(strings).value = string(bytesOf(choices, choices.below(3000)));
		},
	],
	[
		3,
		(parts, choices) => {
			const model = parts.entries.find(({ key }) => key.toString() === 'tokenizer.ggml.model');
			if (model) model.value = string(Buffer.from(choices.of(tokenizers)));
		},
	],
	[
		6,
		(parts, choices) => {
			const old = architecture(parts);
			if (!old) return;
			const from = `${old.value.subarray(8).toString()}.`;
			const to = choices.of(architectures);
			old.value = string(Buffer.from(to));
			for (const entry of parts.entries)
				if (entry.key.toString().startsWith(from))
					entry.key = Buffer.from(`${to}.${entry.key.toString().slice(from.length)}`);
		},
	],
	[
		14,
		(parts, choices) => {
			if (parts.tensors.length === 0) return;
			const at = choices.below(parts.tensors.length);
			const tensor = parts.tensors[at];
			if (!tensor) return;
			switch (choices.below(7)) {
				case 0:
					tensor.dimensions[choices.below(Math.max(1, tensor.dimensions.length))] = BigInt(
						choices.of(wholes),
					);
					break;
				case 1:
					tensor.type = choices.below(45);
					break;
				case 2:
					tensor.offset = choices.chance(50) ? BigInt(choices.of(wholes)) : (1n << 64n) - 32n;
					break;
				case 3:
					parts.tensors.splice(at, 1);
					break;
				case 4:
					tensor.name = Buffer.from(choices.of(parts.tensors).name);
					break;
				case 5:
					tensor.dimensions = Array.from({ length: choices.below(7) }, () => BigInt(choices.of(wholes)));
					break;
				default:
					tensor.dimensions.reverse();
			}
		},
	],
	[
		3,
		(parts, choices) => {
			const count = BigInt(choices.of(wholes));
			if (choices.chance(50)) parts.tensorCount = count;
			else parts.entryCount = count;
		},
	],
	[
		5,
		(parts, choices) => {
			// NaN, infinity and what else four bytes of ones give.
			parts.data = Buffer.from(parts.data);
			for (let i = 0; i < 64; i++) {
				const at = choices.below(Math.max(1, parts.data.length - 4));
				if (parts.data.length >= 4) bytesOf(choices, 4).copy(parts.data, at);
				if (choices.chance(30) && parts.data.length >= 4) parts.data.fill(0xff, at, at + 4);
			}
		},
	],
];

const shares = mutations.flatMap(([share, mutation]) => Array.from({ length: share }, () => mutation));

/** The file with one to three changes; the same seed makes the same ones. */
export function mutateGguf(bytes: Buffer, seed: number): Buffer {
	const choices = new Choices(seed, 'gguf mutation');
	const parts = parseGguf(bytes);
	for (let i = choices.of([1, 1, 1, 2, 3]); i > 0; i--) choices.of(shares)(parts, choices);
	const mutated = writeGguf(parts);
	if (choices.chance(4)) return mutated.subarray(0, choices.below(mutated.length));
	if (choices.chance(4))
		for (let i = 1 + choices.below(8); i > 0; i--) {
			// Most of a file is weights: half of the flips are in what comes before them.
			const end = choices.chance(50) ? mutated.length - parts.data.length : mutated.length;
			mutated[choices.below(Math.max(1, end))] = choices.below(256);
		}
	return mutated;
}
