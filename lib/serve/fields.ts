import { nearest } from '../nearest.js';
import {
	type Check,
	describe,
	integer,
	invalid,
	listOf,
	object,
	optional,
	type Read,
	text,
} from '../options.js';
import type { TokenInput } from '../tokens.js';
import { badRequest } from './api-error.js';

/** Reads a field that a client may also give as null. */
export function field<T>(check: Check<T>): Check<T | undefined> {
	const given = optional(check);
	return (value, name) => given(value ?? undefined, name);
}

/**
 * Reads the fields of an object. Fields that are unknown would have no effect, so they are refused, and each error names
 * the whole place of its field. Throws `OPTION_INVALID`, and an `ApiError` for an unknown field.
 *
 * @param name - The place of the object; empty for the body.
 */
export function readFields<C extends Record<string, Check<unknown>>>(
	checks: C,
	value: unknown,
	name: string,
): Read<C> {
	const given = object()(value, name || 'the body');
	const place = (field: string) => (name === '' ? field : `${name}.${field}`);
	const known = Object.keys(checks);
	const unknown = Object.keys(given).find((one) => !known.includes(one));
	if (unknown !== undefined) {
		const meant = nearest(unknown, known);
		throw badRequest(
			`${name || 'The body'} has no field ${describe(unknown)}: ${meant ? `did you mean ${meant}?` : `it knows ${known.join(', ')}`}`,
			'unknown_parameter',
			place(unknown),
		);
	}
	return Object.fromEntries(known.map((one) => [one, checks[one]?.(given[one], place(one))])) as Read<C>;
}

/** Takes what it is given: fields that say nothing about the answer. */
export const anything: Check<unknown> = (value) => value;

/** Takes the one value that this server can serve. */
export function only<T extends string | number | boolean>(value: T, why: string): Check<T> {
	return (given, name) => {
		if (given === value) return value;
		throw invalid(`${JSON.stringify(value)}, since ${why},`, name, given);
	};
}

/** The type that a part of a message says it has. */
export const typeOf = (part: unknown): unknown => (part as { type?: unknown } | null)?.type;

/** A part of a text, which has one of these types; `expected` says in errors what it should be. */
export function textPartOf(types: readonly string[], expected: string): Check<string> {
	return (value, name) => {
		const type = typeOf(value);
		if (typeof type !== 'string' || !types.includes(type)) throw invalid(expected, `${name}.type`, type);
		return readFields({ type: text, text, annotations: anything, logprobs: anything }, value, name).text;
	};
}

/** A text, or parts of a text, which have one of these types. */
export function textOrPartsOf(...types: readonly string[]): Check<string> {
	const part = textPartOf(types, `a part of type "${types[0]}", since only users send anything else,`);
	return (value, name) => {
		if (typeof value === 'string') return text(value, name);
		if (!Array.isArray(value)) throw invalid('a string or an array of text parts', name, value);
		return listOf(part)(value, name).join('');
	};
}

/** A text, or parts of a text, as a chat's messages have them. */
export const textOrParts: Check<string> = textOrPartsOf('text');

const tokens: Check<number[]> = listOf(integer(0, 2 ** 31 - 1));

/** A text, or the ids of its tokens, or several of either, at most `most`. */
export function texts(most: number): Check<TokenInput[]> {
	return (value, name) => {
		if (typeof value === 'string') return [text(value, name)];
		if (!Array.isArray(value) || value.length === 0)
			throw invalid('a text, the ids of its tokens, or several of either', name, value);
		if (value.every((entry) => typeof entry === 'number')) return [tokens(value, name)];
		if (value.length > most) throw invalid(`at most ${most} texts`, name, value);
		return value.map((entry, index) =>
			typeof entry === 'string' ? text(entry, `${name}[${index}]`) : tokens(entry, `${name}[${index}]`),
		);
	};
}

/** What OpenAI's API knows and nothing here depends on: who asks, and how its provider bills and stores it. */
export const withoutEffect = {
	metadata: anything,
	prompt_cache_key: anything,
	prompt_cache_retention: anything,
	safety_identifier: anything,
	service_tier: anything,
	store: anything,
	user: anything,
	verbosity: anything,
};
