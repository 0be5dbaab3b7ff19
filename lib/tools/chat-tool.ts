import { type Check, callback, invalid, object, optional, readOptions, text } from '../options.js';
import type { JsonSchema } from '../schema/json-schema.js';
import { isObject } from '../schema/json-schema.js';
import { jsonSchemaCheck, standardSchemaCheck } from '../schema/output-format.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/** What a tool's handler is told of a call beside its arguments. */
export interface ToolContext {
	/** Names the call. */
	readonly id: string;
	/** It is aborted where the reply is. */
	readonly signal: AbortSignal;
}

/** A function that the model may call. `Input` is the type of its arguments. */
export interface ChatTool<Input = unknown> {
	/** What the tool does, for the model. Default: nothing is said. */
	readonly description?: string;
	/**
	 * The arguments, as a JSON Schema of an object or a schema of a library that speaks Standard Schema, such as
	 * Zod, and can say its JSON Schema. Default: an object without properties.
	 */
	readonly parameters?: JsonSchema | StandardSchema<Input>;
	/**
	 * Does what was asked for, and gives a string or what JSON can hold. Where it throws, the model is told the
	 * message. Default: none, and a call of the tool ends the reply.
	 *
	 * @param input - The arguments; a Standard Schema has validated them, and a JSON Schema the grammar.
	 * @param context - The call's name, and a signal that ends it.
	 */
	readonly handler?: (input: Input, context: ToolContext) => unknown;
}

/** Which tools the model may or must call. */
export type ToolChoice =
	| 'auto'
	| 'none'
	| 'required'
	| {
			/** The name of the tool that must be called. */
			readonly name: string;
	  };

/** A tool of any input. */
export interface AnyTool extends Omit<ChatTool, 'handler'> {
	/**
	 * Does what was asked for, as that of `ChatTool`.
	 *
	 * @param input - The arguments.
	 * @param context - The call's name, and a signal that ends it.
	 */
	readonly handler?: (input: never, context: ToolContext) => unknown;
}

/** The tools of a reply by their names. */
export type ChatTools = Readonly<Record<string, AnyTool>>;

/**
 * The tool, as it is: TypeScript then knows from its schema what its handler takes.
 *
 * @param definition - The tool.
 */
export function tool<Input>(definition: ChatTool<Input>): ChatTool<Input> {
	return definition;
}

/** Most templates and APIs take these names alone. */
const toolName = /^[A-Za-z0-9_.-]{1,64}$/;
const mostTools = 256;

function isStandardSchema(value: unknown): value is StandardSchema {
	return (
		((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value
	);
}

const parameters: Check<JsonSchema | StandardSchema> = (value, name) =>
	isStandardSchema(value) ? standardSchemaCheck(value, name) : jsonSchemaCheck(value, name);

const toolCheck: Check<AnyTool> = (value, name) =>
	readOptions(
		{
			description: optional(text),
			parameters: optional(parameters),
			handler: optional(callback<NonNullable<ChatTool['handler']>>()),
		},
		value,
		name,
	) as AnyTool;

export const toolsCheck: Check<ChatTools> = (value, name) => {
	const given = object('an object of tools by their names')(value, name);
	const names = Object.keys(given);
	if (names.length > mostTools) throw invalid(`at most ${mostTools} tools`, name, value);
	return Object.fromEntries(
		names.map((one) => {
			if (!toolName.test(one))
				throw invalid('names of 1…64 letters, digits, _, - and .', `the keys of ${name}`, one);
			return [one, toolCheck(given[one], `${name}.${one}`)];
		}),
	);
};

export const toolChoiceCheck: Check<ToolChoice> = (value, name) => {
	if (value === 'auto' || value === 'none' || value === 'required') return value;
	if (isObject(value)) return readOptions({ name: text }, value, name);
	throw invalid("'auto', 'none', 'required' or { name }", name, value);
};
