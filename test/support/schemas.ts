import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import AjvDraft4 from 'ajv-draft-04';
import fc from 'fast-check';
import type { JsonSchema } from '../../lib/index.js';

export interface NamedSchema {
	readonly name: string;
	readonly schema: JsonSchema;
	readonly draft: Draft;
}

/** Drafts of the standard, which differ in some keywords. */
export type Draft = '4' | '2020-12';

/** The schemas of the JSON Schema test suite, draft 4, as npm has it. */
export function suiteSchemas(): NamedSchema[] {
	const folder = join(
		dirname(fileURLToPath(import.meta.resolve('json-schema-test-suite/package.json'))),
		'tests',
		'draft4',
	);
	const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
		name.endsWith('.json'),
	);
	return files.sort().flatMap((file) => {
		const groups = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Array<{
			description: string;
			schema: JsonSchema;
		}>;
		return groups.map(({ description, schema }) => ({ name: `${file}: ${description}`, schema, draft: '4' }));
	});
}

/** Schemas that forms are made of. */
export const forms = {
	person: {
		type: 'object',
		properties: {
			name: { type: 'string', minLength: 1, maxLength: 20 },
			age: { type: 'integer', minimum: 0, maximum: 120 },
			email: { type: 'string', format: 'email' },
			married: { type: 'boolean' },
		},
		required: ['name', 'age', 'email', 'married'],
	},
	invoice: {
		type: 'object',
		properties: {
			number: { type: 'string', pattern: '^[A-Z]{2}-\\d{4}$' },
			date: { type: 'string', format: 'date' },
			customer: { $ref: '#/$defs/party' },
			seller: { $ref: '#/$defs/party' },
			lines: {
				type: 'array',
				minItems: 1,
				maxItems: 3,
				items: {
					type: 'object',
					properties: {
						article: { type: 'string', maxLength: 12 },
						quantity: { type: 'integer', minimum: 1, maximum: 99 },
						price: { type: 'number', minimum: 0, maximum: 999.99 },
					},
					required: ['article', 'quantity', 'price'],
				},
			},
			currency: { enum: ['EUR', 'USD', 'CHF'] },
		},
		required: ['number', 'date', 'customer', 'seller', 'lines', 'currency'],
		$defs: {
			party: {
				type: 'object',
				properties: { name: { type: 'string', maxLength: 12 }, city: { type: 'string', maxLength: 12 } },
				required: ['name', 'city'],
			},
		},
	},
	events: {
		type: 'array',
		minItems: 2,
		maxItems: 4,
		items: {
			oneOf: [
				{
					type: 'object',
					properties: {
						kind: { const: 'meeting' },
						begins: { type: 'string', format: 'time' },
						people: { type: 'array', items: { type: 'string', maxLength: 8 }, maxItems: 3 },
					},
					required: ['kind', 'begins', 'people'],
				},
				{
					type: 'object',
					properties: {
						kind: { const: 'birthday' },
						of: { type: 'string', maxLength: 8 },
						years: { type: ['integer', 'null'], exclusiveMinimum: 0, maximum: 130 },
					},
					required: ['kind', 'of', 'years'],
				},
			],
		},
	},
	config: {
		type: 'object',
		properties: {
			listen: {
				type: 'object',
				properties: {
					host: { type: 'string', format: 'ipv4' },
					port: { type: 'integer', minimum: 1, maximum: 65535 },
				},
				required: ['host', 'port'],
			},
			logLevel: { enum: ['debug', 'info', 'warning', 'error'] },
			cacheMegabytes: { type: 'integer', multipleOf: 64, minimum: 0, maximum: 1024 },
			compression: { type: 'boolean' },
			ratio: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
			tags: { type: 'object', additionalProperties: { type: 'string', maxLength: 6 } },
		},
		required: ['listen', 'logLevel', 'cacheMegabytes', 'compression', 'ratio'],
	},
} as const satisfies Record<string, JsonSchema>;

const names = fc.constantFrom('id', 'name', 'a b', 'value', 'first-name', 'größe', 'x"y', '\\', 'root', 'kv');

/** Schemas of every keyword that a grammar can follow. */
export const randomSchema: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => {
	const count = fc.integer({ min: 0, max: 3 });
	const object = fc
		.tuple(
			fc.uniqueArray(fc.tuple(names, tie('schema')), { maxLength: 4, selector: ([name]) => name }),
			fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
		)
		.map(([properties, isRequired]) => ({
			type: 'object',
			properties: Object.fromEntries(properties),
			required: properties.map(([name]) => name).filter((_, i) => isRequired[i]),
		}));
	return {
		schema: fc.oneof(
			{ depthSize: 'small', withCrossShrink: true },
			fc.constantFrom<JsonSchema>(
				{ type: 'boolean' },
				{ type: 'null' },
				{ type: ['string', 'null'], maxLength: 5 },
				{ type: 'string', format: 'uuid' },
				{ type: 'string', format: 'date-time' },
				{ type: 'string', pattern: '^(a|b[^c-e"]){1,3}\\d?$' },
				{ type: 'string', pattern: '\\w+@' },
			),
			fc.tuple(count, count).map(([least, more]) => ({
				type: 'string',
				minLength: least,
				maxLength: least + more,
			})),
			fc
				.tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(3000))
				.map(([minimum, range]) => ({ type: 'integer', minimum, exclusiveMaximum: minimum + range + 1 })),
			fc
				.tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(3000))
				.map(([low, range]) => ({ type: 'number', minimum: low / 16, maximum: (low + range) / 16 })),
			fc
				.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), {
					minLength: 1,
					maxLength: 4,
				})
				.map((values) => ({ enum: values })),
			object,
			fc.tuple(tie('schema'), count, count).map(([items, least, more]) => ({
				type: 'array',
				items,
				minItems: least,
				maxItems: least + more,
			})),
			fc
				.array(tie('schema'), { minLength: 1, maxLength: 3 })
				.map((prefixItems) => ({ type: 'array', prefixItems, items: false })),
			fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
			fc.tuple(object, object).map(([one, other]) => ({ allOf: [one, other], title: 'both' })),
			fc.tuple(tie('schema'), count).map(([value]) => ({ type: 'object', additionalProperties: value })),
		),
	};
}).schema;

/** What ajv says of a value: empty where it fits. */
export function misfit(schema: JsonSchema, value: unknown, draft: Draft = '2020-12'): string {
	const options = { strict: false, validateFormats: false, validateSchema: false, logger: false } as const;
	const ajv = draft === '4' ? new AjvDraft4.default(options) : new Ajv2020(options);
	const validate = ajv.compile(schema as object);
	return validate(value) ? '' : ajv.errorsText(validate.errors);
}
