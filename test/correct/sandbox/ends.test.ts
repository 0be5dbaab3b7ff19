import { afterAll, describe, expect, test } from 'vitest';
import { JavaScriptSandbox } from '../../../lib/correct/sandbox/sandbox.js';

const sandbox = new JavaScriptSandbox({ timeoutMs: 20_000 });
afterAll(() => sandbox.dispose());

/** What a program printed, and how it ended. */
const run = async (code: string) => {
	const { printed, stopped, error } = await sandbox.run(code);
	return { printed, ...(stopped && { stopped }), ...(error && { error: error.text }) };
};

describe('what is thrown is told as it is', () => {
	test.each([
		['null', 'null'],
		['undefined', 'undefined'],
		['0', '0'],
		['-0', '-0'],
		['NaN', 'NaN'],
		['false', 'false'],
		["''", 'an empty text'],
		["'null'", 'null'],
		["'InternalError: out of memory'", 'InternalError: out of memory'],
		['3n', '3n'],
		["Symbol('s')", 'Symbol(s)'],
		['[1]', '[ 1 ]'],
		['Object.create(null)', '[Object: null prototype] {}'],
		["Object.assign(new Error('x'), { toString() { throw 2 } })", 'Error: x'],
		['new (class extends Error { get message() { throw 1 } })()', 'Error'],
		["new (class extends Error { get stack() { throw 1 } })('m')", 'Error: m'],
		["new Proxy(new Error('p'), {})", 'Error: p'],
		["new AggregateError([new Error('a')], 'all')", 'AggregateError: all'],
	])('throw %s', async (thrown, error) => {
		expect(await run(`throw ${thrown}`)).toEqual({ printed: '', error });
		expect(await run(`Promise.reject(${thrown})`)).toEqual({ printed: '', error });
	});

	test('null also where memory is small, and used before', async () => {
		await using small = new JavaScriptSandbox({ memoryMiB: 2 });
		expect(await small.run('throw null')).toMatchObject({ error: { text: 'null' } });
		const filled = 'const all = []; for (let i = 0; i < 2e4; i++) all.push({ i }); throw null';
		expect(await run(filled)).toEqual({ printed: '', error: 'null' });
	});

	test.each([
		['kept', 'globalThis.all = []; for (;;) all.push({})'],
		['let go', 'const fill = () => { const all = []; for (;;) all.push({}) }; fill()'],
		['promised', 'const all = []; (async () => { for (;;) all.push({}) })()'],
		['of rejected promises', 'const all = []; for (;;) all.push(Promise.reject(1))'],
	])('and memory that has run out, %s, as that', async (_, code) => {
		expect(await run(code)).toEqual({ printed: '', stopped: 'memory' });
		await using small = new JavaScriptSandbox({ memoryMiB: 4 });
		expect(await small.run(code)).toMatchObject({ stopped: 'memory' });
	});
});

describe('as in Node, a program fails by a promise that is rejected and', () => {
	test.each([
		['never handled', 'Promise.reject(new Error("no")); console.log(1)', '1\n'],
		[
			'that of an async function that is not waited for',
			'(async () => { throw new Error("no") })(); console.log(1)',
			'1\n',
		],
		['made in a timer', 'setTimeout(async () => { throw new Error("no") }, 1); console.log(1)', '1\n'],
		[
			'handled too late, in a timer',
			'const p = Promise.reject(new Error("no")); setTimeout(() => p.catch(() => console.log("late")))',
			'',
		],
		[
			'waited for too late',
			'(async () => { const p = Promise.reject(new Error("no")); await new Promise((r) => setTimeout(r)); await p.catch(() => {}) })()',
			'',
		],
		['passed on', 'Promise.reject(new Error("no")).finally(() => console.log("finally"))', 'finally\n'],
		[
			'before a timer that never runs',
			'setTimeout(() => console.log("never")); Promise.reject(new Error("no"))',
			'',
		],
		['in a module', 'export default 1; Promise.reject(new Error("no")); console.log(1)', '1\n'],
		['thrown in a microtask', 'queueMicrotask(() => { throw new Error("no") }); console.log(1)', '1\n'],
	])('%s', async (_, code, printed) => {
		expect(await run(code)).toEqual({ printed, error: 'Error: no' });
	});

	test.each([
		['the first of several', 'Promise.reject(1); Promise.reject(2)', '1'],
		['the one that is left', 'const p = Promise.reject(1); Promise.reject(2); p.catch(() => {})', '2'],
	])('it is told of %s', async (_, code, error) => {
		expect(await run(code)).toEqual({ printed: '', error });
	});

	test.each([
		['at once', 'Promise.reject(1).catch(() => console.log("caught"))'],
		[
			'a microtask later',
			'const p = Promise.reject(1); Promise.resolve().then(() => p.catch(() => console.log("caught")))',
		],
		['by await', 'try { await Promise.reject(1) } catch { console.log("caught") }'],
		['by all', 'Promise.all([Promise.reject(1), Promise.reject(2)]).catch(() => console.log("caught"))'],
		['as the last value', 'const p = Promise.reject(1); p.catch(() => console.log("caught")); p'],
	])('but not where it is handled %s', async (_, code) => {
		expect(await run(code)).toEqual({ printed: 'caught\n' });
	});

	test('is not confused by many of them', async () => {
		const handled = 'for (let i = 0; i < 2e4; i++) Promise.reject({ i }).catch(() => {}); console.log(1)';
		expect(await run(handled)).toEqual({ printed: '1\n' });
		expect(await run(`${handled}; Promise.reject('last')`)).toEqual({ printed: '1\n', error: 'last' });
	});
});

test.each([
	[
		'console.log(42); await new Promise(() => {})',
		{ printed: '42\n', error: 'Error: the program waits for what never happens' },
	],
	['console.log(42); new Promise(() => {})', { printed: '42\n' }],
	[
		'setTimeout(() => { throw new Error("no") }); setTimeout(() => console.log("never"), 1)',
		{ printed: '', error: 'Error: no' },
	],
	[
		'setImmediate((a) => console.log(a), 5); clearImmediate(setImmediate(() => console.log(6)))',
		{ printed: '5\n' },
	],
	['queueMicrotask(() => console.log(2)); console.log(1)', { printed: '1\n2\n' }],
])('%s ends as in Node', async (code, end) => {
	expect(await run(code)).toEqual(end);
});

test('tests fail by a rejection that they do not wait for', async () => {
	const { error } = await sandbox.run('const check = async (a) => { if (!a) throw new Error("no") }', {
		tests: 'check(false)',
	});
	expect(error).toEqual({ text: 'Error: no', line: 1, isTested: true });
});
