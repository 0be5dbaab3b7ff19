// What shared passes gain: forks that generate, or compute prompts of their own, at once against one after another.
import { availableParallelism } from 'node:os';
import { loadModel } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { type BenchOptions, median, printTable, randomTokens, runBench } from './support.js';

const members = 8;
const promptLength = 256;
/** Of the prompt that each fork has to itself. */
const ownPromptLength = 24;

/** Tokens a second of all forks together, the prompt being computed already. */
async function sample(root: Session, options: BenchOptions, together: boolean): Promise<number> {
	const forks: Session[] = [];
	for (let i = 0; i < members; i++) forks.push(await root.fork());
	const say = async (fork: Session, seed: number) =>
		(await fork.generate(null, { maxTokens: options.tokens, temperature: 1, seed, draft: 'off' }).result)
			.tokens.length;
	const start = performance.now();
	let tokens = 0;
	if (together) for (const said of await Promise.all(forks.map(say))) tokens += said;
	else for (const [seed, fork] of forks.entries()) tokens += await say(fork, seed);
	const seconds = (performance.now() - start) / 1000;
	for (const fork of forks) await fork.dispose();
	return tokens / seconds;
}

/** Tokens a second of prompts that the forks do not share. */
async function samplePrompts(
	root: Session,
	prompts: readonly Int32Array[],
	together: boolean,
): Promise<number> {
	const forks: Session[] = [];
	for (const _ of prompts) forks.push(await root.fork());
	const start = performance.now();
	const prefill = (fork: Session, i: number) => fork.prefill(prompts[i] as Int32Array);
	if (together) await Promise.all(forks.map(prefill));
	else for (const [i, fork] of forks.entries()) await prefill(fork, i);
	const seconds = (performance.now() - start) / 1000;
	for (const fork of forks) await fork.dispose();
	return prompts.reduce((sum, prompt) => sum + prompt.length, 0) / seconds;
}

await runBench(
	'forks',
	`${members} forks of one session: tokens a second at once and one after another, generated without drafts and of prompts.`,
	{ tokens: 32, runs: 3, threads: availableParallelism(), context: 2048 },
	async (modelPath, options) => {
		await using model = await loadModel(modelPath);
		await using root = await model.createSession({
			contextLength: options.context,
			threads: options.threads,
			maxSequences: members + 1,
		});
		await root.prefill(randomTokens(promptLength, model.info.vocabularySize, 1));
		const prompts = Array.from({ length: members }, (_, i) =>
			randomTokens(ownPromptLength, model.info.vocabularySize, 2 + i),
		);
		const rates: Record<string, number[]> = {};
		const take = (kind: string, rate: number) => {
			rates[kind] = [...(rates[kind] ?? []), rate];
		};
		for (let i = 0; i < options.runs; i++)
			for (const together of [false, true]) {
				const when = together ? 'at once' : 'one after another';
				take(`generated, ${when}`, await sample(root, options, together));
				take(`prompts, ${when}`, await samplePrompts(root, prompts, together));
			}
		const rows = ['generated', 'prompts'].flatMap((what) => {
			const base = median(rates[`${what}, one after another`] ?? []);
			return ['one after another', 'at once'].map((when) => {
				const rate = median(rates[`${what}, ${when}`] ?? []);
				return [`${what}, ${when}`, rate.toFixed(1), (rate / base).toFixed(2)];
			});
		});
		printTable(['', 'tokens/s', 'gain'], rows);
	},
);
