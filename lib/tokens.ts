import { types } from 'node:util';
import { RepriseError } from './errors.js';
import { type Check, describe, invalid } from './options.js';
import { wellFormed } from './text.js';

/** Text, or the ids of its tokens where the exact tokens matter. */
export type TokenInput = string | readonly number[] | Int32Array;

/** Token ids as the addon takes them, each within the vocabulary. */
export function tokenIds(vocabularySize: number): Check<Int32Array> {
	return (value, name) => {
		if (!Array.isArray(value) && !types.isInt32Array(value))
			throw invalid('an array of token ids', name, value);
		const wrong = value.findIndex((id: unknown) => !isTokenId(id, vocabularySize));
		if (wrong < 0) return Int32Array.from(value);
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected token ids in 0…${vocabularySize - 1} for ${name} but received ${describe(value[wrong])} at index ${wrong}`,
		);
	};
}

export function isTokenId(id: unknown, vocabularySize: number): id is number {
	return Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize;
}

/** What a text's tokens depend on; a `Model` is one. */
export interface Vocabulary {
	readonly info: {
		readonly vocabularySize: number;
		readonly addBos: boolean;
		readonly bosToken: number;
		readonly bosText: string;
	};
	tokenize(text: string, options: { parseSpecial: boolean }): Int32Array;
}

/** Text in the middle of a context: no BOS token; control tokens written out (`<|im_end|>`) become tokens. */
export function innerTokens(vocabulary: Vocabulary): Check<Int32Array> {
	return (value, name) => {
		if (typeof value !== 'string') return tokenIds(vocabulary.info.vocabularySize)(value, name);
		return vocabulary.tokenize(wellFormed(value, name), { parseSpecial: true });
	};
}

/** The whole context: the model's BOS token comes first where it wants one and the text does not write it out. */
export function contextTokens(vocabulary: Vocabulary): Check<Int32Array> {
	return (value, name) => {
		const tokens = innerTokens(vocabulary)(value, name);
		if (tokens.length === 0)
			throw new RepriseError('PROMPT_EMPTY', `The ${name} is empty; pass some text or tokens`);
		const { addBos, bosToken } = vocabulary.info;
		const needsBos = typeof value === 'string' && addBos && tokens[0] !== bosToken;
		return needsBos ? concatTokens(Int32Array.of(bosToken), tokens) : tokens;
	};
}

export function concatTokens(...parts: readonly Int32Array[]): Int32Array {
	const all = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		all.set(part, offset);
		offset += part.length;
	}
	return all;
}
