import { type Check, integer, invalid, listOf, oneOf, readOptions, text } from '../options.js';
import type { TokenInput } from '../tokens.js';
import { anything, field } from './fields.js';

/** A request for the vectors of texts. */
export interface EmbeddingRequest {
	readonly model: string | undefined;
	readonly inputs: readonly TokenInput[];
	readonly format: 'float' | 'base64';
}

const mostInputs = 2048;
const tokens: Check<number[]> = listOf(integer(0, 2 ** 31 - 1));

const inputs: Check<TokenInput[]> = (value, name) => {
	if (typeof value === 'string') return [text(value, name)];
	if (!Array.isArray(value) || value.length === 0) throw invalid('a text or an array of texts', name, value);
	if (value.every((entry) => typeof entry === 'number')) return [tokens(value, name)];
	if (value.length > mostInputs) throw invalid(`at most ${mostInputs} texts`, name, value);
	return value.map((entry, index) =>
		typeof entry === 'string' ? text(entry, `${name}[${index}]`) : tokens(entry, `${name}[${index}]`),
	);
};

const fields = {
	encoding_format: field(oneOf('float', 'base64')),
	input: inputs,
	model: field(text),
	user: anything,
};

/**
 * Reads the body of `/v1/embeddings`. Throws `OPTION_INVALID`.
 *
 * @param body - The value of the body's JSON.
 */
export function readEmbeddingRequest(body: unknown): EmbeddingRequest {
	const { encoding_format = 'float', input, model } = readOptions(fields, body, 'the body');
	return { model, inputs: input, format: encoding_format };
}
