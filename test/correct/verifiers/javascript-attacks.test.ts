import { createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { type JavaScriptVerifier, javascript } from '../../../lib/correct/verifiers/javascript.js';
import { verify } from '../../support/verify.js';

const quick = javascript({ timeoutMs: 500, threads: 1 });
const patient = javascript({ timeoutMs: 30_000, threads: 1 });
afterAll(() => Promise.all([quick.dispose(), patient.dispose()]));

/** The message on an attack; the verifier must do its work afterwards. */
async function attack(code: string, verifier: JavaScriptVerifier = quick): Promise<string> {
	const verdict = await verify(verifier, `\`\`\`js\n${code}\n\`\`\``, { answer: 'nothing that is printed' });
	expect(verdict.outcome).toBe('fail');
	expect(await verify(verifier, 'console.log(6 * 7)', { answer: '42' })).toMatchObject({ outcome: 'pass' });
	return verdict.message ?? '';
}

const late = 'The program was stopped: it ran for more than 0.5 seconds.';
const tooMuchMemory = 'The program was stopped: it used more than 64 MiB of memory.';
const tooMuchOutput = 'The program was stopped: it printed more than 65536 characters.';

describe('time', () => {
	test.each([
		['an endless loop', 'for (;;);'],
		['one that catches everything', 'for (;;) try { for (;;); } catch {} finally { continue }'],
		['a promise loop', '(async () => { for (;;) await null })()'],
		['a promise that resolves with itself', 'const next = () => Promise.resolve().then(next); next()'],
		['timers without end', 'setInterval(() => {}, 1)'],
		['a catastrophic regular expression', "/^(a+)+$/.test('a'.repeat(50) + 'b')"],
		['native code that never looks up', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
		['arithmetic on huge numbers', 'for (;;) (7n ** 300000n).toString()'],
		[
			'an error whose message never ends',
			'throw new (class extends Error { get message() { for (;;); } })()',
		],
		['a printed value whose keys never end', 'console.log(new Proxy({}, { ownKeys() { for (;;); } }))'],
		[
			'a thrown value whose class never ends',
			'throw new Proxy(() => {}, { getPrototypeOf() { for (;;); } })',
		],
		[
			'an iterator without end',
			'[...{ [Symbol.iterator]: () => ({ next: () => ({ value: 0 }) }) }[Symbol.iterator] && (function* () { for (;;) yield })().filter(() => false)]',
		],
	])('%s is stopped', async (_, code) => {
		expect(await attack(code)).toBe(late);
	});
});

describe('memory', () => {
	test.each([
		['arrays', 'const all = []; for (;;) all.push(new Array(1000).fill(1))', tooMuchMemory],
		['typed arrays', 'const all = []; for (;;) all.push(new Uint8Array(2 ** 20))', tooMuchMemory],
		['one big buffer', 'new ArrayBuffer(2 ** 30)', tooMuchMemory],
		['shared buffers', 'const all = []; for (;;) all.push(new SharedArrayBuffer(2 ** 20))', tooMuchMemory],
		['a buffer that grows', 'new ArrayBuffer(8, { maxByteLength: 2 ** 27 }).resize(2 ** 27)', tooMuchMemory],
		['one big string', "'x'.repeat(2 ** 29)", tooMuchMemory],
		['a string that doubles', "let s = 'x'; for (;;) s = [s, s].join()", /64 MiB|string too long/],
		['closures', 'let f = () => 0; for (;;) { const g = f; f = () => g }', tooMuchMemory],
	])('%s are contained', async (_, code, message) => {
		expect(await attack(code, patient)).toMatch(message);
	});

	test.each([
		['calls', 'const f = () => f(); f()'],
		['getters', 'const o = { get a() { return this.a } }; o.a'],
		['proxies', 'new Proxy({}, { get: (_, key, self) => self[key] }).x'],
		['conversions', "const o = { toString: () => '' + o }; '' + o"],
		['parsing JSON', "JSON.parse('['.repeat(1e6))"],
		['parsing code', "eval('('.repeat(1e6))"],
		['writing JSON', 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; JSON.stringify(o)'],
		['flattening', 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)'],
	])('deep recursion of %s is contained', async (_, code) => {
		expect(await attack(code, patient)).toMatch(
			/stack overflow|calls itself too deeply|must be in|SyntaxError/,
		);
	});
});

describe('output', () => {
	test.each([
		['100 MB in lines', "for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000))"],
		['one line of 10 MB', "console.log('x'.repeat(1e7))"],
		['an error of 10 MB after it', "console.error('x'.repeat(1e7)); throw new Error('x'.repeat(1e7))"],
	])('%s is stopped', async (_, code) => {
		expect(await attack(code, patient)).toBe(tooMuchOutput);
	});

	test('a huge error message is shortened', async () => {
		expect((await attack("throw new Error('x'.repeat(1e6))")).length).toBeLessThan(1200);
	});
});

describe('the world outside', () => {
	const routes = [
		"require('node:fs')",
		"process.binding('fs')",
		"process.getBuiltinModule('fs')",
		"console.log.constructor('return process')()",
		"this.constructor.constructor('return process')()",
		"(() => {}).constructor('return globalThis.process.mainModule')()",
		"await import('node:fs')",
		"await import('file:///etc/passwd')",
		"await import('./package.json')",
		"std.loadFile('/etc/passwd')",
		"os.open('/etc/passwd', 0)",
		"new Worker('1', { eval: true })",
		'new WebAssembly.Module(new Uint8Array(8))',
	];

	test.each(routes)('%s finds no file', async (code) => {
		expect(await attack(`console.log(${code})`)).toMatch(
			/^The program failed at line 1: (ReferenceError|TypeError)|could not load module/,
		);
	});

	test.each([
		"for (;;) require('child_process').spawn(process.execPath, [__filename])",
		'for (;;) process.fork()',
		"for (;;) os.exec(['/bin/sh', '-c', '$0 & $0'])",
		"for (;;) await import('child_process')",
		':(){ :|:& };:',
	])('there is nothing to fork with: %s', async (code) => {
		expect(await attack(code)).toMatch(/^The program failed/);
	});

	test.each([
		'process.kill(process.ppid)',
		"process.kill(0, 'SIGKILL')",
		'process.abort()',
		'process.exit(0)',
		'process.disconnect()',
		"process.send({ printed: 'nothing that is printed', warned: '' })",
		"postMessage('ready')",
		'os.kill(os.getppid(), 9)',
		'quit(0)',
	])('there is nothing to end this process with: %s', async (code) => {
		expect(await attack(code)).toMatch(/^The program failed at line 1: ReferenceError/);
	});

	test.each([
		'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
		"new BroadcastChannel('a')",
		'new MessageChannel()',
		'self.close()',
		'structuredClone({})',
		"dispatchEvent(new Event('message'))",
		'onmessage({})',
		'parentPort.postMessage({})',
	])('there is no thread to reach or to hold up: %s', async (code) => {
		expect(await attack(code)).toMatch(/^The program failed at line 1: ReferenceError/);
	});

	test('no socket is opened', async () => {
		let connections = 0;
		const server = createServer(() => connections++).listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as { port: number };
		for (const code of [
			`await fetch('http://127.0.0.1:${port}')`,
			`new WebSocket('ws://127.0.0.1:${port}')`,
			`new XMLHttpRequest().open('GET', 'http://127.0.0.1:${port}')`,
			`require('net').connect(${port})`,
			`(await import('net')).connect(${port})`,
			`await import('http://127.0.0.1:${port}/a.js')`,
		])
			expect(await attack(code)).toMatch(/^The program failed/);
		server.close();
		expect(connections).toBe(0);
	});
});

describe('the channel to this process', () => {
	test.each([
		[
			'the prototype of all objects',
			"Object.prototype.printed = 'nothing that is printed'; Object.prototype.toJSON = () => 'nothing that is printed'",
		],
		[
			'setters on it',
			"for (const key of ['printed', 'stopped', 'error', 'text', 'line']) Object.defineProperty(Object.prototype, key, { set() {}, get: () => 'x' })",
		],
		['__proto__ as a key', 'console.log(JSON.parse(\'{"__proto__": {"outcome": "pass"}}\'))'],
		[
			'array methods',
			"Array.prototype.map = Array.prototype.slice = Array.from = () => 'x'; console.log([1], { a: 1 })",
		],
		['JSON', "JSON.stringify = () => '{'; JSON.parse = () => ({}); console.log({ a: [1] })"],
		['promises', "Promise.prototype.then = () => 'x'; (async () => { await 1; throw 1 })()"],
		[
			'a constructor with a name of its own',
			"class A { static get name() { return { toString: () => 'x' } } } console.log(new A(), A)",
		],
		[
			'conversions of printed values',
			"console.log({ [Symbol.toPrimitive]() { throw 1 }, toString() { throw 2 }, valueOf() { throw 3 } }, Symbol('x'), Object.create(null))",
		],
		[
			'objects that say they are something else',
			"console.log({ [Symbol.toStringTag]: 'Map' }, Object.create(Map.prototype), Object.create(Error.prototype), Object.create(Date.prototype))",
		],
		['formats', "console.log('%s %d %o %j', { toString: 1, valueOf: 1 }, {}, {}, {})"],
		['a revoked proxy', 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); console.log(proxy)'],
	])('is safe from %s', async (_, code) => {
		await attack(code);
		expect(Object.keys(Object.prototype)).toEqual([]);
	});

	test('one program leaves nothing for the next', async () => {
		await verify(quick, 'globalThis.left = 1; Array.prototype.left = 1; console.log(1)', { answer: '1' });
		expect(
			await verify(quick, 'console.log(typeof left, [].left)', { answer: 'undefined undefined' }),
		).toMatchObject({ outcome: 'pass' });
	});
});

test('a program cannot make its tests look wrong', async () => {
	await using testing = javascript({ tests: 'assert(right)', timeoutMs: 5000 });
	const code = `InternalError.prototype.name = 'SyntaxError'; let right = false; let kept = () => 0;
		try { for (;;) { const before = kept; kept = () => before } } catch {}`;
	expect(await verify(testing, code)).toMatchObject({ outcome: 'fail' });
});
