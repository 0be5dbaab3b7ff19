import { boolean, type Check, integer, invalid, text } from '../options.js';
import { anything, field, readFields } from './fields.js';

/** A request to rank documents. */
export interface RerankRequest {
	readonly model: string | undefined;
	readonly query: string;
	readonly documents: readonly string[];
	/** How many of the best are answered with. */
	readonly count: number;
	/** Whether the answer repeats the documents' texts. */
	readonly returnsDocuments: boolean;
}

const mostDocuments = 2048;

/** A text, or an object with one, as Jina's and Cohere's clients send it. */
const documentText: Check<string> = (value, name) =>
	typeof value === 'object' && value !== null ? readFields({ text }, value, name).text : text(value, name);

const documents: Check<string[]> = (value, name) => {
	if (!Array.isArray(value) || value.length === 0 || value.length > mostDocuments)
		throw invalid(`1 to ${mostDocuments} texts`, name, value);
	return value.map((document, index) => documentText(document, `${name}[${index}]`));
};

const fields = {
	documents,
	model: field(text),
	query: text,
	return_documents: field(boolean),
	top_n: field(integer(1, 2 ** 31 - 1)),
	user: anything,
};

/**
 * Reads the body of `/v1/rerank`. Throws `OPTION_INVALID`.
 *
 * @param body - The value of the body's JSON.
 */
export function readRerankRequest(body: unknown): RerankRequest {
	const read = readFields(fields, body, '');
	return {
		model: read.model,
		query: read.query,
		documents: read.documents,
		count: read.top_n ?? read.documents.length,
		returnsDocuments: read.return_documents ?? false,
	};
}
