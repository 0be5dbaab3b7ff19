// Runs inside QuickJS, as source text: it must use nothing but the language.

/**
 * Gives the global object a console and timers, and returns what the host needs. What the program does to the
 * built-in objects reaches these functions too, so nothing they say is trusted by the host.
 *
 * @param {(stream: number, values: string) => void} write takes the encoded arguments of a console call
 * @param {(promise: Promise<unknown>) => 'pending' | 'fulfilled' | 'rejected'} stateOf
 * @param {(promise: Promise<unknown>) => unknown} resultOf what a promise was fulfilled or rejected with
 */
export function prepareGuest(write, stateOf, resultOf) {
	// Taken before the program runs, which may put others in their place.
	const { stringify } = JSON;
	const {
		defineProperty,
		entries,
		getOwnPropertyDescriptor: descriptorOf,
		getPrototypeOf,
		setPrototypeOf,
	} = Object;
	const { ownKeys } = Reflect;
	const { toStringTag } = Symbol;
	const { isArray } = Array;
	const { isFinite: isPlain, isNaN: isNoNumber } = Number;
	const { call } = Function.prototype;
	const toText = String;
	/** @param {Function} method to be called with its object as the first argument */
	const unbound = (method) => call.bind(method);
	const isA = unbound(Object.prototype.isPrototypeOf);
	const prototypes = {
		Map: Map.prototype,
		Set: Set.prototype,
		Error: Error.prototype,
		InternalError: InternalError.prototype,
		RegExp: RegExp.prototype,
		Date: Date.prototype,
		Promise: Promise.prototype,
		WeakMap: WeakMap.prototype,
		WeakSet: WeakSet.prototype,
		ArrayBuffer: ArrayBuffer.prototype,
	};
	const Bytes = Uint8Array;
	const typedPrototype = getPrototypeOf(Uint8Array.prototype);
	const getter = (prototype, name) => unbound(descriptorOf(prototype, name).get);
	const typedLength = getter(typedPrototype, 'length');
	const typedName = getter(typedPrototype, toStringTag);
	const sizeOfMap = getter(Map.prototype, 'size');
	const sizeOfSet = getter(Set.prototype, 'size');
	const symbolText = getter(Symbol.prototype, 'description');
	const functionText = unbound(Function.prototype.toString);
	const startsWith = unbound(String.prototype.startsWith);
	const slice = unbound(String.prototype.slice);
	const forEachOfMap = unbound(Map.prototype.forEach);
	const forEachOfSet = unbound(Set.prototype.forEach);
	const errorText = unbound(Error.prototype.toString);
	const regExpText = unbound(RegExp.prototype.toString);
	const dateTime = unbound(Date.prototype.getTime);
	const resolved = Promise.resolve();
	const then = unbound(Promise.prototype.then);

	/** An array that inherits nothing: no setter and no `toJSON` of the program's. */
	const list = (...items) => setPrototypeOf(items, null);

	/** The classes of objects around one simple value. */
	const boxes = list();
	for (const { prototype } of [Number, String, Boolean, Symbol, BigInt])
		boxes[boxes.length] = { prototype, valueOf: unbound(prototype.valueOf) };
	const functionKinds = list(
		{ name: 'AsyncFunction', prototype: getPrototypeOf(async () => {}) },
		{ name: 'GeneratorFunction', prototype: getPrototypeOf(function* () {}) },
		{ name: 'AsyncGeneratorFunction', prototype: getPrototypeOf(async function* () {}) },
	);

	/** What `work` gives, or `otherwise` where a getter or a trap of the program's throws. */
	const attempt = (work, otherwise) => {
		try {
			return work();
		} catch {
			return otherwise;
		}
	};

	const encodeNumber = (value) => {
		if (value === 0 && 1 / value < 0) return list('number', '-0');
		return isPlain(value) ? value : list('number', toText(value));
	};
	/** Whether `encodeSimple` has it. */
	const isSimple = (value) =>
		value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');
	const encodeSimple = (value) => {
		if (typeof value === 'number') return encodeNumber(value);
		if (typeof value === 'bigint') return list('bigint', toText(value));
		return typeof value === 'undefined' ? list('undefined') : value;
	};
	const placeOf = (path, value) => {
		for (let i = 0; i < path.length; i++) if (path[i] === value) return i;
		return -1;
	};
	const append = (path, value) => {
		const longer = list();
		for (let i = 0; i < path.length; i++) longer[i] = path[i];
		longer[path.length] = value;
		return longer;
	};

	/** All of a value, for comparison: what is simple as it is or as `[tag, text]`, all else as `[tag, …]`. */
	const encodeWhole = (value, path = list()) => {
		if (isSimple(value)) return encodeSimple(value);
		if (typeof value === 'symbol') return list('symbol', toText(value));
		if (typeof value === 'function') return list('function', `${value.name}`);
		const circular = placeOf(path, value);
		if (circular >= 0) return list('ref', circular);
		const inside = append(path, value);
		const encoded = list();
		const add = (item) => {
			encoded[encoded.length] = item;
		};
		if (isArray(value)) {
			for (let i = 0; i < value.length; i++) add(encodeWhole(value[i], inside));
			return list('array', encoded);
		}
		const addPair = (key, item) => add(list(encodeWhole(key, inside), encodeWhole(item, inside)));
		if (isA(prototypes.Map, value)) {
			forEachOfMap(value, (item, key) => addPair(key, item));
			return list('map', encoded);
		}
		if (isA(prototypes.Set, value)) {
			forEachOfSet(value, (item) => add(encodeWhole(item, inside)));
			return list('set', encoded);
		}
		if (isA(prototypes.Error, value)) return list('error', errorText(value));
		if (isA(prototypes.RegExp, value)) return list('regexp', regExpText(value));
		if (isA(prototypes.Date, value)) return list('date', dateTime(value));
		if (isA(prototypes.Promise, value)) return list('promise');
		const prototype = getPrototypeOf(value);
		const name = prototype === null ? null : `${prototype.constructor?.name ?? 'Object'}`;
		const pairs = entries(value);
		for (let i = 0; i < pairs.length; i++) addPair(pairs[i][0], pairs[i][1]);
		return list('object', name, encoded);
	};

	/** Node shows three levels and 100 items; a little more is sent so that Node itself can say what it leaves out. */
	const mostShown = 110;
	const deepestShown = 3;
	/** Arrays up to this length are looked through for properties beside their items. */
	const longestSearched = 10_000;

	/** The name of a function, without a call of what the program may have put in its place. */
	const functionName = (value) => {
		const name = descriptorOf(value, 'name')?.value;
		return typeof name === 'string' ? name : '';
	};
	/** The class that Node names an object after; null where it inherits from none. */
	const className = (value) => {
		for (let at = value; at !== null; at = getPrototypeOf(at)) {
			const maker = descriptorOf(at, 'constructor')?.value;
			if (typeof maker !== 'function' || functionName(maker) === '') continue;
			const prototype = descriptorOf(maker, 'prototype')?.value;
			if (!isSimple(prototype) && isA(prototype, value)) return functionName(maker);
		}
		return null;
	};
	const tagName = (value) => {
		const tag = attempt(() => value[toStringTag], '');
		return typeof tag === 'string' ? tag : '';
	};
	const functionKind = (value) => {
		if (startsWith(functionText(value), 'class')) return 'class';
		for (let i = 0; i < functionKinds.length; i++)
			if (isA(functionKinds[i].prototype, value)) return functionKinds[i].name;
		return 'Function';
	};
	const isIndex = (key) => typeof key === 'string' && toText(key >>> 0) === key;

	/** A value as Node's console shows it, without a call of its getters. */
	const encode = (value, path = list()) => {
		if (isSimple(value)) return encodeSimple(value);
		if (typeof value === 'symbol') return list('symbol', symbolText(value), value === toStringTag);
		const circular = placeOf(path, value);
		if (circular >= 0) return list('ref', circular);
		const inside = append(path, value);
		const limit = path.length > deepestShown ? 1 : mostShown;
		const property = ({ get, set, value: item }) =>
			get || set ? list('accessor', get !== undefined, set !== undefined) : encode(item, inside);
		const properties = (keys, skips = () => false) => {
			const pairs = list();
			for (let i = 0; i < keys.length && (limit > 1 || pairs.length === 0); i++) {
				const described = skips(keys[i]) ? undefined : descriptorOf(value, keys[i]);
				if (described?.enumerable) pairs[pairs.length] = list(encode(keys[i]), property(described));
			}
			return pairs;
		};
		const none = list();
		const name = className(value);

		if (typeof value === 'function') {
			const parent = getPrototypeOf(value);
			const extended = typeof parent === 'function' ? functionName(parent) : '';
			return list('function', functionKind(value), functionName(value), extended, properties(ownKeys(value)));
		}
		if (isArray(value)) {
			const { length } = value;
			const items = list();
			const take = (key) => {
				items[items.length] = list(+key, property(descriptorOf(value, key)));
			};
			let dense = 0;
			for (; dense < length && dense < limit && descriptorOf(value, dense); dense++) take(dense);
			const isSearched = dense < limit || length <= longestSearched;
			const all = isSearched ? ownKeys(value) : none;
			for (let i = 0; i < all.length && items.length < limit; i++)
				if (isIndex(all[i]) && +all[i] >= dense) take(all[i]);
			return list(
				'array',
				length,
				items,
				name,
				properties(all, (key) => isIndex(key) || key === 'length'),
			);
		}
		const special = attempt(() => encodeBuiltIn(value, inside, limit), undefined);
		if (special !== undefined) {
			const isText = special[0] === 'boxed' && typeof special[1] === 'string';
			const isList = special[0] === 'typed';
			const own = isList && special[2] > longestSearched ? none : ownKeys(value);
			special[special.length] = name;
			special[special.length] = properties(own, (key) => (isText || isList) && isIndex(key));
			return special;
		}
		return list('object', tagName(value), name, properties(ownKeys(value)));
	};

	/** What its own methods know of an object of a built-in class; they throw where it only says to be one. */
	const encodeBuiltIn = (value, inside, limit) => {
		const encoded = list();
		const add = (item) => {
			if (encoded.length < limit) encoded[encoded.length] = item();
		};
		if (isA(prototypes.Map, value)) {
			forEachOfMap(value, (item, key) => add(() => list(encode(key, inside), encode(item, inside))));
			return list('map', sizeOfMap(value), encoded);
		}
		if (isA(prototypes.Set, value)) {
			forEachOfSet(value, (item) => add(() => encode(item, inside)));
			return list('set', sizeOfSet(value), encoded);
		}
		if (isA(prototypes.Error, value))
			return list(
				'shown',
				attempt(() => errorText(value), 'Error'),
			);
		if (isA(prototypes.RegExp, value)) return list('shown', regExpText(value));
		if (isA(prototypes.Date, value)) return list('date', encodeNumber(dateTime(value)));
		if (isA(prototypes.Promise, value)) {
			const state = stateOf(value);
			return list('promise', state, state === 'pending' ? null : encode(resultOf(value), inside));
		}
		if (isA(prototypes.WeakMap, value)) return list('shown', 'WeakMap { <items unknown> }');
		if (isA(prototypes.WeakSet, value)) return list('shown', 'WeakSet { <items unknown> }');
		if (isA(prototypes.ArrayBuffer, value)) {
			const bytes = new Bytes(value);
			for (let i = 0; i < bytes.length && i < limit; i++) encoded[i] = bytes[i];
			return list('buffer', bytes.length, encoded);
		}
		if (isA(typedPrototype, value)) {
			const length = typedLength(value);
			for (let i = 0; i < length && i < limit; i++) encoded[i] = encodeSimple(value[i]);
			return list('typed', typedName(value), length, encoded);
		}
		for (let i = 0; i < boxes.length; i++)
			if (isA(boxes[i].prototype, value)) return list('boxed', encode(boxes[i].valueOf(value)));
		return undefined;
	};

	/** Whether two encoded values are the same. */
	const isSame = (one, other) => {
		if (!isArray(one) || !isArray(other)) return one === other || (isNoNumber(one) && isNoNumber(other));
		if (one.length !== other.length) return false;
		for (let i = 0; i < one.length; i++) if (!isSame(one[i], other[i])) return false;
		return true;
	};
	const print =
		(stream) =>
		(...values) => {
			const encoded = list();
			for (let i = 0; i < values.length; i++) encoded[i] = encode(values[i]);
			write(stream, stringify(encoded));
		};

	const log = print(1);
	const warn = print(2);
	globalThis.console = { log, info: log, debug: log, error: warn, warn, trace: warn };

	/** Timers run in the order in which they are due, without waiting. */
	let now = 0;
	let count = 0;
	const timers = new Map();
	const start =
		(repeat) =>
		(action, delay, ...args) => {
			const after = Math.max(1, Number(delay) || 0);
			timers.set(++count, { due: now + after, every: repeat ? after : 0, action, args });
			return count;
		};
	const stop = (id) => void timers.delete(id);
	Object.assign(globalThis, {
		setTimeout: start(false),
		setInterval: start(true),
		setImmediate: (action, ...args) => start(false)(action, 0, ...args),
		clearTimeout: stop,
		clearInterval: stop,
		clearImmediate: stop,
		queueMicrotask: (action) => void then(resolved, () => void action()),
	});

	/** What a failed test was given instead, for the host to show. */
	const given = new WeakMap();
	const getGiven = unbound(WeakMap.prototype.get);
	const hasGiven = unbound(WeakMap.prototype.has);
	const setGiven = unbound(WeakMap.prototype.set);
	const assert = (condition, message = 'it is not so') => {
		if (!condition) throw new Error(`${message}`);
	};
	/** Equal by structure; the order of an object's properties counts. */
	assert.equal = (value, expected, message) => {
		if (isSame(encodeWhole(value), encodeWhole(expected))) return;
		const error = new Error(message ?? 'got');
		if (message === undefined) setGiven(given, error, value);
		throw error;
	};

	return {
		/** Runs the next timer; false where there is none. */
		nextTimer() {
			let next = null;
			for (const [id, timer] of timers) if (next === null || timer.due < next.timer.due) next = { id, timer };
			if (next === null) return false;
			const { id, timer } = next;
			now = timer.due;
			if (timer.every > 0) timer.due += timer.every;
			else timers.delete(id);
			timer.action(...timer.args);
			return true;
		},
		/**
		 * What was thrown, as JSON: the text of an error and where it was made, or encoded values to show, and whether it
		 * may say that memory has run out. Texts are cut at `longest` characters.
		 */
		describe(thrown, longest) {
			const short = (text) => slice(text, 0, longest);
			if (typeof thrown === 'string') return stringify({ text: short(thrown) });
			if (!attempt(() => isA(prototypes.Error, thrown), false))
				return stringify({ text: '', values: stringify(list(encode(thrown))), isNull: thrown === null });
			return stringify({
				text: attempt(() => short(errorText(thrown)), 'Error'),
				stack: attempt(() => short(`${thrown.stack}`), ''),
				values: hasGiven(given, thrown) ? stringify(list(encode(getGiven(given, thrown)))) : undefined,
				isMemoryError: attempt(
					() => isA(prototypes.InternalError, thrown) && thrown.message === 'out of memory',
					false,
				),
			});
		},
		/** Gives the exports of a module to the tests, as names like those of a script. */
		share(exports) {
			const pairs = entries(exports);
			for (let i = 0; i < pairs.length; i++)
				defineProperty(globalThis, pairs[i][0], { value: pairs[i][1], configurable: true, writable: true });
		},
		assert,
	};
}
