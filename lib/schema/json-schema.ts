/**
 * A JSON Schema: true fits any value, false none, and an object's keywords say which values fit.
 * docs/structured-output.md lists the keywords that can be followed.
 */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Where a schema stands, as a path from the option on: `jsonSchema/properties/age`. */
export interface Placed {
	readonly schema: unknown;
	readonly path: string;
}

/** The schemas below another one that `keyword` holds. */
export type Keywords = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Keywords {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One step of a path: a JSON Pointer's, with the same escapes. */
export function step(path: string, key: string | number): string {
	return `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
