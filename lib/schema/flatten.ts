import { isObject, type Keywords, type Placed, step } from './json-schema.js';
import { resolve } from './resolve.js';
import { unsupported } from './unsupported.js';

/** Keywords that say something about the schema and nothing about values. */
const annotations = new Set([
	'$schema',
	'$id',
	'id',
	'$comment',
	'$defs',
	'definitions',
	'$anchor',
	'$vocabulary',
	'title',
	'description',
	'default',
	'examples',
	'deprecated',
	'readOnly',
	'writeOnly',
	'contentEncoding',
	'contentMediaType',
	'contentSchema',
]);

/** Keywords that would have to be followed, and cannot be, wherever they stand. */
const impossible: Readonly<Record<string, string>> = {
	not: 'write what may be instead',
	if: 'write the cases as anyOf',
	dependentRequired: 'write the cases as anyOf',
	dependentSchemas: 'write the cases as anyOf',
	dependencies: 'write the cases as anyOf',
	$dynamicRef: 'use $ref',
	$recursiveRef: 'use $ref',
};

/** Whether the schema is a `$ref` and nothing else that says something about values. */
export function isPlainRef(schema: unknown): schema is Keywords {
	return (
		isObject(schema) &&
		schema.$ref !== undefined &&
		Object.keys(schema).every((keyword) => keyword === '$ref' || annotations.has(keyword))
	);
}

/** What several schemas that must all hold say together, before their types are looked at. */
export interface Flat {
	/** Schemas without `$ref`, `allOf`, `anyOf` and `oneOf`. */
	readonly simple: readonly (Placed & { readonly schema: Keywords })[];
	/** Lists of schemas, of each of which one must hold. */
	readonly choices: readonly { readonly alternatives: readonly Placed[]; readonly exclusive: boolean }[];
	/** Whether one of them is false. */
	readonly never: boolean;
}

/** Follows `$ref` and `allOf`. Throws `SCHEMA_UNSUPPORTED`. */
export function flatten(root: Placed, all: readonly Placed[]): Flat {
	const simple: Array<Placed & { schema: Keywords }> = [];
	const choices: Array<{ alternatives: Placed[]; exclusive: boolean }> = [];
	/** Each with the references that led to it. */
	const waiting = all.map((placed) => ({ ...placed, by: [] as readonly string[] })).reverse();
	const seen = new Set<string>();
	let never = false;
	for (let next = waiting.pop(); next; next = waiting.pop()) {
		const { schema, path, by } = next;
		if (schema === true) continue;
		if (schema === false) {
			never = true;
			continue;
		}
		if (!isObject(schema)) throw unsupported(path, 'a schema is an object, true or false');
		for (const [keyword, why] of Object.entries(impossible))
			if (schema[keyword] !== undefined) throw unsupported(step(path, keyword), why);
		if (typeof schema.$id === 'string' && path !== root.path && schema.$id.replace(/#.*/, '') !== '')
			throw unsupported(step(path, '$id'), 'only the whole schema may have an $id');
		const rest: Array<[string, unknown]> = [];
		for (const [keyword, value] of Object.entries(schema)) {
			const place = step(path, keyword);
			if (annotations.has(keyword) || value === undefined) continue;
			if (keyword === '$ref') {
				const target = resolve(root, value, place);
				if (by.includes(target.path))
					throw unsupported(place, 'the schema refers to itself with nothing between');
				if (!seen.has(target.path)) waiting.push({ ...target, by: [...by, target.path] });
				seen.add(target.path);
			} else if (keyword === 'allOf') {
				waiting.push(...list(value, place).map((placed) => ({ ...placed, by })));
			} else if (keyword === 'anyOf' || keyword === 'oneOf') {
				choices.push({ alternatives: list(value, place), exclusive: keyword === 'oneOf' });
			} else {
				rest.push([keyword, value]);
			}
		}
		if (rest.length > 0) simple.push({ schema: Object.fromEntries(rest), path });
	}
	return { simple, choices, never };
}

function list(value: unknown, path: string): Placed[] {
	if (!Array.isArray(value) || value.length === 0) throw unsupported(path, 'it is no array of schemas');
	return value.map((schema, i) => ({ schema, path: step(path, i) }));
}
