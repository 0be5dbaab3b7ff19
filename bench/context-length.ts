// Tokens a second by context length, without drafts and with drafts from a text that the output mostly repeats.
import { availableParallelism } from 'node:os';
import type { GenerateOptions } from '../lib/generate-options.js';
import type { Metrics } from '../lib/metrics.js';
import { loadModel } from '../lib/model.js';
import { Choices } from '../test/support/choices.js';
import { corrupt } from '../test/support/corrupt.js';
import { median, printTable, randomTokens, runBench } from './support.js';

/** Every how many tokens the prediction errs. */
const errorSpacing = 12;
const lengths = [64, 512, 1024, 2048, 4096];

await runBench(
	'context-length',
	`Decoding speed by context length; drafts come from a prediction with an error about every ${errorSpacing} tokens.`,
	{ tokens: 48, runs: 3, threads: availableParallelism(), context: 4352 },
	async (modelPath, options) => {
		await using model = await loadModel(modelPath);
		const { vocabularySize } = model.info;
		const rows: string[][] = [];
		for (const length of lengths.filter((tokens) => tokens + options.tokens <= options.context)) {
			await using session = await model.createSession({
				contextLength: options.context,
				threads: options.threads,
			});
			const prompt = randomTokens(length, vocabularySize, length);
			const speak = async (more: GenerateOptions) =>
				session.generate(prompt, { maxTokens: options.tokens, ...more }).result;
			// Every later run reuses the prompt's cache as the second does; the first computes it in other batches.
			await speak({ draft: 'off' });
			const expected = (await speak({ draft: 'off' })).tokens;
			const prediction = corrupt(expected, errorSpacing, vocabularySize, new Choices(length, 'prediction'));
			const plain: Metrics[] = [];
			const drafted: Metrics[] = [];
			let forks = 0;
			for (let i = 0; i < options.runs; i++) {
				plain.push((await speak({ draft: 'off' })).metrics);
				const { tokens, metrics } = await speak({ prediction });
				drafted.push(metrics);
				if (tokens.join() !== expected.join()) forks++;
			}
			const of = (metrics: Metrics[], name: 'tokensPerSecond' | 'tokensPerPass') =>
				median(metrics.map((one) => one[name]));
			const [slow, fast] = [of(plain, 'tokensPerSecond'), of(drafted, 'tokensPerSecond')];
			rows.push([
				String(length),
				slow.toFixed(1),
				fast.toFixed(1),
				(fast / slow).toFixed(2),
				of(drafted, 'tokensPerPass').toFixed(2),
				`${forks} of ${options.runs}`,
			]);
		}
		printTable(
			['context', 'plain tokens/s', 'drafted tokens/s', 'gain', 'tokens per pass', 'texts that fork'],
			rows,
		);
	},
);
