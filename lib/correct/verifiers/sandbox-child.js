import { readFileSync } from 'node:fs';
import { prepareGuest } from './sandbox-guest.js';
import { formatLine } from './sandbox-values.js';

// Plain JavaScript, because a child process's own file is loaded by Node as it is, from lib/ and from dist/ alike.
// This process may read no other files than its own and QuickJS's, so those come as paths.
const [coreFile, variantFile, wasmFile] = process.argv.slice(2);
const { newQuickJSWASMModuleFromVariant, newVariant } = await import(coreFile);
const variant = (await import(variantFile)).default.default;
const wasmModule = new WebAssembly.Module(readFileSync(wasmFile));

const page = 2 ** 16;
/** Memory the module asks for at its start, in pages. What a program may use comes on top, twice: some lies waste. */
const ownPages = 256;
/** The stack as QuickJS counts it; its frames take four times as much of the process's (see `--stack-size`). */
const stackBytes = process.platform === 'win32' ? 200 * 1024 : 900 * 1024;

/** What QuickJS throws when memory runs out, and when there is none left for an error that says so. */
const outOfMemory = ['InternalError: out of memory', 'null'];

const longestError = 2 ** 16;

/** A WebAssembly instance of its own for each program: whatever one does to it is gone before the next. */
async function createRuntime(memoryBytes) {
	const maximum = ownPages + 2 * Math.ceil(memoryBytes / page);
	const wasmMemory = new WebAssembly.Memory({ initial: ownPages, maximum });
	const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule, wasmMemory }));
	const runtime = quickjs.newRuntime();
	runtime.setMemoryLimit(memoryBytes);
	runtime.setMaxStackSize(stackBytes);
	return runtime;
}

class Program {
	printed = '';
	warned = '';
	/** @type {'time' | 'memory' | 'output' | 'stack' | 'crash' | undefined} */
	stopped;

	constructor(runtime, { timeoutMs, outputLimit }) {
		this.runtime = runtime;
		this.context = runtime.newContext();
		this.outputLimit = outputLimit;
		this.deadline = Date.now() + timeoutMs;
		// Where this says so, QuickJS throws an error that no program can catch.
		runtime.setInterruptHandler(() => this.hasEnded());
		const write = this.context.newFunction('write', (stream, values) => this.write(stream, values));
		this.guest = this.call(this.context.evalCode(`(${prepareGuest})`).value, write).value;
	}

	hasEnded() {
		if (Date.now() >= this.deadline) this.stopped ??= 'time';
		return this.stopped !== undefined;
	}

	write(stream, values) {
		if (this.stopped !== undefined) return;
		const left = this.outputLimit - this.printed.length - this.warned.length;
		const length = this.context.getNumber(this.context.getProp(values, 'length'));
		// Not even copied where it cannot but be too long, escapes counted.
		const line = length > 6 * left + 2 ** 20 ? undefined : formatLine(this.context.getString(values));
		if (line === undefined || line.length > left) this.stopped = 'output';
		this[this.context.getNumber(stream) === 1 ? 'printed' : 'warned'] += line?.slice(0, left) ?? '';
	}

	call(target, ...args) {
		return this.context.callFunction(target, this.context.undefined, ...args);
	}

	guestFunction(name) {
		return this.context.getProp(this.guest, name);
	}

	/** Runs what is left to do: promises, then timers. A result that is a rejected promise becomes an error. */
	finish(result) {
		if (result.error) return result;
		for (let more = true; more && !this.hasEnded(); ) {
			while (this.runtime.hasPendingJob() && !this.hasEnded()) this.runtime.executePendingJobs(1000);
			const timer = this.call(this.guestFunction('nextTimer'));
			if (timer.error) return timer;
			more = this.context.dump(timer.value) === true;
		}
		const promise = this.context.getPromiseState(result.value);
		return promise.type === 'rejected' ? { error: promise.error } : result;
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
		if (isScript || result.error || this.hasEnded()) return result;
		const { type, value } = this.context.getPromiseState(result.value);
		const shared = type === 'fulfilled' && this.call(this.guestFunction('share'), value);
		return shared?.error ? shared : result;
	}

	/** Runs tests with the names the program has defined, and an `assert` that it has not seen. */
	test(tests) {
		const test = this.context.evalCode(tests, 'tests.js');
		if (test.error) return test;
		const result = this.finish(this.call(test.value, this.guestFunction('assert')));
		const pending = !result.error && this.context.getPromiseState(result.value).type === 'pending';
		return pending ? { error: this.context.newError('the tests wait for what never happens') } : result;
	}

	/** Whether there is some left, for a program that keeps all it could get. */
	hasMemory() {
		return this.context.evalCode(`new ArrayBuffer(${page})`).error === undefined;
	}

	describe(error) {
		const described = this.call(this.guestFunction('describe'), error);
		if (described.error) {
			if (!this.hasMemory()) this.stopped ??= 'memory';
			return { text: 'a value that cannot be shown' };
		}
		const { text, values, stack } = JSON.parse(this.context.getString(described.value));
		const said = values === undefined ? String(text) : `${text} ${formatLine(values)}`;
		const line = /program\.js:(\d+)/.exec(String(stack))?.[1];
		return {
			text: said.trim().slice(0, longestError),
			...(line !== undefined && { line: Number(line) }),
		};
	}
}

async function run({ code, tests, memoryBytes, ...limits }) {
	const program = new Program(await createRuntime(memoryBytes), limits);
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
		if (outOfMemory.includes(error?.text)) program.stopped ??= 'memory';
	} catch (failure) {
		// Thrown by the host: recursion in native code that QuickJS does not count, or a trap of the instance.
		program.stopped ??= failure instanceof RangeError ? 'stack' : 'crash';
	}
	const { printed, warned, stopped } = program;
	return { printed, warned, ...(stopped === undefined ? error && { error } : { stopped }) };
}

process.on('disconnect', () => process.exit());
process.on('message', async (request) => process.send(await run(request)));
process.send('ready');
