import { types } from 'node:util';
import { addon, type FinishReason } from '../addon.js';
import { callNative, isRepriseError, messageOf, RepriseError } from '../errors.js';
import { boolean, type Check, checked, invalid, optional } from '../options.js';
import { toConvertible } from './convertible.js';
import { isObject, type JsonSchema } from './json-schema.js';
import type { SchemaIssue, StandardSchema } from './standard-schema.js';
import { unsupported } from './unsupported.js';

/** What a text is as a value. */
export interface Parsed<Output> {
	readonly object: Output | undefined;
	readonly issues: readonly SchemaIssue[];
}

/** Reads the value of a text that has ended. */
export type ReadObject<Output> = (text: string, reason: FinishReason) => Promise<Parsed<Output>>;

/** What a text has to look like, and how its value is read. */
export interface OutputFormat {
	/** In GBNF; empty where any text will do. */
	readonly grammar: string;
	/** Not there where the text is no JSON. */
	readonly read: ReadObject<unknown> | undefined;
}

const mostCharacters = 1_000_000;
/** Values nest so deep at most; a schema in a schema takes two levels. */
const deepestJson = 128;

export const jsonSchemaCheck: Check<JsonSchema> = (value, name) => {
	if (typeof value === 'boolean' || isObject(value)) return value;
	throw invalid('a JSON Schema, which is an object, true or false,', name, value);
};

export const standardSchemaCheck: Check<StandardSchema> = (value, name) => {
	if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
		const { '~standard': standard } = value as Partial<StandardSchema>;
		if (typeof standard === 'object' && standard !== null && typeof standard.validate === 'function')
			return value as StandardSchema;
	}
	throw invalid('a Standard Schema, such as one of Zod; a JSON Schema is given as jsonSchema,', name, value);
};

/** The options that say what a text has to look like. */
export const formatChecks = {
	jsonSchema: optional(jsonSchemaCheck),
	json: optional(boolean),
	schema: optional(standardSchemaCheck),
};

export interface GivenFormat {
	readonly grammar: string;
	readonly jsonSchema: JsonSchema | undefined;
	readonly json: boolean | undefined;
	readonly schema: StandardSchema | undefined;
}

/** Throws `OPTION_INVALID` where more than one is given, and `SCHEMA_UNSUPPORTED`. */
export function readOutputFormat({ grammar, jsonSchema, json, schema }: GivenFormat): OutputFormat {
	const given = Object.entries({
		grammar: grammar !== '',
		json: json === true,
		jsonSchema: jsonSchema !== undefined,
		schema: schema !== undefined,
	})
		.filter(([, isGiven]) => isGiven)
		.map(([name]) => name);
	// A schema that cannot say what it is in JSON Schema has it said beside it.
	if (given.length > 1 && given.join() !== 'jsonSchema,schema')
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected one of grammar, json, jsonSchema and schema but received ${given.join(' and ')}`,
		);
	if (schema !== undefined) {
		const inJson = jsonSchema ?? jsonSchemaOf(schema);
		const name = jsonSchema === undefined ? 'schema' : 'jsonSchema';
		return { grammar: grammarOf(inJson, name), read: (text, reason) => validated(schema, text, reason) };
	}
	if (jsonSchema !== undefined)
		return { grammar: grammarOf(jsonSchema, 'jsonSchema'), read: async (...end) => parsed(...end) };
	if (json) return { grammar: grammarOf({ type: 'object' }, 'json'), read: async (...end) => parsed(...end) };
	return { grammar, read: undefined };
}

/** What a library says of its schema. Throws `SCHEMA_UNSUPPORTED`. */
export function jsonSchemaOf(schema: StandardSchema): unknown {
	const { jsonSchema, vendor } = schema['~standard'];
	const input = jsonSchema?.input;
	if (typeof input !== 'function')
		throw new RepriseError(
			'SCHEMA_UNSUPPORTED',
			`${String(vendor).slice(0, 40)} does not say what the schema is in JSON Schema; pass that as jsonSchema beside it`,
		);
	try {
		return input({ target: 'draft-2020-12' });
	} catch (error) {
		throw new RepriseError(
			'SCHEMA_UNSUPPORTED',
			`The schema cannot be said in JSON Schema: ${messageOf(error)}; pass one as jsonSchema beside it`,
			{ cause: error },
		);
	}
}

/** The grammar of a schema's texts. Throws `OPTION_INVALID` and `SCHEMA_UNSUPPORTED`. */
export function grammarOf(schema: unknown, name: string): string {
	const plain = checked(plainJson, schema, name);
	return callNative(() => addon.schemaGrammar(JSON.stringify(toConvertible(plain, name))));
}

/** As `JSON.stringify` writes one; a backslash that is escaped stands before none. */
const loneSurrogate = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** A copy that holds what JSON can hold, and nothing that could change or run code. */
export const plainJson: Check<unknown> = (value, name) => {
	let text: string | undefined;
	try {
		text = JSON.stringify(value);
	} catch (error) {
		throw isRepriseError(error)
			? error
			: types.isNativeError(error) && error.name === 'RangeError'
				? unsupported(name, `it is nested deeper than ${deepestJson}`)
				: invalid(`what JSON can hold (${messageOf(error)})`, name, value);
	}
	if (text === undefined) throw invalid('what JSON can hold', name, value);
	if (text.length > mostCharacters)
		throw unsupported(name, `as JSON it has more than ${mostCharacters} characters`);
	if (loneSurrogate.test(text)) throw unsupported(name, 'a text in it holds a lone surrogate');
	const copy: unknown = JSON.parse(text);
	let level: unknown[] = [copy];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > deepestJson) throw unsupported(name, `it is nested deeper than ${deepestJson}`);
		level = level.flatMap((one) =>
			typeof one === 'object' && one !== null
				? Object.values(one).filter((inner) => typeof inner === 'object' && inner !== null)
				: [],
		);
	}
	return copy;
};

/** The value of a text; none where it was cut short. */
function parsed(text: string, reason: FinishReason): Parsed<unknown> {
	try {
		const object: unknown = JSON.parse(text);
		// A number that was cut short is a number still.
		if (reason === 'end' || typeof object !== 'number') return { object, issues: [] };
	} catch {
		// The text says where it stops; what was meant nobody knows.
	}
	return { object: undefined, issues: [{ message: `The JSON is not complete: ${cutShort[reason]}` }] };
}

const cutShort: Readonly<Record<FinishReason, string>> = {
	end: 'the model ended it',
	stop: 'a stop string ended it',
	length: 'maxTokens ended it',
	context: 'the context is full',
	aborted: 'it was aborted',
	toolCalls: 'the model called a tool',
};

async function validated(
	schema: StandardSchema,
	text: string,
	reason: FinishReason,
): Promise<Parsed<unknown>> {
	const { object, issues } = parsed(text, reason);
	if (object === undefined) return { object, issues };
	try {
		const result = await schema['~standard'].validate(object);
		return result.issues
			? { object: undefined, issues: [...result.issues] }
			: { object: result.value, issues: [] };
	} catch (error) {
		throw new RepriseError('OPTION_INVALID', `The validation of schema threw: ${messageOf(error)}`, {
			cause: error,
		});
	}
}
