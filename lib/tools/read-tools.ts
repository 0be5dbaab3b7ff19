import { checked, invalid } from '../options.js';
import { toConvertible } from '../schema/convertible.js';
import { isObject, type JsonSchema, type Keywords } from '../schema/json-schema.js';
import { jsonSchemaOf, plainJson } from '../schema/output-format.js';
import type { StandardSchema } from '../schema/standard-schema.js';
import type { ChatTool, ChatTools } from './chat-tool.js';

/** A tool as the addon and the rounds of a reply need it. */
export interface ReadTool {
	readonly name: string;
	readonly description: string;
	/** The schema of the arguments, as the model is shown it. */
	readonly shown: unknown;
	/** The same in words that a grammar follows. */
	readonly parameters: Keywords;
	readonly schema: StandardSchema | undefined;
	readonly handler: ChatTool['handler'];
}

/** Throws `OPTION_INVALID` and `SCHEMA_UNSUPPORTED`. */
export function readTools(tools: ChatTools): ReadTool[] {
	return Object.entries(tools).map(([name, { description = '', parameters, handler }]) => {
		const path = `tools.${name}.parameters`;
		const schema = isStandard(parameters) ? parameters : undefined;
		const given = schema ? jsonSchemaOf(schema) : (parameters ?? { type: 'object', properties: {} });
		const shown = checked(plainJson, given, path);
		return {
			name,
			description,
			shown,
			parameters: argumentsSchema(shown, path),
			schema,
			handler: handler as ChatTool['handler'],
		};
	});
}

function isStandard(parameters: JsonSchema | StandardSchema | undefined): parameters is StandardSchema {
	return (typeof parameters === 'object' || typeof parameters === 'function') && '~standard' in parameters;
}

/**
 * llama.cpp looks at the properties of the schema itself, not at those that a reference leads to. Where a format
 * writes each argument by itself, a number with bounds is any number.
 */
function argumentsSchema(schema: unknown, path: string): Keywords {
	const { $defs, ...root } = toConvertible(schema, path);
	const definitions = isObject($defs) ? { ...$defs } : {};
	for (const name of Object.keys(definitions))
		if (name.startsWith('bare')) definitions[name] = { type: 'number' };
	const followed = (start: Keywords): Keywords => {
		let found = start;
		for (let steps = 0; steps < 64 && typeof found.$ref === 'string'; steps++) {
			const next = definitions[found.$ref.slice('#/$defs/'.length)];
			if (!isObject(next)) break;
			found = next;
		}
		return found;
	};
	const object = followed(root);
	if (object.type !== 'object') throw invalid('the JSON Schema of an object', path, schema);
	const properties = isObject(object.properties)
		? Object.fromEntries(
				Object.entries(object.properties).map(([name, one]) => [name, isObject(one) ? followed(one) : one]),
			)
		: {};
	return { ...object, properties, $defs: definitions };
}
