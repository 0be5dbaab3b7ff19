import { afterAll, describe, expect, test } from 'vitest';
import { javascript } from '../../../lib/correct/verifiers/javascript.js';
import { verify } from '../../support/verify.js';

const js = (code: string) => `Here is the program:\n\`\`\`js\n${code}\n\`\`\`\nIt prints the answer.`;

const verifier = javascript();
afterAll(() => verifier.dispose());

describe('what a program prints', () => {
	test('is compared with the answer of the task', async () => {
		const answer = js('const eggs = 41 * 6;\nconsole.log(eggs + 3 * 11);');
		expect(await verify(verifier, answer, { answer: '279' })).toEqual({
			outcome: 'pass',
			message: 'The program printed 279.',
		});
		expect(await verify(verifier, answer, { answer: '280' })).toEqual({
			outcome: 'fail',
			message: 'The program printed 279, but that is not the answer.',
		});
	});

	test('counts by its last number where the answer is one', async () => {
		const task = { answer: '1,250.5' };
		expect(await verify(verifier, js("console.log('7 days:', 1250.5, 'dollars.')"), task)).toMatchObject({
			outcome: 'pass',
		});
		expect(await verify(verifier, js('console.log(0.1 + 0.2)'), { answer: '0.3' })).toMatchObject({
			outcome: 'pass',
		});
		expect(await verify(verifier, js("console.log('1250.5 dollars in 7 days')"), task)).toMatchObject({
			outcome: 'fail',
		});
	});

	test.each(['3,4', '1,23', '1.5.2', '0,5'])('counts as a whole where the answer is %s', async (answer) => {
		const last = answer.at(-1) as string;
		expect(await verify(verifier, js(`console.log(9, 9, ${last})`), { answer })).toMatchObject({
			outcome: 'fail',
		});
		expect(await verify(verifier, js(`console.log('${answer}')`), { answer })).toMatchObject({
			outcome: 'pass',
		});
	});

	test('counts as a whole where the answer is text', async () => {
		const task = { answer: '[ 1, 2 ] { a: true }' };
		expect(await verify(verifier, js('console.log([1, 2])\nconsole.log({ a: true })'), task)).toMatchObject({
			outcome: 'pass',
		});
		expect(await verify(verifier, js('console.log([1, 2])'), task)).toMatchObject({ outcome: 'fail' });
	});

	test.each([
		['nothing', '', 'The program printed nothing, but that is not the answer.'],
		['several lines', 'console.log(1);console.log(2)', 'The program printed:\n1\n2\nThat is not the answer.'],
	])('is told to the model: %s', async (_, code, message) => {
		expect(await verify(verifier, js(code), { answer: '5' })).toEqual({ outcome: 'fail', message });
	});

	test('is shortened where it is long, and never has half a character', async () => {
		const verdict = await verify(verifier, js("console.log('x'.repeat(5000) + '\\ud800')"), { answer: '5' });
		expect(verdict.message?.length).toBeLessThan(1200);
		expect(verdict.message).not.toMatch(/\p{Surrogate}/u);
	});
});

describe('the program of an answer', () => {
	test.each([
		['the last js block', '```js\nconsole.log(1)\n```\nBetter:\n```javascript\nconsole.log(2)\n```', 'pass'],
		['a js block before another language', '```js\nconsole.log(2)\n```\n```json\n{}\n```', 'pass'],
		['a block without a label', '```\nconsole.log(2)\n```', 'pass'],
		['a block that the answer breaks off in', '```js\nconsole.log(2)', 'pass'],
		['the whole answer', 'console.log(2)', 'pass'],
		['a module', js('const two = await Promise.resolve(2);\nexport default two;\nconsole.log(two);'), 'pass'],
		[
			'promises and timers',
			js('setTimeout(async () => console.log(await 2), 60_000);console.log(1)'),
			'pass',
		],
	])('is %s', async (_, answer, outcome) => {
		expect(await verify(verifier, answer, { answer: '2' })).toMatchObject({ outcome });
	});

	test.each(['', '```python\nprint(2)\n```'])('is missing in %j', async (answer) => {
		expect(await verify(verifier, answer, { answer: '2' })).toEqual({
			outcome: 'fail',
			message: 'There is no JavaScript program in the answer.',
		});
	});
});

test.each([
	[
		'throws',
		'const a = 1;\na.b.c;',
		"The program failed at line 2: TypeError: cannot read property 'c' of undefined",
	],
	['cannot be parsed', 'const = 3', 'The program failed at line 1: SyntaxError: variable name expected'],
	['throws what is no error', 'throw { code: 7 }', 'The program failed: { code: 7 }'],
	[
		'rejects',
		'const main = async () => { throw new Error("no") };\nmain()',
		'The program failed at line 1: Error: no',
	],
	[
		'calls itself for ever',
		'const f = () => f() + 1;\nf()',
		'The program failed at line 1: InternalError: stack overflow',
	],
	[
		'imports',
		"import fs from 'node:fs'",
		"The program failed: ReferenceError: could not load module 'node:fs'",
	],
])('a program that %s fails with what was thrown', async (_, code, message) => {
	expect(await verify(verifier, js(code), { answer: '2' })).toEqual({ outcome: 'fail', message });
});

test('the right answer is told only where that is asked for', async () => {
	await using telling = javascript({ tellAnswer: true });
	const verdict = await verify(telling, js('console.log(1)'), { answer: '2' });
	expect(verdict.message).toBe('The program printed 1, but that is not the answer. The answer is 2.');
});

describe('tests', () => {
	const testing = javascript({ tests: (task) => task.tests as string });
	afterAll(() => testing.dispose());
	const tests = 'assert.equal(add(1, 2), 3);\nassert.equal(await add([1], [2]), [1, 2], "add joins lists");';

	test('pass where nothing throws', async () => {
		const add = 'const add = (a, b) => (Array.isArray(a) ? [...a, ...b] : a + b)';
		expect(await verify(testing, js(add), { tests })).toMatchObject({ outcome: 'pass' });
	});

	test.each([
		'export function add(a, b) { return Array.isArray(a) ? [...a, ...b] : a + b }',
		'const sum = (a, b) => (Array.isArray(a) ? [...a, ...b] : a + b);\nexport { sum as add };',
		'await null; export const add = (a, b) => (Array.isArray(a) ? a.concat(b) : a + b);',
	])('use what a module exports: %s', async (code) => {
		expect(await verify(testing, js(code), { tests })).toMatchObject({ outcome: 'pass' });
	});

	test.each([
		'Object.is = () => true',
		'Number.isFinite = () => false',
		'Array.isArray = () => false; Object.entries = () => []',
		'Object.getPrototypeOf = () => null; Object.entries = () => []',
		'JSON.stringify = () => ""',
		'Array.prototype.toJSON = Object.prototype.toJSON = () => 0',
		'Array.prototype.map = () => []; Array.from = () => []; Array.prototype.slice = () => []',
		"Object.defineProperty(Array.prototype, '0', { set() {}, get: () => 0 })",
		'Array.prototype[Symbol.iterator] = function* () {}',
		'Object.defineProperty(Map, Symbol.hasInstance, { value: () => false })',
		'Function.prototype.call = Function.prototype.bind = () => () => true; WeakMap.prototype.get = () => 3',
		'Error = function () { return {} }',
	])('are not passed by other built-ins: %s', async (code) => {
		const wrong = js(
			`const add = () => 4; const pairs = [[9], { a: 9 }, new Map([[1, 9]])]; const pair = () => pairs;\n${code}`,
		);
		for (const expected of [
			'add(), 3',
			'pair()[0], [2]',
			'pair()[1], { a: 2 }',
			'pair()[2], new Map([[1, 2]])',
		])
			expect(await verify(testing, wrong, { tests: `assert.equal(${expected})` })).toMatchObject({
				outcome: 'fail',
			});
	});

	test.each([
		['const add = (a, b) => a - b', 'A test of the program failed: got -1'],
		['function add(a, b) { return a + b }', 'A test of the program failed: add joins lists'],
		['function add(a) {\n  return a.b.c;\n}', /^A test of the program failed at line 2: TypeError/],
		['let x', "A test of the program failed: ReferenceError: 'add' is not defined"],
		['throw new Error("early")', 'The program failed at line 1: Error: early'],
		['const add = () => new Promise(() => {})', 'A test of the program failed: got Promise { <pending> }'],
		['const add = () => 3; globalThis.assert = Object.assign(() => {}, { equal() {} })', /add joins lists/],
	])('%s fails', async (code, message) => {
		expect(await verify(testing, js(code), { tests })).toEqual({
			outcome: 'fail',
			message: message instanceof RegExp ? expect.stringMatching(message) : message,
		});
	});

	test('that are empty ask only that the program ends well', async () => {
		await using running = javascript({ tests: '' });
		expect(await verify(running, js('console.log(1)'))).toMatchObject({ outcome: 'pass' });
		expect(await verify(running, js('console.log(x)'))).toMatchObject({ outcome: 'fail' });
	});

	test('that cannot be parsed are the caller’s error', async () => {
		await expect(verify(testing, js('let add'), { tests: '((' })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
		});
	});
});

test('a task with nothing to compare with is the caller’s error', async () => {
	await expect(verify(verifier, js('console.log(1)'))).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: 'javascript has nothing to compare with: task task has no answer; give it one, or pass expected',
	});
});

test('an answer that is to be compared as a number must have one', async () => {
	await using numeric = javascript({ compare: 'numeric' });
	await expect(verify(numeric, js('console.log(1)'), { answer: 'one' })).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: 'javascript compares numbers, but the answer of task task has none: "one"',
	});
});

test('options are checked by name', () => {
	expect(() => javascript({ timeout: 3 } as never)).toThrow('did you mean timeoutMs?');
	expect(() => javascript({ compare: 'roughly' as never })).toThrow(
		"one of 'auto', 'exact', 'numeric' for compare",
	);
});
