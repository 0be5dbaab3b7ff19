import { gguf } from '@huggingface/gguf';
import type { Metadata } from './metadata.js';

/** A tokenizer as GGUF metadata, ready to be written into another file. */
export interface Vocabulary {
	/** All `tokenizer.*` entries. */
	metadata: Metadata;
	/** Number of tokens. */
	size: number;
}

/** The type of control tokens in `tokenizer.ggml.token_type`. */
const control = 3;

/**
 * Reads the vocabulary of any GGUF file.
 * @param limit keeps the first `limit` tokens, with the control tokens after them: byte tokens come first
 *   and merges are listed after their parts in every vocabulary of llama.cpp, so any text still tokenizes.
 * @throws Error if the file is no GGUF or has no tokens.
 */
export async function readVocabulary(path: string, limit = Number.POSITIVE_INFINITY): Promise<Vocabulary> {
	const { typedMetadata } = await gguf(path, { typedMetadata: true, allowLocalFile: true });
	const metadata: Metadata = {};
	for (const key of Object.keys(typedMetadata)) {
		const entry = (typedMetadata as Metadata)[key];
		if (entry && key.startsWith('tokenizer.')) metadata[key] = entry;
	}
	const tokens = metadata['tokenizer.ggml.tokens']?.value as string[] | undefined;
	if (!tokens) throw new Error(`${path} holds no tokens: give a GGUF with a vocabulary`);
	return { metadata, size: limit < tokens.length ? cut(metadata, tokens, limit) : tokens.length };
}

/** Cuts the entries in place and returns how many tokens are left. */
function cut(metadata: Metadata, tokens: string[], limit: number): number {
	const types = metadata['tokenizer.ggml.token_type']?.value as number[] | undefined;
	const kept = tokens.flatMap((_, id) => (id < limit || types?.[id] === control ? [id] : []));
	const newIds = new Map(kept.map((id, index) => [id, index]));
	for (const name of ['tokens', 'scores', 'token_type']) {
		const entry = metadata[`tokenizer.ggml.${name}`];
		if (entry) entry.value = kept.map((id) => (entry.value as (string | number)[])[id]) as typeof entry.value;
	}
	for (const [key, entry] of Object.entries(metadata)) {
		if (!key.endsWith('_token_id')) continue;
		const id = newIds.get(Number(entry.value));
		if (id === undefined) delete metadata[key];
		else entry.value = id;
	}
	const merges = metadata['tokenizer.ggml.merges'];
	if (merges) {
		const texts = new Set(kept.map((id) => tokens[id]));
		merges.value = (merges.value as string[]).filter((merge) => {
			const [left, right] = merge.split(' ', 2);
			return texts.has(left) && texts.has(right) && texts.has(`${left}${right}`);
		});
	}
	return kept.length;
}
