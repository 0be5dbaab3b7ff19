import type { ValidateFunction } from 'ajv';
import { compileSchema } from '../schema/compile-schema.js';
import type { ReadTool } from './read-tools.js';

const validators = new WeakMap<ReadTool, ValidateFunction>();

/** What of a call's arguments does not fit the tool's JSON Schema; a format need not hold them to it. */
export function misfitsOf(tool: ReadTool, input: unknown): string[] {
	const validate = validators.get(tool) ?? validatorOf(tool);
	validators.set(tool, validate);
	if (validate(input)) return [];
	return (validate.errors ?? []).map(
		({ instancePath, message = '' }) => `${instancePath === '' ? 'the whole' : instancePath} ${message}`,
	);
}

/** Of the schema as it was given, or in the words of the grammar where that is of an old draft. */
function validatorOf({ shown, parameters }: ReadTool): ValidateFunction {
	try {
		return compileSchema(shown as object, false);
	} catch {
		return compileSchema(parameters, false);
	}
}
