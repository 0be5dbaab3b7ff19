// QuickJS tells its host of every promise that is rejected while nothing handles it, and of every one that is handled
// later (`JS_SetHostPromiseRejectionTracker`). quickjs-emscripten has no function for that. So the module is given an
// export of its table of functions, a function is added to that, and put where the runtime keeps its tracker.

const magicLength = 8;
const exportSection = 7;
const tableName = 'table';

/** An unsigned LEB128 number and where it ends. @param {Uint8Array} bytes @param {number} at */
function readNumber(bytes, at) {
	let value = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++];
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) return { value, end: at };
	}
}

/** @param {number} value */
function writeNumber(value) {
	const bytes = [];
	for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
	return [...bytes, value];
}

/** The module's bytes with an export of its first table. @param {Uint8Array} bytes */
export function withTable(bytes) {
	for (let at = magicLength; at < bytes.length; ) {
		const id = bytes[at];
		const size = readNumber(bytes, at + 1);
		const end = size.end + size.value;
		if (id === exportSection) {
			const count = readNumber(bytes, size.end);
			const added = [tableName.length, ...Buffer.from(tableName), 1, 0];
			const content = [...writeNumber(count.value + 1), ...bytes.subarray(count.end, end), ...added];
			const section = [exportSection, ...writeNumber(content.length), ...content];
			return Buffer.concat([bytes.subarray(0, at), Buffer.from(section), bytes.subarray(end)]);
		}
		at = end;
	}
	throw new Error('QuickJS’s module has no exports');
}

/** A module that exports the function it imports, as one of WebAssembly's: (i32, i64, i64, i32, i32) → (). */
const trackerModule = new WebAssembly.Module(
	Uint8Array.from([
		...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
		...[0x01, 0x09, 0x01, 0x60, 0x05, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f, 0x00],
		...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00],
		...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
	]),
);

/** Words of the runtime's structure that are looked at. */
const runtimeWords = 512;
const mostRejections = 10_000;

/** The rejected promises of a runtime that nothing handles, oldest first. */
export class Rejections {
	/** Of each promise, its value and its reason, kept from being freed. @type {Map<bigint, { promise: number, reason: number }>} */
	#unhandled = new Map();
	#context;
	#memory;
	#cell;

	/**
	 * `memory` and `table` are those of the context's instance. `enableInterrupts` must set the runtime's first interrupt handler: that shows where the tracker is kept, in the
	 * second word after it.
	 */
	constructor(context, { memory, table }, enableInterrupts) {
		this.#context = context;
		this.#memory = memory;
		const runtime = context.runtime.rt.value / 4;
		const words = () => new Uint32Array(this.#memory.buffer);
		const before = words().slice(runtime, runtime + runtimeWords);
		enableInterrupts();
		const changed = before.findIndex((word, i) => word !== words()[runtime + i]);
		const tracker = runtime + changed + 2;
		// Behind the tracker and its argument comes the list of jobs, which is empty: it points to itself.
		const jobs = tracker + 2;
		if (changed < 0 || words()[jobs] !== 4 * jobs || words()[jobs + 1] !== 4 * jobs)
			throw new Error('QuickJS’s runtime is not laid out as expected');
		const { exports } = new WebAssembly.Instance(trackerModule, {
			e: { f: (_, promise, reason, isHandled) => this.#track(promise, reason, isHandled !== 0) },
		});
		const index = table.grow(1);
		table.set(index, exports.f);
		this.#cell = context.module._malloc(8);
		words()[tracker] = index;
	}

	get count() {
		return this.#unhandled.size;
	}

	/** More than are kept: the program is not to go on. */
	get isFull() {
		return this.count >= mostRejections;
	}

	/** The reason of the first one. */
	first() {
		const [{ reason }] = this.#unhandled.values();
		return this.#context.memory.heapValueHandle(this.#keep(this.#valueAt(reason)));
	}

	#track(promise, reason, isHandled) {
		const known = this.#unhandled.get(promise);
		if (isHandled && known) {
			this.#unhandled.delete(promise);
			for (const pointer of [known.promise, known.reason])
				this.#context.ffi.QTS_FreeValuePointer(this.#context.ctx.value, pointer);
		} else if (!isHandled && !known && !this.isFull)
			this.#unhandled.set(promise, { promise: this.#keep(promise), reason: this.#keep(reason) });
	}

	/** @param {bigint} value */
	#keep(value) {
		new DataView(this.#memory.buffer).setBigUint64(this.#cell, BigInt.asUintN(64, value), true);
		return this.#context.ffi.QTS_DupValuePointer(this.#context.ctx.value, this.#cell);
	}

	#valueAt(pointer) {
		return new DataView(this.#memory.buffer).getBigUint64(pointer, true);
	}
}
