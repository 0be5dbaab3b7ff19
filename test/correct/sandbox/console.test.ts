import { formatWithOptions } from 'node:util';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { JavaScriptSandbox } from '../../../lib/correct/sandbox/sandbox.js';

const sandbox = new JavaScriptSandbox({ timeoutMs: 20_000 });
afterAll(() => sandbox.dispose());

/** What Node's console prints of the same arguments. */
function printedByNode(args: string): string {
	const values = new Function(`return [${args}]`)() as unknown[];
	return `${formatWithOptions({ colors: false }, ...values)}\n`;
}

const cases = [
	...['new Date(NaN)', 'new Date(0)', 'Object.assign(new Date(0), { a: 1 })', '[new Date(NaN)]'],
	...['-0, 0, NaN, -Infinity', '[-0, { a: -0 }]', '3n, [3n]', "Symbol('a'), Symbol(), [Symbol('b')]"],
	...['null, undefined, [null, undefined]', "'text', ['text', \"it's\", 'a\\nb']", 'true, [false]'],
	...['[1, , 3]', '[, ]', 'new Array(5)', '(() => { const a = []; a[1000] = 1; return a; })()'],
	...['Object.assign([1, 2], { a: 3 })', "'abc'.match(/b/)", "/(?<x>b)/.exec('abc')"],
	...['Array.from({ length: 120 }, (_, i) => i)', 'Array.from({ length: 101 }, () => [1])', 'new Array(200)'],
	...['new Map([[1, { a: new Set([1, [2]]) }]])', 'new Map([[{}, []], [new Map(), -0]])', 'new Set()'],
	...["new Map([['a', new Map([['b', new Map([['c', new Map([['d', 1]])]])]])]])"],
	...[
		'new Set(Array.from({ length: 150 }, (_, i) => i))',
		'new Map(Array.from({ length: 150 }, (_, i) => [i, i]))',
	],
	...[
		'new Uint8Array([1, 2])',
		'new Float64Array([-0, NaN, 1.5])',
		'new BigInt64Array([1n])',
		'new Uint8Array(150)',
	],
	...[
		'new Uint8ClampedArray(3)',
		'new ArrayBuffer(3)',
		'new Uint8Array()',
		'Object.assign(new Int8Array(1), { a: 1 })',
	],
	...['new (class A { x = 1 })()', 'new (class extends Array {})(1, 2)', 'new (class B extends Array {})(2)'],
	...[
		'new (class M extends Map {})([[1, 2]])',
		'new (class S extends Set {})([1])',
		'new (class D extends Date {})(0)',
	],
	...['new (class C { get a() { return 1 } b = 2 })()', 'new (class C { #a = 1; static b = 2 })()'],
	...['class A {}', 'class A { static x = 1 }', 'class A extends Map {}', 'class {}'],
	...['[class A {}, () => 1, function f() {}, async () => {}, function* g() {}, async function* h() {}]'],
	...['Object.assign(function f() {}, { a: 1 })', 'Math.max', 'Map', '(() => {}).bind()'],
	...['{ get a() { throw 1 } }', '{ set a(x) {} }', '{ get a() { return 1 }, set a(x) {} }'],
	...['Object.create(null)', 'Object.assign(Object.create(null), { a: 1 })', 'Object.create({ a: 1 })'],
	...["{ [Symbol('k')]: 1 }", "{ 'a b': 1, 2: 3, __proto__: null }", 'JSON.parse(\'{"__proto__": 1}\')'],
	...["{ [Symbol.toStringTag]: 'T' }", "new (class X { get [Symbol.toStringTag]() { return 'T' } })()"],
	...[
		'new Number(3)',
		"new String('ab')",
		'new Boolean(false)',
		'Object(3n)',
		"Object(Symbol('a'))",
		'new Number(-0)',
	],
	...["Object.assign(new String('ab'), { c: 1 })", '[new Number(3)]'],
	...[
		'(() => { const a = { b: {} }; a.b.c = a; return a; })()',
		'(() => { const a = [1]; a.push(a); return a; })()',
	],
	...['(() => { const a = { x: [] }; a.x.push(a.x, a); return a; })()'],
	...[
		'(() => { const m = new Map(); m.set(m, m); return m; })()',
		'(() => { const s = new Set(); s.add(s); return s; })()',
	],
	...[
		'{ a: { b: { c: { d: 1 } } } }',
		'{ a: { b: { c: {} } } }',
		'[[[[]]]]',
		'[[[[1]]]]',
		'{ a: { b: { c: new Map() } } }',
	],
	...[
		'/a\\/b/gi',
		'[/x/]',
		'new WeakMap()',
		'new WeakSet()',
		'(function* () {})()',
		'Math',
		'JSON',
		'globalThis.Reflect',
	],
	...[
		"'%s is %d years and %i, %f', 'Bob', 42.5, 42.9, '1.5'",
		"'%o %O %j', [1], { a: { b: 1 } }, { c: [2] }",
		"'%c%%', 1",
	],
	...["'%s', { a: 1 }, -0", "'%s %s', -0, 3n", "'%d', '0x10'", "'100%', 5", 'Object.create(Map.prototype)'],
	...['A.prototype'.replace('A', '(class A {})'), "{ 'a-b': { c: ['x'.repeat(100)] } }", "['a'.repeat(80)]"],
	...['Promise.resolve(1)', 'new Promise(() => {})', '[Promise.resolve([1])]', '(async () => {})()'],
	'(() => { const p = Promise.reject(1); p.catch(() => {}); return p; })()',
	'Promise.resolve(Promise.resolve({ a: 1 }))',
	'Object.assign(Promise.resolve(), { a: 1 })',
];
test.each(cases)('console.log(%s) prints what Node prints', async (args) => {
	const { printed, error } = await sandbox.run(`console.log(${args})`);
	expect({ printed, error }).toEqual({ printed: printedByNode(args), error: undefined });
});

test('any nesting of plain values, arrays, maps and sets is printed as Node prints it', async () => {
	const value = fc.letrec((tie) => ({
		any: fc.oneof({ maxDepth: 4 }, tie('plain'), tie('array'), tie('object'), tie('map'), tie('set')),
		plain: fc.constantFrom(
			'0',
			'-0',
			'1.5',
			'NaN',
			'""',
			'"a b"',
			'null',
			'undefined',
			'true',
			'7n',
			'new Date(1)',
		),
		array: fc.array(tie('any'), { maxLength: 8 }).map((items) => `[${items.join(',')}]`),
		object: fc.dictionary(fc.constantFrom('a', 'b c', '1', '__proto__x'), tie('any')).map(
			(pairs) =>
				`({${Object.entries(pairs)
					.map(([key, item]) => `${JSON.stringify(key)}: ${item}`)
					.join(',')}})`,
		),
		map: fc
			.array(fc.tuple(tie('any'), tie('any')), { maxLength: 4 })
			.map((pairs) => `new Map([${pairs.map((pair) => `[${pair.join(',')}]`).join(',')}])`),
		set: fc.array(tie('any'), { maxLength: 4 }).map((items) => `new Set([${items.join(',')}])`),
	})).any;
	await fc.assert(
		fc.asyncProperty(
			fc.array(value as fc.Arbitrary<string>, { minLength: 1, maxLength: 3 }),
			async (values) => {
				const { printed } = await sandbox.run(`console.log(${values.join(',')})`);
				expect(printed).toBe(printedByNode(values.join(',')));
			},
		),
		{ numRuns: 60 },
	);
});

test.each([
	[
		'getters are not called',
		'{ get a() { throw 1 }, b: { get c() { for (;;); } } }',
		'{ a: [Getter], b: { c: [Getter] } }\n',
	],
	['an error says its name and message', "new RangeError('far')", 'RangeError: far\n'],
	[
		'an error whose message cannot be had',
		'Object.defineProperty(new Error(), "message", { get() { throw 1 } })',
		'Error\n',
	],
	['a huge array', 'new Array(1e6).fill(7)', /999900 more items/],
	['a huge typed array', 'new Uint8Array(1e6)', /999900 more items/],
])('%s', async (_, value, expected) => {
	const { printed, error } = await sandbox.run(`console.log(${value})`);
	expect(error).toBeUndefined();
	if (typeof expected === 'string') expect(printed).toBe(expected);
	else expect(printed).toMatch(expected);
});
