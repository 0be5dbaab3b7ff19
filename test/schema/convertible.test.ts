import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toConvertible } from '../../lib/schema/convertible.js';
import { numberPattern } from '../../lib/schema/number-pattern.js';
import { readPattern } from '../../lib/schema/pattern.js';

const convert = (schema: unknown) => toConvertible(schema, 'jsonSchema');

/** The definition that stands for the whole schema. */
function whole(schema: unknown): unknown {
	const { $ref, $defs } = convert(schema) as { $ref: string; $defs: Record<string, { $ref?: string }> };
	let found = $defs[$ref.slice('#/$defs/'.length)];
	while (found?.$ref) found = $defs[found.$ref.slice('#/$defs/'.length)];
	return found;
}

describe('a schema is refused, and the place named, where', () => {
	test.each<[string, unknown, string]>([
		['it says not', { properties: { a: { not: {} } } }, 'jsonSchema/properties/a/not'],
		['it has cases', { if: {}, else: {} }, 'jsonSchema/if'],
		['items are to differ', { type: 'array', uniqueItems: true }, 'jsonSchema/uniqueItems'],
		['items are counted', { type: 'array', contains: {} }, 'jsonSchema/contains'],
		['names are patterns', { patternProperties: { '^a': {} } }, 'jsonSchema/patternProperties'],
		['names are to fit', { propertyNames: { maxLength: 3 } }, 'jsonSchema/propertyNames'],
		['open names are counted', { type: 'object', minProperties: 1 }, 'jsonSchema/minProperties'],
		['a reference leaves the document', { $ref: 'https://example.org/s' }, 'jsonSchema/$ref'],
		['a reference leads nowhere', { $ref: '#/$defs/a' }, 'jsonSchema/$ref'],
		['it is itself', { $ref: '#' }, 'jsonSchema: it can begin with itself'],
		['it begins with itself', { anyOf: [{ type: 'null' }, { $ref: '#' }] }, 'it can begin with itself'],
		['it includes itself', { allOf: [{ $ref: '#' }], type: 'object' }, 'refers to itself'],
		['alternatives overlap', { oneOf: [{ type: 'string' }, {}] }, 'jsonSchema/oneOf/1'],
		['a pattern looks ahead', { type: 'string', pattern: '^(?=a)b$' }, 'a lookahead'],
		['a pattern refers back', { type: 'string', pattern: '(a)\\1' }, '\\1'],
		['a pattern ends in its middle', { type: 'string', pattern: '(a$|b)c' }, 'a $ in a group'],
		['a pattern is shorter than asked', { pattern: '^a$', minLength: 2 }, 'jsonSchema/pattern'],
		['a pattern needs escapes', { type: 'string', pattern: '^\\n$' }, 'JSON writes as an escape'],
		['a format has no pattern', { type: 'string', format: 'regex' }, 'jsonSchema/format'],
		['steps are no whole numbers', { type: 'number', multipleOf: 0.1 }, 'jsonSchema/multipleOf'],
		['a type is unknown', { type: 'text' }, 'jsonSchema/type'],
		['nothing fits', { type: 'string', enum: [1] }, 'no value fits'],
		['nothing fits by bounds', { type: 'integer', minimum: 2, maximum: 1 }, 'no value fits'],
		['it is false', false, 'no value fits'],
		['a required property is false', { properties: { a: false }, required: ['a'] }, 'no value fits'],
		['a name is very long', { properties: { ['n'.repeat(500)]: {} } }, 'longer than 180 bytes'],
		['a schema is no object', { properties: { a: 1 } }, 'jsonSchema/properties/a'],
	])('%s', (_, schema, reason) => {
		expect(() => convert(schema)).toThrow(
			expect.objectContaining({ code: 'SCHEMA_UNSUPPORTED', message: expect.stringContaining(reason) }),
		);
	});

	test('it is deep, large or has many optional properties', () => {
		let deep: unknown = {};
		for (let i = 0; i < 1000; i++) deep = { items: deep };
		expect(() => convert(deep)).toThrow('nested deeper');
		const chain = Object.fromEntries(
			Array.from({ length: 1000 }, (_, i) => [`d${i}`, { properties: { a: { $ref: `#/$defs/d${i + 1}` } } }]),
		);
		expect(() => convert({ $ref: '#/$defs/d0', $defs: { ...chain, d1000: {} } })).toThrow('nested deeper');
		const doubled = Object.fromEntries(
			Array.from({ length: 40 }, (_, i) => [
				`d${i}`,
				{
					allOf: [
						{
							properties: {
								a: { $ref: `#/$defs/d${i + 1}`, minLength: 1 },
								b: { $ref: `#/$defs/d${i + 1}`, minLength: 1 },
							},
						},
					],
				},
			]),
		);
		expect(() => convert({ $ref: '#/$defs/d0', $defs: { ...doubled, d40: {} } })).toThrow('more than 5000');
		const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`p${i}`, {}]));
		expect(() => convert({ properties: wide })).toThrow('optional properties');
		expect(convert({ properties: wide, required: Object.keys(wide) })).toBeTruthy();
	});
});

describe('a schema is said in other words:', () => {
	test('properties close an object, and bounds of its size choose among them', () => {
		expect(
			whole({ properties: { a: {}, b: {}, c: {} }, required: ['a'], minProperties: 2, maxProperties: 2 }),
		).toEqual({
			type: 'object',
			properties: { a: {}, b: {} },
			required: ['a', 'b'],
			additionalProperties: false,
		});
	});
	test('that names are strings says nothing, as Zod writes it of a record', () => {
		const record = { type: 'object', additionalProperties: { type: 'boolean' } };
		const zod = { ...record, propertyNames: { type: 'string' } };
		expect(whole(zod)).toEqual(whole(record));
	});

	test('all of several schemas are one', () => {
		expect(
			whole({ type: 'string', minLength: 2, allOf: [{ maxLength: 5 }, { minLength: 3, maxLength: 9 }] }),
		).toEqual({ type: 'string', minLength: 3, maxLength: 5 });
		expect(whole({ enum: [1, 2, 'a'], type: ['integer', 'null'], minimum: 2 })).toEqual({ enum: [2] });
	});
	test('a type beside alternatives holds for each', () => {
		expect(whole({ type: 'integer', anyOf: [{ minimum: 5, maximum: 6 }, { type: 'string' }] })).toEqual({
			type: 'integer',
			minimum: 5,
			maximum: 6,
		});
	});
	test('steps within bounds are listed', () => {
		expect(whole({ type: 'integer', multipleOf: 5, minimum: -7, maximum: 10 })).toEqual({
			enum: [-5, 0, 5, 10],
		});
	});
	test('what JSON Pointers escape is found', () => {
		expect(whole({ $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { type: 'null' } } })).toEqual({
			type: 'null',
		});
	});
	test('names that JavaScript has itself are names', () => {
		const schema = JSON.parse('{"properties":{"__proto__":{"type":"null"},"constructor":{"type":"null"}}}');
		expect(Object.keys((whole(schema) as { properties: object }).properties)).toEqual([
			'__proto__',
			'constructor',
		]);
		expect(whole(JSON.parse('{"type":"null","__proto__":{"enum":[1]}}'))).toEqual({ type: 'null' });
	});
});

/** The converter's pattern, as JavaScript reads it. */
const asRegExp = (source: string) =>
	new RegExp(
		source.replace(/\\U([0-9a-f]{8})/g, (_, hex) => `\\u{${hex.replace(/^0+(?=.)/, '')}}`),
		'u',
	);

test('strings of a converted pattern are the pattern’s that JSON writes without escapes', () => {
	const patterns = [
		'^a+b?$',
		'x|yz$',
		'^[^a-c]{2}$',
		'\\d-\\d',
		'^(?:ab|c)*$',
		'^\\S+$',
		'^.$',
		'^[\\w.]{1,3}@',
	];
	fc.assert(
		fc.property(
			fc.constantFrom(...patterns),
			fc.string({ unit: fc.constantFrom(...'abcxyz01-@. "\\\n…'), maxLength: 6 }),
			(pattern, text) => {
				const isPlain = JSON.stringify(text) === `"${text}"`;
				const fits = new RegExp(pattern, 'u').test(text);
				expect(asRegExp(readPattern(pattern, 'p').source).test(text)).toBe(fits && isPlain);
			},
		),
		{ numRuns: 2000 },
	);
});

test('numbers of a pattern lie within its bounds, and those strictly within are all its', () => {
	const bound = fc.integer({ min: -5000, max: 5000 }).map((n) => n / 8);
	const number = fc.tuple(fc.double({ min: -0.2, max: 1.2, noNaN: true }), fc.nat(5));
	fc.assert(
		fc.property(
			fc.tuple(bound, bound),
			fc.boolean(),
			fc.boolean(),
			fc.array(number, { minLength: 50, maxLength: 50 }),
			(ends, aboveLow, belowHigh, numbers) => {
				const [low, high] = [Math.min(...ends), Math.max(...ends)];
				const pattern = numberPattern({ low, high, aboveLow, belowHigh }, 'p');
				for (const [share, places] of numbers) {
					const text = (low + share * (high - low)).toFixed(places);
					const value = Number(text);
					const fits = (aboveLow ? value > low : value >= low) && (belowHigh ? value < high : value <= high);
					const isOfPattern = pattern !== null && asRegExp(pattern).test(text);
					if (!fits) expect(isOfPattern, `${text} of ${low}…${high}`).toBe(false);
					// Next to an end that is excluded some are left out, and so is minus zero.
					const isClear = low < value && value < high && value !== 0 && !aboveLow && !belowHigh;
					if (isClear) expect(isOfPattern, `${text} of ${low}…${high}`).toBe(true);
				}
			},
		),
	);
});
