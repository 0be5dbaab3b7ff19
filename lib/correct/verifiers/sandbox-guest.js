// Runs inside QuickJS, as source text: it must use nothing but the language.

/**
 * Gives the global object a console and timers, and returns what the host needs. What the program does to the
 * built-in objects reaches these functions too, so nothing they say is trusted by the host.
 *
 * @param {(stream: number, values: string) => void} write takes the encoded arguments of a console call
 */
export function prepareGuest(write) {
	// Taken before the program runs, which may put others in their place.
	const { stringify } = JSON;
	const { defineProperty, entries, getPrototypeOf, setPrototypeOf } = Object;
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
	};
	const forEachOfMap = unbound(Map.prototype.forEach);
	const forEachOfSet = unbound(Set.prototype.forEach);
	const errorText = unbound(Error.prototype.toString);
	const regExpText = unbound(RegExp.prototype.toString);
	const dateTime = unbound(Date.prototype.getTime);
	const resolved = Promise.resolve();
	const then = unbound(Promise.prototype.then);

	/** What `work` gives, or `otherwise` where a getter or a trap of the program's throws. */
	const attempt = (work, otherwise) => {
		try {
			return work();
		} catch {
			return otherwise;
		}
	};

	/** An array that inherits nothing: no setter and no `toJSON` of the program's. */
	const list = (...items) => setPrototypeOf(items, null);

	/**
	 * A value as JSON: strings, booleans, null and plain numbers as they are, all else as `[tag, …]`. Node shows three
	 * levels and 100 items of it; a little more is sent so that Node itself can say what it leaves out.
	 */
	const encoder = (most, deepest) =>
		function encode(value, path = list()) {
			if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
			if (value === 0 && 1 / value < 0) return list('number', '-0');
			if (typeof value === 'number') return isPlain(value) ? value : list('number', toText(value));
			if (typeof value === 'bigint') return list('bigint', toText(value));
			if (typeof value === 'undefined') return list('undefined');
			if (typeof value === 'symbol') return list('shown', toText(value));
			if (typeof value === 'function') return list('shown', `[Function: ${value.name || '(anonymous)'}]`);
			const inside = list();
			for (let i = 0; i < path.length; i++) {
				if (path[i] === value) return list('shown', '[Circular *1]');
				inside[i] = path[i];
			}
			inside[path.length] = value;
			const limit = path.length > deepest ? 1 : most;
			const encoded = list();
			if (isArray(value)) {
				for (let i = 0; i < value.length && i < limit; i++) encoded[i] = encode(value[i], inside);
				return list('array', encoded, value.length);
			}
			/** Of maps and objects all is sent but where it is deep: the host sorts out what to show. */
			const add = (key, item) => {
				if (path.length > deepest && encoded.length > 0) return;
				encoded[encoded.length] = list(encode(key, inside), encode(item, inside));
			};
			if (isA(prototypes.Map, value)) {
				forEachOfMap(value, (item, key) => add(key, item));
				return list('map', encoded);
			}
			if (isA(prototypes.Set, value)) {
				forEachOfSet(value, (item) => {
					if (encoded.length < limit) encoded[encoded.length] = encode(item, inside);
				});
				return list('set', encoded);
			}
			if (isA(prototypes.Error, value)) return list('shown', errorText(value));
			if (isA(prototypes.RegExp, value)) return list('shown', regExpText(value));
			if (isA(prototypes.Date, value)) return list('date', dateTime(value));
			if (isA(prototypes.Promise, value)) return list('shown', 'Promise {}');
			const prototype = getPrototypeOf(value);
			const name = prototype === null ? null : `${prototype.constructor?.name ?? 'Object'}`;
			const pairs = entries(value);
			for (let i = 0; i < pairs.length; i++) add(pairs[i][0], pairs[i][1]);
			return list('object', name, encoded);
		};

	/** Whether two encoded values are the same. */
	const isSame = (one, other) => {
		if (!isArray(one) || !isArray(other)) return one === other || (isNoNumber(one) && isNoNumber(other));
		if (one.length !== other.length) return false;
		for (let i = 0; i < one.length; i++) if (!isSame(one[i], other[i])) return false;
		return true;
	};
	const encode = encoder(110, 3);
	const encodeWhole = encoder(Infinity, Infinity);
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
		 * may say that memory has run out.
		 */
		describe(thrown) {
			if (!attempt(() => isA(prototypes.Error, thrown), false))
				return stringify({ text: '', values: stringify(list(encode(thrown))), isNull: thrown === null });
			return stringify({
				text: attempt(() => errorText(thrown), 'Error'),
				stack: attempt(() => `${thrown.stack}`, ''),
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
