import { canonical, constants, disjoint, typeOf } from './disjoint.js';
import { flatten, isPlainRef } from './flatten.js';
import { isObject, type Keywords, type Placed, step } from './json-schema.js';
import { resolve } from './resolve.js';
import {
	type Converted,
	convertNumber,
	convertString,
	counts,
	given,
	keywordsOf,
	listed,
	type Part,
	repeats,
	withoutQuotes,
} from './simple-types.js';
import { unsupported } from './unsupported.js';

const deepest = 64;
const mostSchemas = 5000;
/** So many alternatives of `oneOf` are compared with each other. */
const mostExclusive = 500;
/** llama.cpp's parser of grammars knows names of so many bytes, less what it puts around them. */
const longestName = 180;
/** So many optional properties an object may have: llama.cpp writes rules for each with all after it. */
const mostOptional = 200;
const mostOptionalCubed = 3e7;

const everyType = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
type Type = (typeof everyType)[number];

/** References that were followed and nothing of the text since. */
type Open = ReadonlySet<string>;

/**
 * The schema in the words that llama.cpp's converter takes exactly as they are meant: it passes over what it
 * does not know, and follows some keywords as if they stood alone. All values of the result are values of the
 * schema; where some of them are left out, docs/structured-output.md says so. Throws `SCHEMA_UNSUPPORTED`.
 *
 * @param schema - What JSON can hold, nested no deeper than the stack allows.
 */
export function toConvertible(schema: unknown, path: string): Keywords {
	return new Converter({ schema, path }).whole();
}

class Converter {
	readonly #root: Placed;
	readonly #definitions: Record<string, Keywords> = {};
	/** The names of what `$ref` leads to, by its path. */
	readonly #names = new Map<string, string>();
	/** References that no value fits. */
	readonly #empty = new Set<string>();
	#named = 0;
	#schemas = 0;
	#optionalCubed = 0;

	constructor(root: Placed) {
		this.#root = root;
	}

	whole(): Keywords {
		const whole = this.#reference(this.#root, new Set(), 0);
		if (!whole) throw unsupported(this.#root.path, 'no value fits it');
		return { ...whole, $defs: this.#definitions };
	}

	/** What all of these say together. */
	#convert(all: readonly Placed[], open: Open, depth: number): Converted {
		const [first] = all;
		const path = first?.path ?? this.#root.path;
		if (depth > deepest)
			throw unsupported(path, `it is nested deeper than ${deepest}, with references followed`);
		if (++this.#schemas > mostSchemas)
			throw unsupported(path, `it comes to more than ${mostSchemas} schemas, with references followed`);
		if (all.length === 1 && first && isPlainRef(first.schema))
			return this.#reference(resolve(this.#root, first.schema.$ref, step(first.path, '$ref')), open, depth);
		const { simple, choices, never } = flatten(this.#root, all);
		if (never) return null;
		const [choice, ...others] = choices;
		if (!choice) return this.#simple(simple, depth);
		const { alternatives, exclusive } = choice;
		if (exclusive) this.#requireDisjoint(alternatives);
		const rest = others.map(({ alternatives: list, exclusive: one }) => ({
			schema: { [one ? 'oneOf' : 'anyOf']: list.map(({ schema }) => schema) },
			path,
		}));
		return union(
			alternatives.map((alternative) => this.#convert([...simple, ...rest, alternative], open, depth + 1)),
		);
	}

	/** No value may fit two alternatives of `oneOf`: a grammar takes it where one of them does. */
	#requireDisjoint(alternatives: readonly Placed[]): void {
		const isListed = alternatives.every(({ schema }) => isObject(schema) && constants(schema) !== undefined);
		const seen = new Set<string>();
		for (const [i, one] of alternatives.entries()) {
			if (!isListed && i >= mostExclusive)
				throw unsupported(one.path, `oneOf has more than ${mostExclusive} alternatives; write anyOf`);
			const values = isListed ? (constants(one.schema as Record<string, unknown>) ?? []) : [];
			const texts = new Set(values.map(canonical));
			const isApart = isListed
				? [...texts].every((text) => !seen.has(text))
				: alternatives.slice(0, i).every((other) => disjoint(this.#root, one, other));
			for (const text of texts) seen.add(text);
			if (isApart) continue;
			throw unsupported(
				one.path,
				'a value might fit another alternative of oneOf too; write anyOf, or give each a property with a const of its own',
			);
		}
	}

	#reference(target: Placed, open: Open, depth: number): Converted {
		const known = this.#names.get(target.path);
		if (known !== undefined) {
			if (open.has(target.path)) throw unsupported(target.path, 'it can begin with itself');
			return this.#empty.has(target.path) ? null : refer(known);
		}
		const name = this.#name();
		this.#names.set(target.path, name);
		const converted = this.#convert([target], new Set([...open, target.path]), depth + 1);
		if (!converted) {
			this.#empty.add(target.path);
			return null;
		}
		this.#definitions[name] = converted;
		return refer(name);
	}

	#name(kind = 'd'): string {
		return `${kind}${this.#named++}`;
	}

	/** Puts a schema among the definitions, so that names of rules are no longer for what is nested in them. */
	#define(schema: Keywords, kind = 'd'): Keywords {
		const name = this.#name(kind);
		this.#definitions[name] = schema;
		return refer(name);
	}

	#simple(parts: readonly Part[], depth: number): Converted {
		const { types, integer } = typesOf(parts);
		const values = listed(parts)?.filter((value) => {
			const type = typeOf(value);
			if (type === 'integer') return types.includes('number');
			return types.includes(type as Type) && !(type === 'number' && integer);
		});
		if (values) return values.length === 0 ? null : { enum: values };
		if (types.length === everyType.length && parts.every(({ schema }) => Object.keys(schema).every(isIdle)))
			return {};
		return union(
			types.map((type) => {
				switch (type) {
					case 'string':
						return convertString(parts);
					case 'number':
						return this.#number(parts, integer);
					case 'array':
						return this.#array(parts, depth);
					case 'object':
						return this.#object(parts, depth);
					default:
						return { type };
				}
			}),
		);
	}

	#number(parts: readonly Part[], integer: boolean): Converted {
		const converted = convertNumber(parts, integer);
		// The addon leaves the quotes of a definition out that is named like this.
		return converted && withoutQuotes in converted ? this.#define(converted, 'bare') : converted;
	}

	#array(parts: readonly Part[], depth: number): Converted {
		refuse(parts, ['contains', 'minContains', 'maxContains'], 'no grammar can count what fits a schema');
		for (const { value, path } of given(parts, 'unevaluatedItems'))
			if (value !== true) throw unsupported(path, 'use items');
		const length = repeats(parts, 'minItems', 'maxItems');
		if (!length) return null;
		for (const { value, path } of given(parts, 'uniqueItems'))
			if (value !== false && (length.most ?? Infinity) > 1)
				throw unsupported(path, 'no grammar can compare items');
		const lists = parts.map(itemsOf);
		const item = (i: number) =>
			lists.flatMap(({ prefix, rest }): readonly Placed[] => {
				const own = prefix[i] ?? rest;
				return own ? [own] : [];
			});
		const convert = (i: number) => this.#convert(item(i), new Set(), depth + 1);
		const prefixed = Math.max(0, ...lists.map(({ prefix }) => prefix.length));
		let most = length.most ?? Infinity;
		if (prefixed > 0) {
			const tuple: Keywords[] = [];
			const wanted = Math.min(Math.max(prefixed, length.least), most);
			while (tuple.length < wanted) {
				const next = convert(tuple.length);
				if (!next) break;
				tuple.push(next);
			}
			if (tuple.length < length.least) return null;
			if (tuple.length > 0) return this.#define({ type: 'array', prefixItems: tuple });
			most = 0;
		}
		const items = most === 0 ? {} : convert(0);
		if (!items) most = 0;
		if (most < length.least) return null;
		return this.#define({
			type: 'array',
			items: items ?? {},
			...(length.least > 0 && { minItems: length.least }),
			...(most !== Infinity && { maxItems: most }),
		});
	}

	#object(parts: readonly Part[], depth: number): Converted {
		refuse(parts, ['patternProperties'], 'name the properties one by one');
		const narrow = given(parts, 'propertyNames').find(({ value }) => !fitsEveryName(value));
		if (narrow) throw unsupported(narrow.path, 'name the properties one by one');
		const { least, most } = counts(parts, 'minProperties', 'maxProperties');
		if (least > most) return null;
		const required = new Set(
			given(parts, 'required').flatMap(({ value, path }) => {
				if (typeof value === 'boolean') return []; // of draft 3
				if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value as string[];
				throw unsupported(path, 'it is no array of names');
			}),
		);
		const properties = parts.map(({ schema, path }) => {
			const own = schema.properties ?? {};
			if (!isObject(own)) throw unsupported(step(path, 'properties'), 'it is no object of schemas');
			return own;
		});
		const named = new Set(properties.flatMap((own) => Object.keys(own)));
		for (const { value, path } of given(parts, 'unevaluatedProperties'))
			if (value !== true && (named.size === 0 || [...required].some((name) => !named.has(name))))
				throw unsupported(path, 'use additionalProperties');
		const names = [...new Set([...named, ...required])];
		if (names.length === 0) return this.#map(parts, { least, most }, depth);
		const converted = new Map<string, Keywords>();
		for (const name of names) {
			const placed = parts.flatMap(({ schema, path }, i): Placed[] => {
				const own = properties[i] ?? {};
				if (Object.hasOwn(own, name))
					return [{ schema: own[name], path: step(step(path, 'properties'), name) }];
				if (schema.additionalProperties === undefined) return [];
				return [{ schema: schema.additionalProperties, path: step(path, 'additionalProperties') }];
			});
			const property = this.#convert(placed, new Set(), depth + 1);
			if (!property && required.has(name)) return null;
			if (!property) continue;
			if (new TextEncoder().encode(name).length > longestName)
				throw unsupported(parts[0]?.path ?? '', `a property's name is longer than ${longestName} bytes`);
			converted.set(name, property);
		}
		return this.#closed(parts, converted, required, { least, most });
	}

	/** An object of these properties alone. */
	#closed(
		parts: readonly Part[],
		properties: ReadonlyMap<string, Keywords>,
		asked: ReadonlySet<string>,
		{ least, most }: { least: number; most: number },
	): Converted {
		if (asked.size > most || properties.size < least) return null;
		const required = new Set(asked);
		for (const name of properties.keys()) if (required.size < least) required.add(name);
		const optional = [...properties.keys()].filter((name) => !required.has(name));
		const kept = new Set([...required, ...optional.slice(0, Math.max(0, most - required.size))]);
		const free = kept.size - required.size;
		this.#optionalCubed += free ** 3;
		if (free > mostOptional || this.#optionalCubed > mostOptionalCubed)
			throw unsupported(
				parts[0]?.path ?? '',
				`it has too many optional properties, of which an object can have ${mostOptional}; let more be required`,
			);
		return this.#define({
			type: 'object',
			properties: Object.fromEntries([...properties].filter(([name]) => kept.has(name))),
			required: [...required],
			additionalProperties: false,
		});
	}

	/** An object whose names the schema leaves open. */
	#map(parts: readonly Part[], { least, most }: { least: number; most: number }, depth: number): Converted {
		if (least > 0 || (most !== Infinity && most > 0))
			throw unsupported(
				[...given(parts, 'minProperties'), ...given(parts, 'maxProperties')][0]?.path ?? '',
				'where the names are open, entries cannot be counted',
			);
		const values = given(parts, 'additionalProperties').map(({ value, path }) => ({ schema: value, path }));
		const value = most === 0 ? null : this.#convert(values, new Set(), depth + 1);
		if (!value) return this.#define({ type: 'object', properties: {}, additionalProperties: false });
		return this.#define({ type: 'object', additionalProperties: value });
	}
}

const spoken: readonly string[] = Object.values(keywordsOf).flat();

/** Whether a keyword leaves all values as they are, where neither `const` nor `enum` is given. */
function isIdle(keyword: string): boolean {
	return !spoken.includes(keyword);
}

function refer(name: string): Keywords {
	return { $ref: `#/$defs/${name}` };
}

function union(parts: readonly Converted[]): Converted {
	const all = parts
		.filter((part) => part !== null)
		.flatMap((part) => (Array.isArray(part.anyOf) ? (part.anyOf as Keywords[]) : [part]));
	return all.length <= 1 ? (all[0] ?? null) : { anyOf: all };
}

function refuse(parts: readonly Part[], keywords: readonly string[], why: string): void {
	const [found] = keywords.flatMap((keyword) => given(parts, keyword));
	if (found) throw unsupported(found.path, why);
}

/** As Zod says it of a record: names are strings in any case. */
function fitsEveryName(schema: unknown): boolean {
	if (typeof schema === 'boolean') return schema;
	return (
		isObject(schema) &&
		Object.entries(schema).every(([keyword, value]) => keyword === 'type' && value === 'string')
	);
}

/** The types that fit, and whether a number has to be an integer. Without `type`, the keywords say what is meant. */
function typesOf(parts: readonly Part[]): { types: readonly Type[]; integer: boolean } {
	let types: readonly Type[] = everyType;
	let integer = false;
	let isGiven = false;
	for (const { value, path } of given(parts, 'type')) {
		const own: unknown[] = Array.isArray(value) ? value : [value];
		for (const type of own)
			if (type !== 'integer' && !everyType.includes(type as Type))
				throw unsupported(path, `its types are ${everyType.join(', ')} and integer`);
		integer ||= own.includes('integer') && !own.includes('number');
		types = types.filter((type) => own.includes(type) || (type === 'number' && own.includes('integer')));
		isGiven = true;
	}
	if (isGiven) return { types, integer };
	const meant = types.filter(
		(type) =>
			type in keywordsOf &&
			keywordsOf[type as keyof typeof keywordsOf].some((keyword) => given(parts, keyword).length > 0),
	);
	const isListed = given(parts, 'const').length + given(parts, 'enum').length > 0;
	return { types: meant.length > 0 && !isListed ? meant : types, integer };
}

/** The schemas of an array's items: those of the first, and of all others. */
function itemsOf({ schema, path }: Part): { prefix: readonly Placed[]; rest: Placed | undefined } {
	const { items, prefixItems, additionalItems } = schema;
	const keyword = prefixItems !== undefined ? 'prefixItems' : Array.isArray(items) ? 'items' : undefined;
	const list = keyword === undefined ? [] : schema[keyword];
	if (!Array.isArray(list)) throw unsupported(step(path, 'prefixItems'), 'it is no array of schemas');
	const prefix = list.map((one, i) => ({ schema: one, path: step(step(path, keyword ?? ''), i) }));
	const [name, rest] = Array.isArray(items) ? ['additionalItems', additionalItems] : ['items', items];
	return {
		prefix,
		rest: rest === undefined ? undefined : { schema: rest, path: step(path, name as string) },
	};
}
