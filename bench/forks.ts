// What shared passes gain: forks that generate, or compute prompts of their own, at once against one after another.
import { availableParallelism } from 'node:os';
import { loadModel } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { median, printTable } from './summary.js';
import { type BenchOptions, randomTokens, runBench } from './support.js';

const members = 8;
const promptLength = 256;
/** Of the prompt that each fork has to itself. */
const ownPromptLength = 24;
/** Of a prompt that is computed while other forks generate. */
const longPromptLength = 160;

/** One fork's work; gives the tokens that it computed. */
type Work = (fork: Session, index: number) => Promise<number>;

/** Tokens a second of all forks together, what `root` holds being computed already. */
async function sample(root: Session, work: Work, together: boolean): Promise<number> {
	const forks: Session[] = [];
	for (let i = 0; i < members; i++) forks.push(await root.fork());
	const start = performance.now();
	let tokens = 0;
	if (together) for (const count of await Promise.all(forks.map(work))) tokens += count;
	else for (const [index, fork] of forks.entries()) tokens += await work(fork, index);
	const seconds = (performance.now() - start) / 1000;
	for (const fork of forks) await fork.dispose();
	return tokens / seconds;
}

function generating(options: BenchOptions): Work {
	return async (fork, seed) =>
		(await fork.generate(null, { maxTokens: options.tokens, temperature: 1, seed, draft: 'off' }).result)
			.tokens.length;
}

function computing(length: number, vocabularySize: number): Work {
	const prompts = Array.from({ length: members }, (_, i) => randomTokens(length, vocabularySize, 2 + i));
	return async (fork, index) => (await fork.prefill(prompts[index] as Int32Array)).promptTokens;
}

await runBench(
	'forks',
	`${members} forks of one session: tokens a second at once and one after another, generated without drafts, of prompts, and of both, half of the forks each.`,
	{ tokens: 32, runs: 3, threads: availableParallelism(), context: 2048 },
	async (modelPath, options) => {
		await using model = await loadModel(modelPath);
		await using root = await model.createSession({
			contextLength: options.context,
			threads: options.threads,
			maxSequences: members + 1,
		});
		const { vocabularySize } = model.info;
		await root.prefill(randomTokens(promptLength, vocabularySize, 1));
		const generate = generating(options);
		const read = computing(longPromptLength, vocabularySize);
		const kinds: Array<[string, Work]> = [
			['generated', generate],
			['prompts', computing(ownPromptLength, vocabularySize)],
			['both', (fork, index) => (index % 2 === 0 ? generate : read)(fork, index)],
		];
		const rates = new Map<string, number[]>();
		for (let i = 0; i < options.runs; i++)
			for (const when of ['one after another', 'at once'])
				for (const [kind, work] of kinds) {
					const name = `${kind}, ${when}`;
					rates.set(name, [...(rates.get(name) ?? []), await sample(root, work, when === 'at once')]);
				}
		const rows = kinds.flatMap(([kind]) => {
			const base = median(rates.get(`${kind}, one after another`) ?? []);
			return ['one after another', 'at once'].map((when) => {
				const rate = median(rates.get(`${kind}, ${when}`) ?? []);
				return [`${kind}, ${when}`, rate.toFixed(1), (rate / base).toFixed(2)];
			});
		});
		printTable(['', 'tokens/s', 'gain'], rows);
	},
);
