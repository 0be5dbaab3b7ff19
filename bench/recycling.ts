// What Token Recycling gains on a real model: drafts with and without the candidates that verification ranked
// highest. Answers are the model's own, so weights matter here.
import { addon, type NativeModel } from '../lib/addon.js';
import { awaitNative, callNative } from '../lib/errors.js';
import { readGenerateOptions } from '../lib/generate-options.js';
import { readLoadOptions } from '../lib/load-options.js';
import { type Metrics, toMetrics } from '../lib/metrics.js';
import { Model } from '../lib/model.js';
import { readSessionOptions } from '../lib/session-options.js';
import { Choices } from '../test/support/choices.js';
import { anyPrompt, editPrompt } from '../test/support/prompts.js';
import { median, printTable } from './summary.js';
import { runBench } from './support.js';

/** Prompts whose answers copy, and prompts that are merely gone on from. */
const prompts = { edits: editPrompt, 'free text': anyPrompt };
const drafts = { auto: 'auto', 'fixed, 16': { size: 16 } } as const;
const perRun = 8;

/** A model that one way of drafting has to itself, for what sessions learn stays with their model. */
class LearningModel {
	readonly facts: Model;
	readonly #native: NativeModel;
	readonly #recycling: boolean;

	private constructor(native: NativeModel, recycling: boolean) {
		this.#native = native;
		this.facts = new Model(native);
		this.#recycling = recycling;
	}

	static async load(path: string, recycling: boolean): Promise<LearningModel> {
		const options = readLoadOptions({}).native;
		return new LearningModel(
			await awaitNative(() => addon.loadModel(path, options, null).promise),
			recycling,
		);
	}

	/** Answers in a session of its own. */
	async answer(
		prompt: string,
		draft: (typeof drafts)[keyof typeof drafts],
		session: { contextLength: number; threads: number },
		maxTokens: number,
	): Promise<Metrics> {
		const { native } = readGenerateOptions({ draft, maxTokens }, this.facts);
		const { native: options } = readSessionOptions(session, this.facts.info);
		const tokens = this.#native.tokenize(prompt, true, true);
		const one = await awaitNative(() => this.#native.createSession(options).promise);
		try {
			const { metrics } = await awaitNative(() =>
				one.generate({ ...native, tokens, recycling: this.#recycling }, () => {}, null, { aborted: false }),
			);
			return toMetrics(metrics);
		} finally {
			callNative(() => one.dispose());
		}
	}
}

const sum = (metrics: readonly Metrics[], of: (one: Metrics) => number) =>
	metrics.reduce((total, one) => total + of(one), 0);
const tokensPerSecond = (metrics: readonly Metrics[]) =>
	(1000 * sum(metrics, (one) => one.passTokens)) / sum(metrics, (one) => one.decodeMs);

await runBench(
	'recycling',
	`Drafts with and without Token Recycling, ${perRun} prompts a run, each in a session of its own.`,
	{ tokens: 100, runs: 5, threads: 1, context: 512 },
	async (path, { tokens, runs, threads, context: contextLength }) => {
		const rows: string[][] = [];
		for (const [task, prompt] of Object.entries(prompts)) {
			for (const [name, draft] of Object.entries(drafts)) {
				const models = [await LearningModel.load(path, false), await LearningModel.load(path, true)] as const;
				const all: [Metrics[], Metrics[]] = [[], []];
				const speeds: [number[], number[]] = [[], []];
				for (let run = 0; run < runs; run++) {
					const said: [Metrics[], Metrics[]] = [[], []];
					for (let i = 0; i < perRun; i++) {
						const text = prompt(new Choices(run * perRun + i, task));
						for (const way of i % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
							said[way].push(await models[way].answer(text, draft, { contextLength, threads }, tokens));
					}
					for (const way of [0, 1] as const) {
						all[way].push(...said[way]);
						speeds[way].push(tokensPerSecond(said[way]));
					}
				}
				for (const model of models) await model.facts.dispose();
				const perPass = all.map((ms) => sum(ms, (m) => m.passTokens) / sum(ms, (m) => m.passes));
				const recycled = all[1];
				rows.push([
					task,
					name,
					...perPass.map((value) => value.toFixed(2)),
					...speeds.map((values) => median(values).toFixed(0)),
					median(speeds[1].map((speed, run) => speed / (speeds[0][run] ?? Number.NaN))).toFixed(2),
					`${sum(recycled, (m) => m.acceptedBySource.recycled)} of ${sum(recycled, (m) => m.draftedBySource.recycled)}`,
				]);
			}
		}
		printTable(
			[
				'prompts',
				'drafts',
				'tokens/pass without',
				'with',
				'tokens/s without',
				'with',
				'gain (median)',
				'accepted',
			],
			rows,
		);
	},
);
