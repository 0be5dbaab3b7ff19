// What a grammar adds to drafts while forms of a JSON Schema are filled in: without drafts, with ordinary ones, and
// with those that the grammar prunes and adds to. The embedded model knows nothing of forms. So "drawn" forms are
// noise that the grammar alone makes a form of; and "recorded" ones are sensible forms that are taken as the model's
// choices whatever it ranks high, cut into tokens as its vocabulary does: they stand for a clever model.
import { Command } from 'commander';
import { addon, type NativeModel } from '../lib/addon.js';
import { awaitNative, callNative } from '../lib/errors.js';
import { readGenerateOptions } from '../lib/generate-options.js';
import { type GenerateOptions, loadModel, type Model } from '../lib/index.js';
import { readLoadOptions } from '../lib/load-options.js';
import { type Metrics, toMetrics } from '../lib/metrics.js';
import { readSessionOptions } from '../lib/session-options.js';
import { ask } from '../test/support/chatml.js';
import { Choices } from '../test/support/choices.js';
import { filledForms, jsonStyles } from '../test/support/filled-forms.js';
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

interface Form {
	readonly options: GenerateOptions;
	/** What is taken as the model's choices; undefined where it chooses. */
	readonly recorded: Int32Array | undefined;
}

/** The same model once for each way, for what sessions learn stays with their model. */
class Models {
	readonly facts: Model;
	readonly #natives: readonly NativeModel[];
	readonly #threads: number;

	private constructor(facts: Model, natives: readonly NativeModel[], threads: number) {
		this.facts = facts;
		this.#natives = natives;
		this.#threads = threads;
	}

	static async load(path: string, threads: number): Promise<Models> {
		const options = readLoadOptions({}).native;
		const load = () => awaitNative(() => addon.loadModel(path, options, null).promise);
		return new Models(await loadModel(path), await Promise.all(ways.map(load)), threads);
	}

	/** Fills in a form in a session of its own. */
	async fillIn({ options, recorded }: Form, way: number): Promise<{ metrics: Metrics; text: string }> {
		const { draft, grammarDrafts } = ways[way] as Way;
		const native = this.#natives[way] as NativeModel;
		const given = readGenerateOptions({ ...options, draft }, this.facts).native;
		const { native: session } = readSessionOptions(
			{ contextLength: 2048, threads: this.#threads },
			this.facts.info,
		);
		const one = await awaitNative(() => native.createSession(session).promise);
		let text = '';
		try {
			const tokens = native.tokenize(ask('Fill in the form.'), true, true);
			const { metrics } = await awaitNative(() =>
				one.generate(
					{ ...given, tokens, grammarDrafts, ...(recorded && { recorded }) },
					({ segments }) => {
						for (const segment of segments) text += segment.text;
					},
					null,
					{ aborted: false },
				),
			);
			return { metrics: toMetrics(metrics), text };
		} finally {
			callNative(() => one.dispose());
		}
	}

	async dispose(): Promise<void> {
		for (const native of this.#natives) callNative(() => native.dispose());
		await this.facts.dispose();
	}
}

/** The form of that number: drawn by the model, or recorded in one style of JSON. */
function formOf(name: keyof typeof forms, kind: string, number: number, model: Model): Form {
	const options = { jsonSchema: forms[name], seed: number, temperature: 1, maxTokens: 1000 };
	const style = jsonStyles[kind];
	if (!style) return { options, recorded: undefined };
	const text = style(filledForms[name](new Choices(number, name)));
	const end = model.info.endTokens[0];
	const tokens = [...model.tokenize(text, { addSpecial: false }), ...(end === undefined ? [] : [end])];
	return { options, recorded: Int32Array.from(tokens) };
}

const sum = (all: readonly Metrics[], of: (one: Metrics) => number) =>
	all.reduce((total, one) => total + of(one), 0);

async function compare({ model: path, forms: count, runs, threads }: Options): Promise<void> {
	const rows: string[][] = [];
	for (const kind of ['drawn', ...Object.keys(jsonStyles)])
		for (const name of Object.keys(forms) as Array<keyof typeof forms>) {
			const models = await Models.load(path, threads);
			const all: Metrics[][] = ways.map(() => []);
			const speeds: number[][] = ways.map(() => []);
			for (let run = 0; run < runs; run++) {
				const said: Metrics[][] = ways.map(() => []);
				for (let i = 0; i < count; i++) {
					const form = formOf(name, kind, run * count + i, models.facts);
					const texts = new Set<string>();
					// In turn, so that whatever slows the machine slows all alike.
					for (let turn = 0; turn < ways.length; turn++) {
						const way = (turn + i) % ways.length;
						const { metrics, text } = await models.fillIn(form, way);
						said[way]?.push(metrics);
						texts.add(text);
					}
					if (texts.size > 1) throw new Error(`Drafts changed the text of form ${i} of ${name}`);
				}
				for (const [way, metrics] of said.entries()) {
					all[way]?.push(...metrics);
					speeds[way]?.push((1000 * sum(metrics, (m) => m.passTokens)) / sum(metrics, (m) => m.decodeMs));
				}
			}
			await models.dispose();
			for (const [way, { name: drafts }] of ways.entries()) {
				const metrics = all[way] ?? [];
				const gains = (speeds[way] ?? []).map((speed, run) => speed / (speeds[0]?.[run] ?? Number.NaN));
				const forced = sum(metrics, (m) => m.draftedBySource.grammar);
				rows.push([
					kind === 'drawn' ? kind : `recorded, ${kind}`,
					name,
					drafts,
					(sum(metrics, (m) => m.passTokens) / sum(metrics, (m) => m.passes)).toFixed(2),
					median(speeds[way] ?? []).toFixed(0),
					median(gains).toFixed(2),
					`${sum(metrics, (m) => m.accepted)} of ${sum(metrics, (m) => m.drafted)}`,
					forced === 0 ? '' : `${sum(metrics, (m) => m.acceptedBySource.grammar)} of ${forced}`,
				]);
			}
		}
	printTable(
		['forms', 'form', 'drafts', 'tokens/pass', 'tokens/s', 'gain (median)', 'accepted', 'forced accepted'],
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
