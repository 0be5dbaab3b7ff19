import { formatWithOptions, inspect } from 'node:util';

/** @param {string} text */
const shown = (text) => ({ [inspect.custom]: () => text });

/** Longest typed array and buffer that is made again: Node says how many items it leaves out. */
const longestTyped = 2 ** 24;

/** A class of some name, for Node to print. @param {string} name @param {Function} [base] */
function classOf(name, base) {
	return base === undefined ? { [name]: class {} }[name] : { [name]: class extends base {} }[name];
}

/** Gives a container the class of that name. @param {object} container @param {Function} base @param {unknown} name */
function named(container, base, name) {
	if (name === null) return Object.setPrototypeOf(container, null);
	if (name === base.name) return container;
	const own = base === Object ? classOf(String(name)) : classOf(String(name), base);
	return Object.setPrototypeOf(container, own.prototype);
}

const functions = {
	Function: () => () => {},
	AsyncFunction: () => async () => {},
	GeneratorFunction: () => function* () {},
	AsyncGeneratorFunction: () => async function* () {},
};

/** @param {string} kind @param {string} name @param {string} extended the name of the class it extends */
function functionOf(kind, name, extended) {
	const base = kind === 'class' && extended !== '' ? classOf(extended) : undefined;
	const made = kind === 'class' ? classOf('', base) : (functions[kind] ?? functions.Function)();
	return Object.defineProperty(made, 'name', { value: name, configurable: true });
}

const typedArrays = [
	...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
	...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
];

/** @param {string} state @param {unknown} result */
function settled(state, result) {
	const promise = state === 'rejected' ? Promise.reject(result) : Promise.resolve(result);
	promise.catch(() => {});
	return promise;
}

/** Adds what a container holds to be shown beside its items. */
function addProperties(container, pairs, decode) {
	for (const [key, value] of pairs) {
		const [tag, hasGet, hasSet] = Array.isArray(value) ? value : [];
		const content =
			tag === 'accessor'
				? { ...(hasGet && { get: () => undefined }), ...(hasSet && { set: () => {} }) }
				: { value: decode(value), writable: true };
		Object.defineProperty(container, decode(key), { ...content, enumerable: true, configurable: true });
	}
}

/** Undoes the guest's `encode`, into plain data whatever the guest sent. @param {unknown} encoded */
function decode(encoded, path = []) {
	if (!Array.isArray(encoded)) return typeof encoded === 'object' ? null : encoded;
	const [tag, ...parts] = encoded;
	/** Items may refer to what they are in. */
	const filled = (container, base, [name, pairs], fill = () => {}) => {
		const inside = (item) => decode(item, [...path, container]);
		fill(inside);
		addProperties(container, pairs, inside);
		return named(container, base, name);
	};
	switch (tag) {
		case 'number':
			return Number(parts[0]);
		case 'bigint':
			return BigInt(parts[0]);
		case 'symbol':
			return parts[1] ? Symbol.toStringTag : Symbol(...(typeof parts[0] === 'string' ? [parts[0]] : []));
		case 'ref':
			return path[parts[0]];
		case 'shown':
			return shown(String(parts[0]));
		case 'function': {
			const [kind, name, extended, pairs] = parts;
			const made = functionOf(kind, String(name), String(extended));
			addProperties(made, pairs, (item) => decode(item, [...path, made]));
			return made;
		}
		case 'date':
			return filled(new Date(decode(parts[0])), Date, parts.slice(1));
		case 'boxed': {
			const box = Object(decode(parts[0]));
			return filled(box, box.constructor, parts.slice(1));
		}
		case 'array': {
			const [length, items, ...rest] = parts;
			const array = [];
			return filled(array, Array, rest, (inside) => {
				for (const [index, item] of items) addProperties(array, [[String(index), item]], inside);
				// Holes at the end may stand for what was not sent: Node counts them in "more items".
				array.length = Math.min(Math.max(array.length, Number(length)), 2 ** 32 - 1);
			});
		}
		case 'map': {
			const [size, items, ...rest] = parts;
			const map = new Map();
			return filled(map, Map, rest, (inside) => {
				for (const [key, value] of items) map.set(inside(key), inside(value));
				while (map.size < Math.min(size, longestTyped)) map.set({}, undefined);
			});
		}
		case 'set': {
			const [size, items, ...rest] = parts;
			const set = new Set();
			return filled(set, Set, rest, (inside) => {
				for (const item of items) set.add(inside(item));
				while (set.size < Math.min(size, longestTyped)) set.add({});
			});
		}
		case 'typed': {
			const [name, length, items, ...rest] = parts;
			const type = typedArrays.find((known) => known.name === name) ?? Uint8Array;
			const array = new type(Math.min(length, longestTyped));
			items.forEach((item, i) => {
				array[i] = decode(item);
			});
			return filled(array, type, rest);
		}
		case 'buffer': {
			const [length, bytes, ...rest] = parts;
			const buffer = new ArrayBuffer(Math.min(length, longestTyped));
			new Uint8Array(buffer).set(bytes);
			return filled(buffer, ArrayBuffer, rest);
		}
		case 'promise': {
			const [state, result, ...rest] = parts;
			const promise = state === 'pending' ? new Promise(() => {}) : settled(state, decode(result, path));
			return filled(promise, Promise, rest);
		}
		case 'object': {
			const [tagName, ...rest] = parts;
			const object = {};
			const made = filled(object, Object, rest);
			if (tagName !== '' && !Object.hasOwn(made, Symbol.toStringTag))
				Object.defineProperty(made, Symbol.toStringTag, { value: tagName });
			return made;
		}
		default:
			return undefined;
	}
}

/** The line that Node's console would print. @param {string} json encoded arguments */
export function formatLine(json) {
	try {
		return `${formatWithOptions({ colors: false }, ...JSON.parse(json).map((value) => decode(value)))}\n`;
	} catch {
		// A program that changes the built-in objects can spoil the encoding: of its own output only.
		return '\n';
	}
}
