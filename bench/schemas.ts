// Whether texts fit their schemas: those of the JSON Schema test suite and random ones, each filled in some times at
// a high temperature and validated by ajv. Schemas that are refused are listed with the reason.
import { Command } from 'commander';
import fc from 'fast-check';
import { isRepriseError } from '../lib/errors.js';
import { loadModel } from '../lib/index.js';
import { ask } from '../test/support/chatml.js';
import { formModel } from '../test/support/models.js';
import { misfit, type NamedSchema, randomSchema, suiteSchemas } from '../test/support/schemas.js';
import { printTable } from './summary.js';
import { positive, runCommand } from './support.js';

interface Options {
	readonly model: string;
	readonly schemas: number;
	readonly outputs: number;
	readonly tokens: number;
	readonly seed: number;
}

interface Tally {
	schemas: number;
	refused: number;
	outputs: number;
	complete: number;
	misfits: number;
}

async function run({ model: path, schemas: count, outputs, tokens, seed }: Options): Promise<void> {
	const model = await loadModel(path);
	const session = await model.createSession({ contextLength: 2048, threads: 1 });
	const prompt = ask('Fill in the form.');
	const refusals = new Map<string, string[]>();
	const suite = suiteSchemas();
	const random = fc
		.sample(randomSchema, { numRuns: Math.max(1, count - suite.length), seed })
		.map((schema, i) => ({ name: `random ${i}`, schema, draft: '2020-12' as const }));
	const rows: string[][] = [];
	for (const [kind, schemas] of Object.entries({ 'test suite, draft 4': suite, random })) {
		const tally: Tally = { schemas: 0, refused: 0, outputs: 0, complete: 0, misfits: 0 };
		for (const one of schemas) {
			tally.schemas++;
			const reason = await fillIn(one, tally);
			if (reason !== undefined) refusals.set(reason, [...(refusals.get(reason) ?? []), one.name]);
		}
		rows.push([kind, ...Object.values(tally).map(String)]);
	}
	await session.dispose();
	await model.dispose();
	printTable(['schemas of', 'schemas', 'refused', 'outputs', 'complete', 'do not fit'], rows);
	console.log();
	for (const [reason, names] of refusals) console.log(`${names.length} refused: ${reason} (${names[0]})`);

	async function fillIn(one: NamedSchema, tally: Tally): Promise<string | undefined> {
		const { name, schema: jsonSchema, draft } = one;
		for (let i = 0; i < outputs; i++) {
			const options = { jsonSchema, temperature: 1.5, seed: seed + i, maxTokens: tokens };
			try {
				const { object, text, finishReason } = await session.generate(prompt, options).result;
				tally.outputs++;
				if (finishReason !== 'end') continue;
				tally.complete++;
				const why = misfit(jsonSchema, object, draft);
				if (why === '') continue;
				tally.misfits++;
				console.log(`${name}: ${text} does not fit ${JSON.stringify(jsonSchema)}: ${why}`);
			} catch (error) {
				if (!isRepriseError(error) || error.code !== 'SCHEMA_UNSUPPORTED') {
					console.log(`${name}: ${JSON.stringify(jsonSchema)}`);
					throw error;
				}
				tally.refused++;
				return error.message.replace(/at \S+: /, '').replace('The schema cannot be followed ', '');
			}
		}
		return undefined;
	}
}

await runCommand(
	new Command('schemas')
		.description('Texts of many schemas, validated by ajv.')
		.option('--model <gguf>', 'model to run', formModel)
		.option('--schemas <n>', 'schemas in all, those of the test suite among them', positive, 400)
		.option('--outputs <n>', 'texts of each', positive, 10)
		.option('--tokens <n>', 'tokens of a text at most', positive, 300)
		.option('--seed <n>', 'the first seed, of schemas and texts', positive, 1)
		.action(run),
);
