// Milliseconds of a verify pass by rows and context length, with flash attention and without.
import { availableParallelism } from 'node:os';
import { loadModel, type Session } from '../lib/index.js';
import { median, printTable } from './summary.js';
import { randomTokens, runBench } from './support.js';

const depths = [64, 512, 1536];
const sizes = [0, 1, 3, 7, 15];
const ways = ['on', 'off'] as const;

/** Means of the passes that verified a whole draft of `size` after `prompt`; none where no such draft was found. */
async function passes(
	session: Session,
	prompt: Int32Array,
	size: number,
	maxTokens: number,
): Promise<number[]> {
	await session.rollback(0);
	await session.prefill(prompt);
	const draft = size === 0 ? 'off' : { size };
	const { metrics } = await session.generate(null, { maxTokens, temperature: 0, draft }).result;
	return metrics.passesByRows.filter(({ rows }) => rows === size + 1).map(({ meanMs }) => meanMs);
}

await runBench(
	'attention',
	'Verify passes with flash attention on and off, by the tokens verified at once and by context length.',
	{ tokens: 24, runs: 3, threads: availableParallelism(), context: 2048 },
	async (modelPath, { tokens, runs, threads, context: contextLength }) => {
		await using model = await loadModel(modelPath);
		const rows: string[][] = [];
		for (const depth of depths.filter((depth) => depth + tokens + 64 <= contextLength)) {
			const prompt = randomTokens(depth, model.info.vocabularySize, depth);
			const times = new Map<string, number[]>();
			await using on = await model.createSession({ contextLength, threads, flashAttention: 'on' });
			await using off = await model.createSession({ contextLength, threads, flashAttention: 'off' });
			for (let run = 0; run < runs; run++)
				for (const size of sizes)
					for (const way of ways) {
						const taken = await passes(way === 'on' ? on : off, prompt, size, tokens);
						times.set(`${way} ${size}`, [...(times.get(`${way} ${size}`) ?? []), ...taken]);
					}
			for (const way of ways)
				rows.push([
					String(depth),
					way,
					...sizes.map((size) => median(times.get(`${way} ${size}`) ?? []).toFixed(2)),
				]);
		}
		printTable(['context', 'flash attention', ...sizes.map((size) => `${size + 1} rows, ms`)], rows);
	},
);
