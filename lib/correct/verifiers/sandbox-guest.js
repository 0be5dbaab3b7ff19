// Runs inside QuickJS, as source text: it must use nothing but the language.

/**
 * Gives the global object a console and timers, and returns what the host needs. What the program does to the
 * built-in objects reaches these functions too, so nothing they say is trusted by the host.
 *
 * @param {(stream: number, values: string) => void} write takes the encoded arguments of a console call
 */
export function prepareGuest(write) {
	const { stringify } = JSON;

	/**
	 * A value as JSON: strings, booleans, null and plain numbers as they are, all else as `[tag, …]`. Node shows three
	 * levels and 100 items of it; a little more is sent so that Node itself can say what it leaves out.
	 */
	const encoder = (most, deepest) =>
		function encode(value, path = []) {
			if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
			if (Object.is(value, -0)) return ['number', '-0'];
			if (typeof value === 'number') return Number.isFinite(value) ? value : ['number', `${value}`];
			if (typeof value === 'bigint') return ['bigint', `${value}`];
			if (typeof value === 'undefined') return ['undefined'];
			if (typeof value === 'symbol') return ['shown', value.toString()];
			if (typeof value === 'function') return ['shown', `[Function: ${value.name || '(anonymous)'}]`];
			if (path.includes(value)) return ['shown', '[Circular *1]'];
			const inside = [...path, value];
			const items = (all) =>
				Array.from(all.slice(0, path.length > deepest ? 1 : most), (item) => encode(item, inside));
			const pairs = (all) =>
				(path.length > deepest ? all.slice(0, 1) : all).map((pair) =>
					pair.map((item) => encode(item, inside)),
				);
			if (Array.isArray(value)) return ['array', items(value), value.length];
			if (value instanceof Map) return ['map', pairs([...value])];
			if (value instanceof Set) return ['set', items([...value])];
			if (value instanceof Error || value instanceof RegExp) return ['shown', `${value}`];
			if (value instanceof Date) return ['date', value.getTime()];
			if (value instanceof Promise) return ['shown', 'Promise {}'];
			const prototype = Object.getPrototypeOf(value);
			const name = prototype === null ? null : `${prototype.constructor?.name ?? 'Object'}`;
			return ['object', name, pairs(Object.entries(value))];
		};
	const encode = encoder(110, 3);
	const encodeWhole = encoder(Infinity, Infinity);
	const print =
		(stream) =>
		(...values) =>
			write(stream, stringify(values.map((value) => encode(value))));

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
		clearTimeout: stop,
		clearInterval: stop,
	});

	/** What a failed test was given instead, for the host to show. */
	const given = new WeakMap();
	const assert = (condition, message = 'it is not so') => {
		if (!condition) throw new Error(`${message}`);
	};
	/** Equal by structure; the order of an object's properties counts. */
	assert.equal = (value, expected, message) => {
		if (stringify(encodeWhole(value)) === stringify(encodeWhole(expected))) return;
		const error = new Error(message ?? 'got');
		if (message === undefined) given.set(error, value);
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
		/** What was thrown, as JSON: the text of an error and where it was made, and encoded values to show. */
		describe(thrown) {
			if (!(thrown instanceof Error)) return stringify({ text: '', values: stringify([encode(thrown)]) });
			const values = given.has(thrown) ? stringify([encode(given.get(thrown))]) : undefined;
			return stringify({ text: `${thrown}`, stack: `${thrown.stack}`, values });
		},
		assert,
	};
}
