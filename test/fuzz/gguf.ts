// Mutates GGUF files and uses each as a model:
//   npx tsx test/fuzz/gguf.ts [count=5000] [first seed=0] [processes=2]
import { fileURLToPath } from 'node:url';
import { type CaseOutcome, ended, tally } from './children.js';
import { type OnOutcome, runSeeds } from './seeds.js';

/** Uses `count` mutated models, of the seeds from `first` on. */
export function fuzzModels(
	count: number,
	first: number,
	processes: number,
	onOutcome?: OnOutcome,
): Promise<Map<number, CaseOutcome>> {
	return runSeeds({ script: 'gguf-child.ts', secondsPerCase: 120 }, count, first, processes, onOutcome);
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
