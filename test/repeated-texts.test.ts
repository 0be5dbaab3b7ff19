import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '../lib/model.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { randomModel } from './support/models.js';
import { run } from './support/runs.js';

/** Whatever a session can do, one thing after the other: what it said, with margins and how much was drafted. */
async function saidIn(path: string, name: string): Promise<string[]> {
	const choices = new Choices(5, name);
	await using model = await loadModel(path);
	const said: string[] = [];
	const stateFile = join(tmpdir(), `reprise-repeated-${process.pid}`);
	try {
		for (let i = 0; i < 4; i++) {
			const microBatchSize = choices.of([512, 20]);
			await using session = await model.createSession({ flashAttention: 'off', threads: 1, microBatchSize });
			let prompt = Int32Array.from({ length: 40 }, () => 300 + choices.below(20));
			for (const [step, size] of [2, 5, 16, 30, 63].entries()) {
				await using fork = step === 2 ? await session.fork() : undefined;
				for (const one of fork ? [session, fork] : [session]) {
					const prediction = corrupt(prompt, 7, model.info.vocabularySize, choices);
					const temperature = choices.of([0, 0.8]);
					const { tokens, margins, metrics } = await run(one, prompt, {
						maxTokens: 30,
						temperature,
						seed: i,
						draft: { size },
						prediction,
					});
					said.push(`${tokens.join()} ${margins.join()} ${metrics.drafted} in ${metrics.passes}`);
					prompt = Int32Array.from([...prompt, ...tokens]).slice(0, -choices.below(20) - 1);
				}
				await session.save(stateFile);
				if (step === 3) await session.load(stateFile);
			}
		}
	} finally {
		rmSync(stateFile, { force: true });
	}
	return said;
}

// Without flash attention last bits depend on what else is in the pass (docs/lossless.md), and so on every draft.
test.each(['tiny-llama', 'tiny-gemma3', 'tiny-lfm2'] as const)(
	'the same calls with trees of fixed sizes give the same text and margins twice (%s)',
	async (shape) => {
		const path = await randomModel(shape);
		const first = await saidIn(path, shape);
		expect(await saidIn(path, shape)).toEqual(first);
	},
);
