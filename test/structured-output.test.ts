import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { type GenerateOptions, type JsonSchema, loadModel, type StandardSchema } from '../lib/index.js';
import { ask } from './support/chatml.js';
import { formModel } from './support/models.js';
import { forms, misfit } from './support/schemas.js';

const model = await loadModel(formModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

const prompt = ask('Fill in the form.');
const seeds = [1, 2, 3];
const sampled = (seed: number): GenerateOptions => ({ temperature: 1.5, seed, maxTokens: 700 });

describe.each(Object.entries(forms))('a filled-in form (%s)', (_, jsonSchema) => {
	test('fits its schema, and drafts leave it as it is', async () => {
		for (const seed of seeds) {
			const options = { ...sampled(seed), jsonSchema };
			const plain = await session.generate(prompt, { ...options, draft: 'off' }).result;
			expect(plain.finishReason).toBe('end');
			expect(plain.object).toEqual(JSON.parse(plain.text));
			expect(misfit(jsonSchema, plain.object), plain.text).toBe('');
			for (const draft of ['auto', { size: 16 }] as const) {
				const drafted = await session.generate(prompt, { ...options, draft }).result;
				expect(drafted.text).toBe(plain.text);
				expect(drafted.object).toEqual(plain.object);
			}
		}
	});

	test('is drafted where the grammar leaves one way on', async () => {
		const { metrics } = await session.generate(prompt, { ...sampled(7), jsonSchema, draft: { size: 16 } })
			.result;
		expect(metrics.acceptedBySource.grammar).toBeGreaterThan(0);
		expect(metrics.tokensPerPass).toBeGreaterThan(1.2);
	});
});

test('json: true gives an object', async () => {
	const { object, text } = await session.generate(prompt, { ...sampled(5), json: true }).result;
	expect(text[0]).toBe('{');
	if (object !== undefined) expect(object).toBeTypeOf('object');
	const both = { json: true, grammar: 'root ::= "a"' };
	expect(() => session.generate(prompt, both)).toThrow('grammar and json');
});

test('a chat takes a schema like a session', async () => {
	const chat = session.chat();
	const { object } = await chat.send('Fill in the form.', { jsonSchema: { enum: ['yes', 'no'] } }).result;
	expect(['yes', 'no']).toContain(object);
	expect(chat.messages.at(-1)?.content).toBe(JSON.stringify(object));
});

test('a text that is cut short has no object, and says why', async () => {
	const { object, issues, finishReason } = await session.generate(prompt, {
		jsonSchema: forms.person,
		maxTokens: 5,
	}).result;
	expect([object, finishReason]).toEqual([undefined, 'length']);
	expect(issues).toEqual([{ message: 'The JSON is not complete: maxTokens ended it' }]);
});

test('a number that is cut short has no object either', async () => {
	const jsonSchema = { type: 'integer', minimum: 100_000, maximum: 200_000 };
	const { object, text } = await session.generate(prompt, { jsonSchema, maxTokens: 1 }).result;
	expect(text).toMatch(/^\d/);
	expect(object).toBeUndefined();
});

describe('a schema of Zod', () => {
	const Person = z.object({
		name: z.string().max(12),
		age: z.number().int().min(0).max(150),
		height: z.number().positive().max(3),
		pets: z.array(z.enum(['cat', 'dog'])).max(2),
		state: z.discriminatedUnion('kind', [
			z.object({ kind: z.literal('single') }),
			z.object({ kind: z.literal('married'), since: z.iso.date() }),
		]),
	});

	test('gives a value of its type', async () => {
		for (const seed of seeds) {
			const { object, issues } = await session.generate(prompt, { ...sampled(seed), schema: Person }).result;
			expectTypeOf(object).toEqualTypeOf<z.infer<typeof Person> | undefined>();
			expect(issues).toEqual([]);
			expect(Person.parse(object)).toEqual(object);
		}
	});

	test('in a chat, too', async () => {
		const Answer = z.object({ sure: z.boolean() });
		const { object } = await session.chat().send('Sure?', { schema: Answer }).result;
		expectTypeOf(object).toEqualTypeOf<{ sure: boolean } | undefined>();
		expect(object?.sure).toBeTypeOf('boolean');
	});

	test('says why it does not take a value', async () => {
		const odd = z.object({ a: z.literal([1, 2]) }).refine(() => false, 'never');
		const { object, issues, text } = await session.generate(prompt, { schema: odd }).result;
		expect(JSON.parse(text).a).toBeTypeOf('number');
		expect(object).toBeUndefined();
		expect(issues).toMatchObject([{ message: 'never' }]);
	});

	test('makes something else of a value', async () => {
		const schema = z.object({ n: z.literal(3) }).transform(({ n }) => `${n}!`);
		const { object } = await session.generate(prompt, { schema }).result;
		expectTypeOf(object).toEqualTypeOf<string | undefined>();
		expect(object).toBe('3!');
	});

	test('that JSON Schema has no words for is refused', () => {
		expect(() => session.generate(prompt, { schema: z.object({ a: z.date() }) })).toThrow(
			expect.objectContaining({
				code: 'SCHEMA_UNSUPPORTED',
				message: expect.stringContaining('jsonSchema beside it'),
			}),
		);
	});
});

test('a library that does not tell the JSON Schema has it told beside', async () => {
	const schema: StandardSchema<'yes'> = {
		'~standard': {
			version: 1,
			vendor: 'mine',
			validate: async (value) => (value === 'yes' ? { value } : { issues: [{ message: 'no' }] }),
		},
	};
	expect(() => session.generate(prompt, { schema })).toThrow('mine does not say');
	const { object } = await session.generate(prompt, { schema, jsonSchema: { const: 'yes' } }).result;
	expect(object).toBe('yes');
});

test('a validation that throws rejects, and the session goes on', async () => {
	const schema: StandardSchema = {
		'~standard': {
			version: 1,
			vendor: 'mine',
			validate: () => {
				throw new Error('broken');
			},
		},
	};
	await expect(session.generate(prompt, { schema, jsonSchema: { const: 1 } }).result).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringContaining('broken'),
	});
	expect(await session.generate(prompt, { jsonSchema: { const: 1 } }).text()).toBe('1');
});

describe('a hostile schema is refused at once:', () => {
	const nested = (depth: number) => {
		let schema: JsonSchema = {};
		for (let i = 0; i < depth; i++) schema = { items: schema };
		return schema;
	};
	const circular: Record<string, unknown> = { type: 'object' };
	circular.properties = { a: circular };
	const refused: Array<[string, unknown, string]> = [
		['100,000 levels', nested(100_000), 'SCHEMA_UNSUPPORTED'],
		['1000 levels', nested(1000), 'SCHEMA_UNSUPPORTED'],
		['an object in itself', circular, 'OPTION_INVALID'],
		['a bigint', { const: 1n }, 'OPTION_INVALID'],
		['a remote reference', { $ref: 'http://127.0.0.1:9/schema' }, 'SCHEMA_UNSUPPORTED'],
		['a text', '{}', 'OPTION_INVALID'],
		['2 MB', { enum: ['x'.repeat(2_000_000)] }, 'SCHEMA_UNSUPPORTED'],
		['huge repeats', { type: 'array', minItems: 1e9 }, 'SCHEMA_UNSUPPORTED'],
		['huge repeats of a pattern', { pattern: '^a{3000}$' }, 'SCHEMA_UNSUPPORTED'],
		['a lone surrogate', { properties: { '\ud800': {} } }, 'SCHEMA_UNSUPPORTED'],
		[
			'a revoked proxy',
			(() => {
				const { proxy, revoke } = Proxy.revocable({}, {});
				revoke();
				return proxy;
			})(),
			'OPTION_INVALID',
		],
	];
	test.each(refused)('%s', (_, jsonSchema, code) => {
		expect(() => session.generate(prompt, { jsonSchema: jsonSchema as JsonSchema })).toThrow(
			expect.objectContaining({ code }),
		);
	});

	test('while names that could be mistaken for rules are none', async () => {
		const properties = Object.fromEntries(
			[
				'',
				'root',
				'd0',
				'string',
				'char',
				'space',
				'value-kv',
				'a]b',
				'^',
				'-',
				'"',
				'ref-defs-d1',
				'\n',
			].map((name) => [name, { const: name }]),
		);
		const jsonSchema = { type: 'object', properties, required: Object.keys(properties) };
		const { object } = await session.generate(prompt, { ...sampled(1), jsonSchema }).result;
		expect(object).toEqual(Object.fromEntries(Object.keys(properties).map((name) => [name, name])));
	});
});
