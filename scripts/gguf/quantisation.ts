import type { Tensor } from './tensor.js';
import { layouts, type TensorType } from './tensor-data.js';

interface Quantisation {
	/** `general.file_type` (llama.h, llama_ftype). */
	fileType: number;
	/** The type of a matrix by its place in the model. */
	type(matrix: Place): TensorType;
}

interface Place {
	/** Its name without the layer, such as `ffn_down.weight`. */
	part: string;
	layer: number;
	layers: number;
}

const everywhere = (type: TensorType, fileType: number): Quantisation => ({ fileType, type: () => type });
const isHead = ({ part }: Place) => part === 'token_embd.weight';

/** The layers whose values and second matrices a file of mixed types stores with more bits. */
function hasMoreBits({ layer, layers }: Place): boolean {
	const eighth = Math.floor(layers / 8);
	return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** Types of a model's matrices. q4_0 and q4_k_m are mixes as llama-quantize makes them, the others of one type. */
export const quantisations = {
	f32: everywhere('F32', 0),
	f16: everywhere('F16', 1),
	bf16: everywhere('BF16', 32),
	q4_0: { fileType: 2, type: (place) => (isHead(place) ? 'Q6_K' : 'Q4_0') },
	q4_1: everywhere('Q4_1', 3),
	q5_0: everywhere('Q5_0', 8),
	q5_1: everywhere('Q5_1', 9),
	q8_0: everywhere('Q8_0', 7),
	q2_k: everywhere('Q2_K', 10),
	q3_k: everywhere('Q3_K', 11),
	q4_k: everywhere('Q4_K', 14),
	q4_k_m: {
		fileType: 15,
		type: (place) => {
			const matters = /^(attn_v|ffn_down|ffn_down_exps)\.weight$/.test(place.part) && hasMoreBits(place);
			return isHead(place) || matters ? 'Q6_K' : 'Q4_K';
		},
	},
	q5_k: everywhere('Q5_K', 16),
	q6_k: everywhere('Q6_K', 18),
	iq4_nl: everywhere('IQ4_NL', 25),
	iq4_xs: everywhere('IQ4_XS', 30),
} satisfies Record<string, Quantisation>;

export type QuantisationName = keyof typeof quantisations;
export const quantisationNames = Object.keys(quantisations) as QuantisationName[];

/** What llama-quantize takes where rows do not fill a type's blocks. */
const narrower: Partial<Record<TensorType, TensorType>> = {
	Q2_K: 'IQ4_NL',
	Q3_K: 'IQ4_NL',
	Q4_K: 'Q5_0',
	Q5_K: 'Q5_1',
	Q6_K: 'Q8_0',
	IQ4_XS: 'IQ4_NL',
};

/** Matrices that every file stores in full: convolutions, and the choice of experts. */
const kept = /conv|ffn_gate_inp/;

/** The tensors with their matrices in the types of the quantisation. */
export function quantised(tensors: readonly Tensor[], name: QuantisationName): Tensor[] {
	const quantisation: Quantisation = quantisations[name];
	const place = ({ name }: Tensor): Place => {
		const [, layer = '0', part = name] = /^blk\.(\d+)\.(.*)$/.exec(name) ?? [];
		return { part, layer: Number(layer), layers };
	};
	const layers = new Set(tensors.map(({ name }) => /^blk\.(\d+)\./.exec(name)?.[1]).filter(Boolean)).size;
	return tensors.map((tensor) => {
		if (tensor.dimensions.length < 2 || !('deviation' in tensor.values) || kept.test(tensor.name))
			return tensor;
		const type = quantisation.type(place(tensor));
		const fits = (tensor.dimensions[0] as number) % layouts[type].blockSize === 0;
		return { ...tensor, type: fits ? type : (narrower[type] ?? type) };
	});
}
