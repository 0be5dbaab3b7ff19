import { isObject, type Placed, step } from './json-schema.js';
import { unsupported } from './unsupported.js';

/** Finds what a `$ref` means: a place of the same document, by a JSON Pointer (RFC 6901). */
export function resolve(root: Placed, ref: unknown, path: string): Placed {
	if (typeof ref !== 'string' || !/^#(\/|$)/.test(ref))
		throw unsupported(
			path,
			'a $ref can name a place of the same schema alone, such as #/$defs/name; nothing is fetched',
		);
	let found = root;
	for (const part of pointer(ref, path)) {
		const { schema } = found;
		const inner =
			Array.isArray(schema) && /^(0|[1-9]\d*)$/.test(part)
				? schema[Number(part)]
				: isObject(schema) && Object.hasOwn(schema, part)
					? schema[part]
					: undefined;
		if (inner === undefined) throw unsupported(path, `nothing is at ${ref}`);
		found = { schema: inner, path: step(found.path, part) };
	}
	return found;
}

function pointer(ref: string, path: string): string[] {
	try {
		return decodeURIComponent(ref.slice(1))
			.split('/')
			.slice(1)
			.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
	} catch {
		throw unsupported(path, `${ref} is no JSON Pointer`);
	}
}
