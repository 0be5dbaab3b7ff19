import type { TensorType, TensorValues } from './tensor-data.js';

/** A tensor to write. `dimensions` are in GGML's order: the first is the one matrix products sum over. */
export interface Tensor {
	name: string;
	dimensions: number[];
	type: TensorType;
	values: TensorValues;
}

/** A norm's weight, the same everywhere. */
export function norm(name: string, width: number, weight = 1): Tensor {
	return { name, dimensions: [width], type: 'F32', values: { at: () => weight } };
}

/** Random values around `offset`. */
export function vector(name: string, width: number, deviation: number, offset = 0): Tensor {
	return { name, dimensions: [width], type: 'F32', values: { deviation, offset } };
}

/**
 * A random matrix from `inputs` to `outputs` features that turns inputs with root mean square 1 into
 * outputs with root mean square `gain`.
 */
export function matrix(name: string, inputs: number, outputs: number, type: TensorType, gain = 1): Tensor {
	return { name, dimensions: [inputs, outputs], type, values: { deviation: gain / Math.sqrt(inputs) } };
}

/**
 * Token embeddings that serve as output head too. Their root mean square is small beside what the layers
 * add to the residual stream: else a token would be the best successor of itself.
 */
export function embedding(width: number, vocabularySize: number, type: TensorType): Tensor {
	return {
		name: 'token_embd.weight',
		dimensions: [width, vocabularySize],
		type,
		values: { deviation: embeddingDeviation },
	};
}

/** An output head apart from the embeddings, of values as theirs. */
export function outputHead(width: number, vocabularySize: number, type: TensorType): Tensor {
	return { ...embedding(width, vocabularySize, type), name: 'output.weight' };
}

const embeddingDeviation = 0.1;

/** Weight of the last norm that spreads the logits with standard deviation `deviation` under either head. */
export function outputNormWeight(width: number, deviation = 3): number {
	return deviation / (embeddingDeviation * Math.sqrt(width));
}
