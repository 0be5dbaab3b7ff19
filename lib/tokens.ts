import { types } from 'node:util';
import { RepriseError } from './errors.js';
import type { NativeReply } from './native-chat.js';
import { type Check, describe, invalid } from './options.js';
import { wellFormed } from './text.js';

/**
 * A text, or the ids of its tokens where the exact tokens matter. A prompt may also have the tokens of images that
 * `model.readImage` or `session.history` gave.
 */
export type TokenInput = string | readonly number[] | Int32Array;

/** Token ids as the addon takes them, each within the vocabulary; or of an image's row, with `withImages`. */
export function tokenIds(vocabularySize: number, withImages = false): Check<Int32Array> {
	return (value, name) => {
		if (!Array.isArray(value) && !types.isInt32Array(value))
			throw invalid('an array of token ids', name, value);
		const known = (id: unknown) => isTokenId(id, vocabularySize) || (withImages && isImageRow(id));
		const wrong = value.findIndex((id: unknown) => !known(id));
		if (wrong < 0) return Int32Array.from(value);
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected token ids in 0…${vocabularySize - 1} for ${name} but received ${describe(value[wrong])} at index ${wrong}`,
		);
	};
}

const isImageRow = (id: unknown) =>
	Number.isInteger(id) && (id as number) < -1 && (id as number) >= -(2 ** 31);

export function isTokenId(id: unknown, vocabularySize: number): id is number {
	return Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize;
}

/** Takes a well-formed text or the ids of tokens. */
export function tokenInput(vocabularySize: number, withImages = false): Check<string | Int32Array> {
	return (value, name) =>
		typeof value === 'string' ? wellFormed(value, name) : tokenIds(vocabularySize, withImages)(value, name);
}

/** The same of a whole context. */
export function promptInput(vocabularySize: number, withImages = false): Check<string | Int32Array> {
	return (value, name) => {
		const input = tokenInput(vocabularySize, withImages)(value, name);
		if (input.length > 0) return input;
		throw new RepriseError('PROMPT_EMPTY', `The ${name} is empty; pass some text or tokens`);
	};
}

/** Turns texts into tokens off the JavaScript thread; a `Model` is one. */
export interface TextTokenizer {
	textTokens(text: string, begins: boolean): Promise<Int32Array>;
}

/** Text in the middle of a context: no BOS token; control tokens written out (`<|im_end|>`) become tokens. */
export async function innerTokens(tokenizer: TextTokenizer, input: string | Int32Array): Promise<Int32Array> {
	return typeof input === 'string' ? tokenizer.textTokens(input, false) : input;
}

/**
 * The whole context: the model's BOS token comes first where it wants one and the text does not write it out.
 */
export async function contextTokens(
	tokenizer: TextTokenizer,
	input: string | Int32Array,
): Promise<Int32Array> {
	return typeof input === 'string' ? tokenizer.textTokens(input, true) : input;
}

/**
 * The prompt of a chat, whose tokens come later: the function is called once the session is free for it. Where `stop`
 * is aborted, nobody waits for them any more.
 */
export interface LatePrompt {
	(stop: AbortSignal): Promise<Int32Array>;
	/** How the reply is written, once the tokens are there; null where its text is all content. */
	readonly reply?: () => NativeReply | null;
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
