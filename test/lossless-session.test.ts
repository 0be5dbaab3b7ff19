import { describe, expect, test } from 'vitest';
import { loadModel } from '../lib/model.js';
import type { SessionOptions } from '../lib/session-options.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { randomModel } from './support/models.js';
import { anyPrompt } from './support/prompts.js';
import { ForkLog, run } from './support/runs.js';
import { twoThreads } from './support/threads.js';

const prompts = 8;
const maxTokens = 40;

const kinds: Array<{ name: string; shape: 'tiny-llama' | 'tiny-gemma3'; options: SessionOptions }> = [
	{ name: 'keys and values of 8 bits', shape: 'tiny-llama', options: { keyType: 'q8_0', valueType: 'q8_0' } },
	{ name: 'keys and values of 32 bits', shape: 'tiny-llama', options: { keyType: 'f32', valueType: 'f32' } },
	{ name: 'no flash attention', shape: 'tiny-llama', options: { flashAttention: 'off' } },
	{ name: 'two threads', shape: 'tiny-llama', options: { threads: twoThreads } },
	{ name: 'micro batches of 16', shape: 'tiny-llama', options: { batchSize: 64, microBatchSize: 16 } },
	{ name: 'four sequences for leaves', shape: 'tiny-llama', options: { maxSequences: 4 } },
	{ name: 'one sequence, hence chains', shape: 'tiny-llama', options: { maxSequences: 1 } },
	{ name: 'a pruned sliding window', shape: 'tiny-gemma3', options: { fullSlidingWindow: false } },
];

describe.each(kinds)('with $name', ({ name, shape, options }) => {
	test('drafted and plain texts are equal, but for near-ties', async () => {
		const choices = new Choices(8, name);
		await using model = await loadModel(await randomModel(shape));
		await using session = await model.createSession({ contextLength: 1024, threads: 1, ...options });
		const forks = new ForkLog();
		let accepted = 0;
		for (let i = 0; i < prompts; i++) {
			const prompt = anyPrompt(choices);
			const plain = await run(session, prompt, { maxTokens, draft: 'off' });
			const variant = (spacing: number) => corrupt(plain.tokens, spacing, model.info.vocabularySize, choices);
			await session.clearReferences();
			await session.addReference(variant(6));
			for (const draft of [{ size: 4 }, { size: 32 }, 'auto'] as const) {
				const drafted = await run(session, prompt, { maxTokens, draft, prediction: variant(10) });
				await forks.compare(`prompt ${i}, drafts ${JSON.stringify(draft)}`, plain, drafted);
				accepted += drafted.metrics.accepted;
			}
		}
		console.log(`${name}: ${forks.report()}`);
		expect(forks.wide).toEqual([]);
		expect(accepted).toBeGreaterThan(prompts * maxTokens * 0.5);
	});
});
