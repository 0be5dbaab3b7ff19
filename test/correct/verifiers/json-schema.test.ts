import { describe, expect, test } from 'vitest';
import { jsonSchema } from '../../../lib/correct/verifiers/json-schema.js';
import { verify } from '../../support/verify.js';

const person = jsonSchema({
	type: 'object',
	required: ['name', 'age'],
	additionalProperties: false,
	properties: {
		name: { type: 'string' },
		age: { type: 'integer', minimum: 0 },
		mail: { type: 'string', format: 'email' },
		role: { enum: ['guest', 'member'] },
	},
});

describe('the JSON of an answer', () => {
	test.each([
		['a json block', 'Here:\n```json\n{ "name": "Mara", "age": 3 }\n```\nDone.'],
		['the last json block', '```json\n{}\n```\n```json\n{ "name": "Mara", "age": 3 }\n```'],
		['a block without a label', '```\n{ "name": "Mara", "age": 3 }\n```'],
		['the whole answer', ' { "name": "Mara", "age": 3 }\n'],
	])('is %s', async (_, answer) => {
		expect(await verify(person, answer)).toEqual({ outcome: 'pass' });
	});

	test.each([
		['', 'There is no JSON in the answer.'],
		['```js\n1\n```', 'There is no JSON in the answer.'],
		['The name is Mara.', /^The answer is not JSON: .*T/],
		['{ "name": "Mara", ', /^The answer is not JSON: /],
	])('is missing in %j', async (answer, message) => {
		expect(await verify(person, answer)).toEqual({
			outcome: 'fail',
			message: message instanceof RegExp ? expect.stringMatching(message) : message,
		});
	});
});

test('every error is told, with its place', async () => {
	const answer = '{ "age": -1, "mail": "nobody", "role": "king", "hat": true }';
	expect(await verify(person, answer)).toEqual({
		outcome: 'fail',
		message: [
			'The JSON does not fit the schema:',
			"- the whole must have required property 'name'",
			'- the whole must NOT have additional properties ("hat")',
			'- /age must be >= 0',
			'- /mail must match format "email"',
			'- /role must be equal to one of the allowed values (["guest","member"])',
		].join('\n'),
	});
});

test('of many errors the first ten are told', async () => {
	const numbers = jsonSchema({ type: 'array', items: { type: 'number' } });
	const verdict = await verify(numbers, JSON.stringify(Array(50).fill('x')));
	expect(verdict.message?.split('\n')).toHaveLength(12);
	expect(verdict.message).toContain('- /9 must be number\n- and 40 more');
});

test.each([
	['draft 7', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'number' }] }],
	[
		'2019-09',
		{
			$schema: 'https://json-schema.org/draft/2019-09/schema',
			unevaluatedItems: false,
			items: [{ type: 'number' }],
		},
	],
	['2020-12', { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'number' }] }],
])('schemas of %s are known', async (_, schema) => {
	expect(await verify(jsonSchema(schema), '[1]')).toEqual({ outcome: 'pass' });
	expect(await verify(jsonSchema(schema), '["x"]')).toMatchObject({ outcome: 'fail' });
});

test('a pattern that takes for ever is the caller’s error', async () => {
	const slow = jsonSchema({ type: 'string', pattern: '^(a+)+$' }, { timeoutMs: 50 });
	await expect(verify(slow, JSON.stringify(`${'a'.repeat(50)}b`))).rejects.toMatchObject({
		code: 'VERIFIER_FAILED',
	});
});

/** How often a timer fires while a check is done: never, where JavaScript is held up. */
async function ticksDuring(check: Promise<unknown>): Promise<number> {
	let ticks = 0;
	const timer = setInterval(() => ticks++, 5);
	await check.catch(() => {});
	clearInterval(timer);
	return ticks;
}

describe('JavaScript goes on', () => {
	const large = {
		type: 'object',
		properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, { type: 'string' }])),
	};

	test('while a large schema is compiled, which then judges answers', async () => {
		const verifier = jsonSchema(large);
		const answer = '{ "p19999": 3 }';
		const verdict = verify(verifier, answer);
		expect(await ticksDuring(verdict)).toBeGreaterThan(10);
		expect(await verdict).toMatchObject({ message: expect.stringContaining('/p19999 must be string') });
		expect(await verify(verifier, '{ "p19999": "x" }')).toEqual({ outcome: 'pass' });
	});

	test('while a pattern of a schema takes long, and others are used', async () => {
		const slow = jsonSchema({ type: 'string', pattern: '^(a+)+$' }, { timeoutMs: 300 });
		const late = verify(slow, JSON.stringify(`${'a'.repeat(50)}b`));
		const ticks = ticksDuring(late);
		expect(await verify(person, '{ "name": "Mara", "age": 3 }')).toEqual({ outcome: 'pass' });
		expect(await ticks).toBeGreaterThan(10);
		await expect(late).rejects.toMatchObject({ code: 'VERIFIER_FAILED' });
	});

	test('and a signal ends the compilation, or the wait for a thread', async () => {
		const controller = new AbortController();
		const verdicts = Array.from({ length: 6 }, (_, i) =>
			verify(jsonSchema({ ...large, title: `${i}` }), '{}', {}, controller.signal),
		);
		setTimeout(() => controller.abort(), 100);
		for (const verdict of await Promise.allSettled(verdicts))
			expect(verdict).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } });
		expect(await verify(person, '{ "name": "Mara", "age": 3 }')).toEqual({ outcome: 'pass' });
	});
});

test('a large schema that is none is the caller’s error, when it is used', async () => {
	const wrong = jsonSchema({ typ: 'string', description: 'x'.repeat(2 ** 16) });
	await expect(verify(wrong, '1')).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringContaining('unknown keyword: "typ"'),
	});
});

test.each([
	['itself', { $ref: '#' }],
	[
		'one that refers back',
		{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
	],
	['itself among others', { allOf: [{ type: 'number' }, { $ref: '#' }] }],
])('a schema that refers to %s without end is the caller’s error', async (_, schema) => {
	const endless = (async () => verify(jsonSchema(schema), '1'))();
	await expect(endless).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});

test('a schema that is no JSON is the caller’s error', () => {
	const circle: Record<string, unknown> = {};
	circle.properties = { circle };
	for (const schema of [circle, { const: 3n }, () => true])
		expect(() => jsonSchema(schema as object)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});

test('a large answer gets a verdict, whatever is wrong with it', async () => {
	const numbers = jsonSchema({ type: 'array', items: { type: 'number' } }, { timeoutMs: 60_000 });
	const many = `[${'"x",'.repeat(3e5)}1]`;
	expect(await verify(numbers, many)).toMatchObject({
		message: expect.stringContaining('and 299990 more'),
	});
	expect(await verify(numbers, many.slice(0, -1))).toMatchObject({ outcome: 'fail' });
	expect(await verify(numbers, `[${'1,'.repeat(1e6)}1]`)).toEqual({ outcome: 'pass' });
});

test('JSON of any depth gets a verdict', async () => {
	const tree = jsonSchema({
		$defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } },
		$ref: '#/$defs/tree',
	});
	expect(await verify(tree, '['.repeat(1e5) + ']'.repeat(1e5))).toMatchObject({ outcome: 'fail' });
});

test.each([
	['no schema', 3, 'Expected a JSON Schema but received 3'],
	['a type that does not exist', { type: 'text' }, 'must be equal to one of the allowed values'],
	['a keyword that does not exist', { typ: 'string' }, 'unknown keyword: "typ"'],
	['a format that does not exist', { type: 'string', format: 'poem' }, 'unknown format "poem"'],
	['a reference that leads nowhere', { $ref: '#/$defs/none' }, "can't resolve reference"],
])('%s is the caller’s error', (_, schema, message) => {
	expect(() => jsonSchema(schema as object)).toThrow(
		expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
	);
});
