import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv';
import { ownFile } from '../own-file.js';

/**
 * Compiles a JSON Schema: draft 7, or 2019-09 or 2020-12 where its `$schema` says so. Throws where it is none,
 * also for keywords that the draft does not know. Loads ajv at the first call.
 *
 * @param isStrict - Without, keywords that the draft does not know are passed over. Default: true.
 */
export function compileSchema(schema: object | boolean, isStrict = true): ValidateFunction {
	const file = ownFile(['json-schema-compiler.cjs'], import.meta.url);
	return createRequire(file)(file).compileSchema(schema, isStrict);
}
