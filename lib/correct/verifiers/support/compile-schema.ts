import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv';
import { ownFile } from '../../../own-file.js';

const require = createRequire(import.meta.url);

/**
 * Compiles a JSON Schema: draft 7, or 2019-09 or 2020-12 where its `$schema` says so. Throws where it is none,
 * also for keywords that the draft does not know. Loads ajv at the first call.
 */
export function compileSchema(schema: object | boolean): ValidateFunction {
	return require(ownFile(['json-schema-compiler.cjs'], import.meta.url)).compileSchema(schema);
}
