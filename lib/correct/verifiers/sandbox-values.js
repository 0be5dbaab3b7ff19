import { formatWithOptions, inspect } from 'node:util';

/** @param {string} text */
const shown = (text) => ({ [inspect.custom]: () => text });

/** An object that Node prints under the name of its class. @param {string | null} name */
function instanceOf(name) {
	if (name === null) return Object.create(null);
	if (name === 'Object') return {};
	return new { [name]: class {} }[name]();
}

/** Undoes the guest's `encode`, into plain data whatever the guest sent. @param {unknown} encoded */
function decode(encoded) {
	if (!Array.isArray(encoded)) return typeof encoded === 'object' ? null : encoded;
	const [tag, first, second] = encoded;
	switch (tag) {
		case 'number':
			return Number(first);
		case 'bigint':
			return BigInt(first);
		case 'shown':
			return shown(String(first));
		case 'date':
			return new Date(first);
		case 'array': {
			const items = first.map(decode);
			// Holes at the end stand for what was not sent: Node counts them in "more items".
			if (items.length > 100) items.length = Math.min(Math.max(items.length, Number(second)), 2 ** 32 - 1);
			return items;
		}
		case 'map':
			return new Map(first.map(([key, value]) => [decode(key), decode(value)]));
		case 'set':
			return new Set(first.map(decode));
		case 'object': {
			const object = instanceOf(first === null ? null : String(first));
			for (const [key, value] of second)
				Object.defineProperty(object, key, { value: decode(value), enumerable: true });
			return object;
		}
		default:
			return undefined;
	}
}

/** The line that Node's console would print. @param {string} json encoded arguments */
export function formatLine(json) {
	try {
		return `${formatWithOptions({ colors: false }, ...JSON.parse(json).map(decode))}\n`;
	} catch {
		// A program that changes the built-in objects can spoil the encoding: of its own output only.
		return '\n';
	}
}
