import type { ValidateFunction } from 'ajv';

/**
 * Compiles a JSON Schema: draft 7, or 2019-09 or 2020-12 where its `$schema` says so. Throws where it is
 * none, also for keywords that the draft does not know.
 */
export function compileSchema(schema: object | boolean): ValidateFunction;
