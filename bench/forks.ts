// What the shared batch gains: forks of one prompt generating at once against one after another.
import { availableParallelism } from 'node:os';
import { loadModel } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { type BenchOptions, median, printTable, randomTokens, runBench } from './support.js';

const members = 8;
const promptLength = 256;

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

await runBench(
	'forks',
	`${members} forks of one session: tokens a second at once and one after another, without drafts.`,
	{ tokens: 32, runs: 3, threads: availableParallelism(), context: 2048 },
	async (modelPath, options) => {
		await using model = await loadModel(modelPath);
		await using root = await model.createSession({
			contextLength: options.context,
			threads: options.threads,
			maxSequences: members + 1,
		});
		await root.prefill(randomTokens(promptLength, model.info.vocabularySize, 1));
		const after: number[] = [];
		const atOnce: number[] = [];
		for (let i = 0; i < options.runs; i++) {
			after.push(await sample(root, options, false));
			atOnce.push(await sample(root, options, true));
		}
		const base = median(after);
		printTable(
			['', 'tokens/s', 'gain'],
			[
				['one after another', base.toFixed(1), '1.00'],
				['at once', median(atOnce).toFixed(1), (median(atOnce) / base).toFixed(2)],
			],
		);
	},
);
