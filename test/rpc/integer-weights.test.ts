import { afterAll, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { Choices } from '../support/choices.js';
import { corrupt } from '../support/corrupt.js';
import { randomModel } from '../support/models.js';
import { anyPrompt } from '../support/prompts.js';
import { ForkLog, run } from '../support/runs.js';
import { killWorkers, startWorker } from '../support/workers.js';

const worker = await startWorker();
afterAll(killWorkers);

const drafts = ['auto', { size: 8 }, { size: 32 }] as const;
/**
 * Near-ties end here: inputs are rounded to 8 bits, and a last bit may move one by a whole step or, in a mixture,
 * choose another expert (docs/lossless.md). Both models have weights in Q4_K and Q6_K.
 */
const models = [
	['tiny-wide', 0.4],
	['tiny-moe', 1],
] as const;

test.each(models)('%s on a worker drafts its plain text there, but for near-ties', async (shape, nearTie) => {
	await using model = await loadModel(await randomModel(shape), { rpc: [worker.endpoint] });
	await using session = await model.createSession({ contextLength: 512, threads: 1 });
	expect((await session.placement()).devices.find(({ layers }) => layers > 0)?.device).toBe(worker.endpoint);
	const choices = new Choices(1, shape);
	const forks = new ForkLog(nearTie);
	let accepted = 0;
	let rejected = 0;
	for (let seed = 0; seed < 5; seed++) {
		const prompt = model.tokenize(anyPrompt(choices), { addSpecial: model.info.addBos });
		for (const temperature of [0, 0.8]) {
			const options = { temperature, seed, maxTokens: 40 };
			const plain = await run(session, prompt, { ...options, draft: 'off' });
			const variant = (spacing: number) => corrupt(plain.tokens, spacing, model.info.vocabularySize, choices);
			await session.clearReferences();
			await session.addReference(variant(6));
			for (const draft of drafts) {
				const drafted = await run(session, prompt, { ...options, draft, prediction: variant(10) });
				await forks.compare(`prompt ${seed} at ${temperature}, ${JSON.stringify(draft)}`, plain, drafted);
				accepted += drafted.metrics.accepted;
				rejected += drafted.metrics.drafted - drafted.metrics.accepted;
			}
		}
	}
	console.log(`${shape} on a worker: ${forks.report()}`);
	expect(forks.wide).toEqual([]);
	expect(accepted).toBeGreaterThan(forks.runs * 10);
	expect(rejected).toBeGreaterThan(forks.runs);
});
