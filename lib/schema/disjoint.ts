import { isObject, type Placed } from './json-schema.js';
import { resolve } from './resolve.js';

type Resolve = (placed: Placed) => Placed;

/** Whether no value fits both schemas, as far as that can be told: by types, constants or a property's constant. */
export function disjoint(root: Placed, one: Placed, other: Placed): boolean {
	const follow: Resolve = (placed) => {
		let found = placed;
		for (let i = 0; i < 16 && isObject(found.schema) && found.schema.$ref !== undefined; i++)
			found = resolve(root, found.schema.$ref, found.path);
		return found;
	};
	return apart(follow, one, other, 0);
}

function apart(follow: Resolve, one: Placed, other: Placed, depth: number): boolean {
	const [a, b] = [follow(one).schema, follow(other).schema];
	if (a === false || b === false) return true;
	if (!isObject(a) || !isObject(b)) return false;
	const [values, others] = [constants(a), constants(b)];
	if (values && others) {
		const known = new Set(others.map(canonical));
		return !values.some((value) => known.has(canonical(value)));
	}
	const [types, otherTypes] = [typesOf(a, values), typesOf(b, others)];
	if (types && otherTypes && !types.some((type) => otherTypes.some((same) => meet(type, same)))) return true;
	if (depth > 4 || !isObject(a.properties) || !isObject(b.properties)) return false;
	const required = (schema: typeof a, name: string) =>
		Array.isArray(schema.required) && schema.required.includes(name);
	const isOf = (schema: typeof a) => typesOf(schema, undefined)?.join() === 'object';
	if (!isOf(a) || !isOf(b)) return false;
	return Object.entries(a.properties).some(
		([name, schema]) =>
			required(a, name) &&
			required(b, name) &&
			isObject(b.properties) &&
			Object.hasOwn(b.properties, name) &&
			apart(follow, { schema, path: one.path }, { schema: b.properties[name], path: other.path }, depth + 1),
	);
}

/** The values that a schema lists as `const` or `enum`; undefined where it lists none. */
export function constants(schema: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
	if ('const' in schema) return [schema.const];
	return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function typesOf(
	schema: Readonly<Record<string, unknown>>,
	values: readonly unknown[] | undefined,
): readonly unknown[] | undefined {
	if (values) return values.map(typeOf);
	if (Array.isArray(schema.type)) return schema.type;
	return typeof schema.type === 'string' ? [schema.type] : undefined;
}

function meet(one: unknown, other: unknown): boolean {
	const isNumber = (type: unknown) => type === 'number' || type === 'integer';
	return one === other || (isNumber(one) && isNumber(other));
}

/** The JSON type of a value; an integer's is `integer`. */
export function typeOf(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'array';
	if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
	return typeof value;
}

/** A value of JSON as a text that equal values have, whatever the order of an object's entries. */
export function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
	if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
	const names = Object.keys(value).sort();
	return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}
