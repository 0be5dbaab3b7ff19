// What a grammar adds to drafts while forms of a JSON Schema are filled in: without drafts, with ordinary ones, and
// with those that the grammar prunes and adds to. The grammar stands for a clever model here: the embedded one knows
// nothing of forms, so what it fills in is noise, and ordinary drafts find less in it than in what is sensible.
import { Command } from 'commander';
import { addon, type NativeModel } from '../lib/addon.js';
import { awaitNative, callNative } from '../lib/errors.js';
import { readGenerateOptions } from '../lib/generate-options.js';
import { type GenerateOptions, loadModel, type Model } from '../lib/index.js';
import { readLoadOptions } from '../lib/load-options.js';
import { type Metrics, toMetrics } from '../lib/metrics.js';
import { readSessionOptions } from '../lib/session-options.js';
import { ask } from '../test/support/chatml.js';
import { formModel } from '../test/support/models.js';
import { forms } from '../test/support/schemas.js';
import { median, printTable } from './summary.js';
import { positive, runCommand } from './support.js';

interface Way {
	readonly name: string;
	readonly draft: 'auto' | 'off';
	readonly grammarDrafts: boolean;
}

const ways: readonly Way[] = [
	{ name: 'without', draft: 'off', grammarDrafts: false },
	{ name: 'ordinary', draft: 'auto', grammarDrafts: false },
	{ name: 'with the grammar', draft: 'auto', grammarDrafts: true },
];

interface Options {
	readonly model: string;
	readonly forms: number;
	readonly runs: number;
	readonly threads: number;
}

/** Fills in forms; each way has a model of its own, for what sessions learn stays with their model. */
async function fillIn(
	native: NativeModel,
	model: Model,
	options: GenerateOptions,
	grammarDrafts: boolean,
	threads: number,
): Promise<{ metrics: Metrics; text: string }> {
	const { native: given } = readGenerateOptions(options, model);
	const { native: sessionOptions } = readSessionOptions({ contextLength: 2048, threads }, model.info);
	const session = await awaitNative(() => native.createSession(sessionOptions).promise);
	let text = '';
	try {
		const tokens = native.tokenize(ask('Fill in the form.'), true, true);
		const { metrics } = await awaitNative(() =>
			session.generate(
				{ ...given, tokens, grammarDrafts },
				({ segments }) => {
					for (const segment of segments) text += segment.text;
				},
				null,
				{ aborted: false },
			),
		);
		return { metrics: toMetrics(metrics), text };
	} finally {
		callNative(() => session.dispose());
	}
}

const sum = (all: readonly Metrics[], of: (one: Metrics) => number) =>
	all.reduce((total, one) => total + of(one), 0);

async function compare({ model: path, forms: count, runs, threads }: Options): Promise<void> {
	const facts = await loadModel(path);
	const load = readLoadOptions({}).native;
	const rows: string[][] = [];
	for (const [form, jsonSchema] of Object.entries(forms)) {
		const natives = await Promise.all(
			ways.map(() => awaitNative(() => addon.loadModel(path, load, null).promise)),
		);
		const all: Metrics[][] = ways.map(() => []);
		const speeds: number[][] = ways.map(() => []);
		for (let run = 0; run < runs; run++) {
			const said: Metrics[][] = ways.map(() => []);
			for (let i = 0; i < count; i++) {
				const seed = run * count + i;
				const texts = new Set<string>();
				// In turn, so that whatever slows the machine slows all alike.
				for (let turn = 0; turn < ways.length; turn++) {
					const way = (turn + i) % ways.length;
					const { draft, grammarDrafts } = ways[way] as Way;
					const options = { jsonSchema, draft, seed, temperature: 1, maxTokens: 1000 };
					const { metrics, text } = await fillIn(
						natives[way] as NativeModel,
						facts,
						options,
						grammarDrafts,
						threads,
					);
					said[way]?.push(metrics);
					texts.add(text);
				}
				if (texts.size > 1) throw new Error(`Drafts changed the text of ${form} with seed ${seed}`);
			}
			for (const [way, metrics] of said.entries()) {
				all[way]?.push(...metrics);
				speeds[way]?.push((1000 * sum(metrics, (m) => m.passTokens)) / sum(metrics, (m) => m.decodeMs));
			}
		}
		for (const native of natives) callNative(() => native.dispose());
		for (const [way, { name }] of ways.entries()) {
			const metrics = all[way] ?? [];
			const gains = (speeds[way] ?? []).map((speed, run) => speed / (speeds[0]?.[run] ?? Number.NaN));
			const forced = sum(metrics, (m) => m.draftedBySource.grammar);
			rows.push([
				form,
				name,
				(sum(metrics, (m) => m.passTokens) / sum(metrics, (m) => m.passes)).toFixed(2),
				median(speeds[way] ?? []).toFixed(0),
				median(gains).toFixed(2),
				`${sum(metrics, (m) => m.accepted)} of ${sum(metrics, (m) => m.drafted)}`,
				forced === 0 ? '' : `${sum(metrics, (m) => m.acceptedBySource.grammar)} of ${forced}`,
			]);
		}
	}
	await facts.dispose();
	printTable(
		['form', 'drafts', 'tokens/pass', 'tokens/s', 'gain (median)', 'accepted', 'forced accepted'],
		rows,
	);
}

await runCommand(
	new Command('forms')
		.description('Drafts while forms of a JSON Schema are filled in, with and without the grammar’s say.')
		.option('--model <gguf>', 'model to run', formModel)
		.option('--forms <n>', 'forms of each kind in a run', positive, 6)
		.option('--runs <n>', 'runs', positive, 5)
		.option('--threads <n>', 'CPU threads', positive, 1)
		.action(compare),
);
