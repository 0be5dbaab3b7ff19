// Makes sessions of every shape of model with any options and uses them in any order:
//   npx tsx test/fuzz/sessions.ts [count=2000] [first seed=0] [processes=2]
import { fileURLToPath } from 'node:url';
import { type CaseOutcome, ended, tally } from './children.js';
import { type OnOutcome, runSeeds } from './seeds.js';

/** Uses sessions of `count` combinations of model, options and calls, of the seeds from `first` on. */
export function sweepSessions(
	count: number,
	first: number,
	processes: number,
	onOutcome?: OnOutcome,
): Promise<Map<number, CaseOutcome>> {
	return runSeeds({ script: 'sessions-child.ts', secondsPerCase: 300 }, count, first, processes, onOutcome);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [count = 2000, first = 0, processes = 2] = process.argv.slice(2).map(Number);
	const outcomes = await sweepSessions(count, first, processes, (seed, outcome) => {
		if ('ended' in outcome) console.log(`seed ${seed}: ${outcome.ended}`);
		else if (process.env.VERBOSE || outcome.said.startsWith('assertion'))
			console.log(`seed ${seed}: ${outcome.said.slice(0, 300)}`);
	});
	console.log(`${outcomes.size} combinations, seeds ${first}…${first + count - 1}: ${tally(outcomes)}`);
	process.exitCode = ended(outcomes).length > 0 ? 1 : 0;
}
