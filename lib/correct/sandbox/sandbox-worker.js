import { parentPort } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import { quickjsWasm } from './quickjs-wasm.js';
import { prepareGuest } from './sandbox-guest.js';
import { Rejections, withTable } from './sandbox-rejections.js';
import { formatLine } from './sandbox-values.js';

// Plain JavaScript, because a worker's own file is loaded by Node as it is, from lib/ and from dist/ alike.
const wasmModule = new WebAssembly.Module(withTable(quickjsWasm));

const page = 2 ** 16;
/** Memory the module asks for at its start, in pages. What a program may use comes on top, twice: some lies waste. */
const ownPages = 256;
/** The stack as QuickJS counts it; its frames take four times as much of the thread's (see `stackSizeMb`). */
const stackBytes = 900 * 1024;

const longestError = 2 ** 16;
/** Characters of a thrown value and what is told with it, encoded: the guest sends no texts longer than `longestError`. */
const longestThrown = 2 ** 21;

/** A WebAssembly instance of its own for each program: whatever one does to it is gone before the next. */
async function createRuntime(memoryBytes) {
	const maximum = ownPages + 2 * Math.ceil(memoryBytes / page);
	const memory = new WebAssembly.Memory({ initial: ownPages, maximum });
	let table;
	const instantiateWasm = async (imports, onInstance) => {
		const instance = await WebAssembly.instantiate(wasmModule, imports);
		table = instance.exports.table;
		onInstance(instance);
		return instance.exports;
	};
	// What Emscripten has to say of a program that it gives up is for nobody.
	const quiet = { print: () => {}, printErr: () => {} };
	const instance = { wasmMemory: memory, emscriptenModule: { instantiateWasm, ...quiet } };
	const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(variant, instance));
	const runtime = quickjs.newRuntime();
	runtime.setMemoryLimit(memoryBytes);
	runtime.setMaxStackSize(stackBytes);
	return { runtime, memory, table };
}

class Program {
	printed = '';
	warned = '';
	/** @type {'time' | 'memory' | 'output' | 'stack' | 'crash' | undefined} */
	stopped;

	constructor({ runtime, memory, table }, { timeoutMs, outputLimit, memoryBytes }) {
		this.runtime = runtime;
		this.context = runtime.newContext();
		this.memory = memory;
		this.memoryBytes = memoryBytes;
		this.outputLimit = outputLimit;
		// Its time begins when all is ready for it.
		this.deadline = Infinity;
		this.rejections = new Rejections(this.context, { memory, table }, () =>
			// Where this says so, QuickJS throws an error that no program can catch.
			runtime.setInterruptHandler(() => this.hasEnded()),
		);
		const write = this.context.newFunction('write', (stream, values) => this.write(stream, values));
		const ofPromise = (name, read) =>
			this.context.newFunction(name, (promise) => read(this.context.getPromiseState(promise)));
		const stateOf = ofPromise('stateOf', ({ type }) => this.context.newString(type));
		const resultOf = ofPromise('resultOf', ({ value, error }) => (value ?? error).dup());
		const prepare = this.context.evalCode(`(${prepareGuest})`).value;
		this.guest = this.call(prepare, write, stateOf, resultOf).value;
		this.deadline = Date.now() + timeoutMs;
	}

	hasEnded() {
		if (Date.now() >= this.deadline) this.stopped ??= 'time';
		if (this.rejections.isFull) this.stopped ??= 'memory';
		return this.stopped !== undefined;
	}

	write(stream, values) {
		if (this.stopped !== undefined) return;
		const left = this.outputLimit - this.printed.length - this.warned.length;
		// Not even copied where it cannot but be too long, escapes counted.
		const isShort = this.lengthOf(values) <= 6 * left + 2 ** 20;
		const line = isShort ? formatLine(this.context.getString(values)) : undefined;
		if (line === undefined || line.length > left) this.stopped = 'output';
		this[this.context.getNumber(stream) === 1 ? 'printed' : 'warned'] += line?.slice(0, left) ?? '';
	}

	call(target, ...args) {
		return this.context.callFunction(target, this.context.undefined, ...args);
	}

	guestFunction(name) {
		return this.context.getProp(this.guest, name);
	}

	/**
	 * Runs what is left to do: promises, then timers, one after another. As in Node, a rejection that nothing handles by
	 * the time no promise has anything left to do ends the program.
	 */
	finish(result) {
		if (result.error) return result;
		for (let more = true; more && !this.hasEnded(); ) {
			while (this.runtime.hasPendingJob() && !this.hasEnded()) this.runtime.executePendingJobs(1000);
			if (this.rejections.count > 0) return { error: this.rejections.first() };
			const timer = this.call(this.guestFunction('nextTimer'));
			if (timer.error) return timer;
			more = this.context.dump(timer.value) === true;
		}
		return result;
	}

	/** What has run as a promise: it must have come to its end. */
	settled(result, what) {
		if (result.error || this.hasEnded()) return result;
		const promise = this.context.getPromiseState(result.value);
		if (promise.type === 'rejected') return { error: promise.error };
		const waits = promise.type === 'pending';
		return waits ? { error: this.context.newError(`${what} for what never happens`) } : result;
	}

	/** The name of the error that keeps code from being compiled, if one does. */
	compileError(code, type) {
		const { error } = this.context.evalCode(code, 'program.js', { type, compileOnly: true });
		return error && this.context.getString(this.context.getProp(error, 'name'));
	}

	/** As Node does: what is no script but has the syntax of a module is run as one. */
	run(code) {
		const isScript =
			!this.compileError(code, 'global') || this.compileError(code, 'module') === 'SyntaxError';
		const result = this.finish(
			this.context.evalCode(code, 'program.js', { type: isScript ? 'global' : 'module' }),
		);
		if (isScript) return result;
		const ended = this.settled(result, 'the program waits');
		if (ended.error || this.hasEnded()) return ended;
		const shared = this.call(this.guestFunction('share'), this.context.getPromiseState(result.value).value);
		return shared.error ? shared : result;
	}

	/** Runs tests with the names the program has defined, and an `assert` that it has not seen. */
	test(tests) {
		const test = this.context.evalCode(tests, 'tests.js');
		if (test.error) return test;
		const result = this.finish(this.call(test.value, this.guestFunction('assert')));
		return this.settled(result, 'the tests wait');
	}

	/** Whether there is some left, for a program that keeps all it could get. */
	hasMemory() {
		return this.context.evalCode(`new ArrayBuffer(${page})`).error === undefined;
	}

	/** Bytes of the heap up to the last that was ever written to, which is not zero. The runtime is the first thing in it. */
	touched() {
		const bytes = new Uint8Array(this.memory.buffer);
		let end = bytes.length;
		while (end > 0 && bytes[end - 1] === 0) end--;
		return end - this.runtime.rt.value;
	}

	/** QuickJS throws null where there is no memory left for an error that says so; programs may do that at any time. */
	isOutOfMemory({ isNull, isMemoryError }) {
		if (!isNull) return isMemoryError === true;
		return !this.hasMemory() || this.touched() > 0.75 * this.memoryBytes;
	}

	/** The characters of a text in the guest's memory, which may be longer than this thread can take. */
	lengthOf(text) {
		return this.context.getNumber(this.context.getProp(text, 'length'));
	}

	describe(error) {
		const described = this.call(this.guestFunction('describe'), error, this.context.newNumber(longestError));
		if (described.error || !(this.lengthOf(described.value) <= longestThrown)) {
			if (!this.hasMemory()) this.stopped ??= 'memory';
			return { text: 'a value that cannot be shown' };
		}
		const thrown = JSON.parse(this.context.getString(described.value));
		if (this.isOutOfMemory(thrown)) this.stopped ??= 'memory';
		const { text, values, stack } = thrown;
		const said = values === undefined ? String(text) : `${text} ${formatLine(values) ?? 'many values'}`;
		const line = /program\.js:(\d+)/.exec(String(stack))?.[1];
		return {
			text: said.trim().slice(0, longestError) || 'an empty text',
			...(line !== undefined && { line: Number(line) }),
		};
	}
}

async function run({ code, tests, ...limits }) {
	let runtime;
	try {
		runtime = await createRuntime(limits.memoryBytes);
	} catch (failure) {
		return { printed: '', warned: '', unable: failure.message };
	}
	const program = new Program(runtime, limits);
	parentPort.postMessage('begun');
	const test = tests === undefined ? undefined : `(async (assert) => {${tests}\n})`;
	// Before the program, which could make any code fail.
	const unreadable = test !== undefined && program.compileError(test, 'global');
	if (unreadable) return { printed: '', warned: '', unreadable };
	let error;
	try {
		let result = program.run(code);
		const isTested = !result.error && test !== undefined && !program.hasEnded();
		if (isTested) result = program.test(test);
		if (result.error && !program.hasEnded()) error = { ...program.describe(result.error), isTested };
	} catch (failure) {
		// Thrown by the host: recursion in native code that QuickJS does not count, or a trap of the instance.
		program.stopped ??= failure instanceof RangeError ? 'stack' : 'crash';
	}
	const { printed, warned, stopped } = program;
	return { printed, warned, ...(stopped === undefined ? error && { error } : { stopped }) };
}

parentPort.on('message', async (request) => parentPort.postMessage(await run(request)));
parentPort.postMessage('ready');
