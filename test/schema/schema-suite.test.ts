import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { ask } from '../support/chatml.js';
import { formModel } from '../support/models.js';
import { misfit, type NamedSchema, randomSchema, suiteSchemas } from '../support/schemas.js';

// bench/schemas.ts does the same with more schemas and more texts of each.
const model = await loadModel(formModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

interface Outcome {
	refused: string[];
	complete: number;
	outputs: number;
}

/** Fills in each schema some times; every complete text has to fit. */
async function fillIn(schemas: readonly NamedSchema[], times: number): Promise<Outcome> {
	const outcome: Outcome = { refused: [], complete: 0, outputs: 0 };
	for (const { name, schema, draft } of schemas)
		for (let seed = 0; seed < times; seed++) {
			const options = { jsonSchema: schema, temperature: 1.5, seed, maxTokens: 150 };
			try {
				const { object, text, finishReason } = await session.generate(ask('Fill in.'), options).result;
				outcome.outputs++;
				if (finishReason !== 'end') continue;
				outcome.complete++;
				expect(misfit(schema, object, draft), `${name}: ${text} of ${JSON.stringify(schema)}`).toBe('');
			} catch (error) {
				if ((error as { code?: string }).code !== 'SCHEMA_UNSUPPORTED') throw error;
				outcome.refused.push(name);
				break;
			}
		}
	return outcome;
}

test('a text fits its schema of the JSON Schema test suite, or the schema is refused', async () => {
	const schemas = suiteSchemas();
	const { refused, complete, outputs } = await fillIn(schemas, 2);
	expect(complete).toBeGreaterThan(0.7 * outputs);
	expect(refused.length).toBeLessThan(0.4 * schemas.length);
}, 120_000);

test('a text fits any schema that forms may be made of', async () => {
	const schemas = fc
		.sample(randomSchema, { numRuns: 60, seed: 1 })
		.map((schema, i) => ({ name: `random ${i}`, schema, draft: '2020-12' as const }));
	const { refused, complete, outputs } = await fillIn(schemas, 2);
	expect(complete).toBeGreaterThan(0.7 * outputs);
	expect(refused.length).toBeLessThan(6);
}, 120_000);
