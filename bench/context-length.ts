// Tokens a second by context length, without drafts and with drafts, where the answer repeats a passage of the
// context with edits. The answer is given: random weights would leave it at the first near-tie.
import { availableParallelism } from 'node:os';
import { RecordedModel } from '../lib/bench/recorded-model.js';
import type { Metrics } from '../lib/metrics.js';
import { Choices } from '../test/support/choices.js';
import { median, printTable } from './summary.js';
import { runBench } from './support.js';
import { editedCopy, editSpacing, repetitiveTokens } from './token-stream.js';

const lengths = [128, 512, 1024, 2048, 4096];

await runBench(
	'context-length',
	`Decoding speed by context length; the given answers repeat a passage of it, edited about every ${editSpacing} tokens.`,
	{ tokens: 96, runs: 3, threads: availableParallelism(), context: 4608 },
	async (modelPath, { tokens, runs, threads, context: contextLength }) => {
		await using recorded = await RecordedModel.load(modelPath);
		const { vocabularySize } = recorded.model.info;
		const rows: string[][] = [];
		// Edits make some answers longer than the passage, and drafts need room beyond them.
		for (const length of lengths.filter((depth) => depth >= tokens && depth + 2 * tokens <= contextLength)) {
			await using plain = await recorded.createSession({ contextLength, threads });
			await using drafting = await recorded.createSession({ contextLength, threads });
			const context = repetitiveTokens(length, vocabularySize, length);
			const choices = new Choices(length, 'answer');
			const samples: Record<'off' | 'auto', Metrics[]> = { off: [], auto: [] };
			for (let i = 0; i < runs; i++) {
				const answer = editedCopy(context, tokens, vocabularySize, choices);
				samples.off.push(await plain.say(context, answer, { draft: 'off' }));
				samples.auto.push(await drafting.say(context, answer, { draft: 'auto' }));
			}
			const off = median(samples.off.map((metrics) => metrics.tokensPerSecond));
			const auto = median(samples.auto.map((metrics) => metrics.tokensPerSecond));
			rows.push([
				String(length),
				off.toFixed(1),
				auto.toFixed(1),
				(auto / off).toFixed(2),
				median(samples.auto.map((metrics) => metrics.tokensPerPass)).toFixed(2),
			]);
		}
		if (rows.length === 0)
			throw new Error(
				`no context length leaves room for ${tokens} tokens: lower --tokens or raise --context`,
			);
		printTable(['context', 'tokens/s off', 'tokens/s auto', 'gain', 'tokens/pass'], rows);
	},
);
