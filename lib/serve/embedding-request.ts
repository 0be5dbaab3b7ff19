import { oneOf, text } from '../options.js';
import type { TokenInput } from '../tokens.js';
import { anything, field, readFields, texts } from './fields.js';

/** A request for the vectors of texts. */
export interface EmbeddingRequest {
	readonly model: string | undefined;
	readonly inputs: readonly TokenInput[];
	readonly format: 'float' | 'base64';
}

const mostInputs = 2048;

const fields = {
	encoding_format: field(oneOf('float', 'base64')),
	input: texts(mostInputs),
	model: field(text),
	user: anything,
};

/**
 * Reads the body of `/v1/embeddings`. Throws `OPTION_INVALID`.
 *
 * @param body - The value of the body's JSON.
 */
export function readEmbeddingRequest(body: unknown): EmbeddingRequest {
	const { encoding_format = 'float', input, model } = readFields(fields, body, '');
	return { model, inputs: input, format: encoding_format };
}
