// Mutates GGUF files and uses each as a model:
//   npx tsx test/fuzz/gguf.ts [count=5000] [first seed=0] [processes=2]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedModel, randomModel, tinyShapes } from '../support/models.js';
import { oddModel, oddModels } from '../support/odd-models.js';
import { type CaseOutcome, ended, runInChildren, tally } from './children.js';

/** Uses `count` mutated models, of the seeds from `first` on. */
export async function fuzzModels(
	count: number,
	first: number,
	processes: number,
	onOutcome?: (seed: number, outcome: CaseOutcome) => void,
): Promise<Map<number, CaseOutcome>> {
	const models = [embeddedModel];
	for (const shape of tinyShapes) models.push(await randomModel(shape));
	for (const name of oddModels) models.push(await oddModel(name));
	const folder = mkdtempSync(join(tmpdir(), 'reprise-fuzz-'));
	try {
		return await runInChildren({
			script: 'gguf-child.ts',
			args: [folder, ...models],
			cases: Array.from({ length: count }, (_, i) => first + i),
			processes,
			secondsPerCase: 120,
			...(onOutcome && { onOutcome }),
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [count = 5000, first = 0, processes = 2] = process.argv.slice(2).map(Number);
	const outcomes = await fuzzModels(count, first, processes, (seed, outcome) => {
		if ('ended' in outcome) console.log(`seed ${seed}: ${outcome.ended}`);
		else if (process.env.VERBOSE) console.log(`seed ${seed}: ${outcome.said.slice(0, 300)}`);
	});
	console.log(`${outcomes.size} mutated models, seeds ${first}…${first + count - 1}: ${tally(outcomes)}`);
	process.exitCode = ended(outcomes).length > 0 ? 1 : 0;
}
