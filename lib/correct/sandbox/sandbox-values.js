import { formatWithOptions, inspect } from 'node:util';

/** @param {string} text */
const shown = (text) => ({ [inspect.custom]: () => text });

// A heap that cannot hold what is made here may end the whole process, and not this thread alone: V8 does so where one
// large allocation fails. So there are bounds of all that a program can ask for.

/** Brackets and commas of one line, those in texts aside. Each stands for a kilobyte of the heap at most. */
const mostMarks = 2 ** 18;
/** Items of one line that only stand for those that Node does not show, but counts. */
const mostUnshown = 2 ** 20;
/** Bytes of one line's typed arrays and buffers. */
const mostTypedBytes = 2 ** 27;

/** What one line may still take. */
let unshown = 0;
let typedBytes = 0;

/** Whether encoded values are so many that they are not to be made again. @param {string} json */
function hasTooManyMarks(json) {
	if (json.length < mostMarks) return false;
	let marks = 0;
	let isText = false;
	for (let i = 0; i < json.length; i++) {
		const code = json.charCodeAt(i);
		if (code === 0x22) isText = !isText;
		else if (isText && code === 0x5c) i++;
		else if (!isText && (code === 0x2c || code === 0x5b) && ++marks > mostMarks) return true;
	}
	return false;
}

/** A container that would take too much, as Node shows one that it does not go into. */
const notShown = (name, size) => shown(`[${name}(${Number(size)})]`);

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

/** Whether a line may have so many more items that are not shown. @param {number} count */
function takeUnshown(count) {
	if (!(count <= unshown)) return false;
	unshown -= Math.max(0, count);
	return true;
}

/** Whether a line may have so many more bytes in typed arrays. @param {number} count */
function takeBytes(count) {
	if (!(count <= typedBytes)) return false;
	typedBytes -= Math.max(0, count);
	return true;
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
			// From this length on, V8 allocates no holes, and keeps to that when the length shrinks.
			array.length = 2 ** 32 - 1;
			// Holes at the end may stand for what was not sent: Node counts them in "more items".
			array.length = Math.min(Number(length), 2 ** 32 - 1);
			return filled(array, Array, rest, (inside) => {
				for (const [index, item] of items) addProperties(array, [[String(index), item]], inside);
			});
		}
		case 'map': {
			const [size, items, ...rest] = parts;
			if (!takeUnshown(size - items.length)) return notShown('Map', size);
			const map = new Map();
			return filled(map, Map, rest, (inside) => {
				for (const [key, value] of items) map.set(inside(key), inside(value));
				while (map.size < size) map.set({}, undefined);
			});
		}
		case 'set': {
			const [size, items, ...rest] = parts;
			if (!takeUnshown(size - items.length)) return notShown('Set', size);
			const set = new Set();
			return filled(set, Set, rest, (inside) => {
				for (const item of items) set.add(inside(item));
				while (set.size < size) set.add({});
			});
		}
		case 'typed': {
			const [name, length, items, ...rest] = parts;
			const type = typedArrays.find((known) => known.name === name) ?? Uint8Array;
			if (!takeBytes(length * type.BYTES_PER_ELEMENT)) return notShown(type.name, length);
			const array = new type(length);
			items.forEach((item, i) => {
				array[i] = decode(item);
			});
			return filled(array, type, rest);
		}
		case 'buffer': {
			const [length, bytes, ...rest] = parts;
			if (!takeBytes(length)) return notShown('ArrayBuffer', length);
			const buffer = new ArrayBuffer(length);
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

/**
 * The line that Node's console would print; undefined where it has too many values.
 *
 * @param {string} json encoded arguments
 */
export function formatLine(json) {
	if (hasTooManyMarks(json)) return undefined;
	unshown = mostUnshown;
	typedBytes = mostTypedBytes;
	try {
		return `${formatWithOptions({ colors: false }, ...JSON.parse(json).map((value) => decode(value)))}\n`;
	} catch {
		// A program that changes the built-in objects can spoil the encoding: of its own output only.
		return '\n';
	}
}
