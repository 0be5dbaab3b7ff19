import {
	type RunTasksOptions,
	runTasks,
	type Strategy,
	type Task,
	type TaskRun,
	threeTurn,
	verifierGuided,
	whenBudgetEnds,
} from '../lib/correct/index.js';
import { exploring } from '../scripts/train/evaluation/problems.js';
import { drafts, type EveryWay, everyWay } from './every-way.js';
import type { Stage } from './stage.js';

export const withVerifier = verifierGuided(exploring);

/** What asks for the re-reading and for the final program, in words that the model knows the like of. */
export const questions = {
	reread: 'Check your program. Is every line right?',
	final: 'Provide the final program.',
};
export const byItself = threeTurn(questions);

/** The first answer and up to seven revisions, whatever the problems before have shown. */
export const solving = {
	budget: { rounds: 8 },
	generate: { temperature: 0, maxTokens: 256, seed: 1 },
	stopWhen: whenBudgetEnds,
} satisfies RunTasksOptions;

/** Runs every problem through a strategy every way. */
export async function solveEveryWay(
	stage: Stage,
	tasks: readonly Task[],
	strategy: Strategy,
	onDone: () => void,
): Promise<EveryWay<TaskRun[]>> {
	const { verify, signal } = stage;
	const judged = strategy === withVerifier ? { verifier: verify } : { grade: verify };
	const runs: EveryWay<TaskRun[]> = { auto: [], wide: [], off: [] };
	await everyWay(
		stage,
		tasks,
		async (task, session, way) => {
			const options = {
				...solving,
				...judged,
				generate: { ...solving.generate, draft: drafts[way] },
				signal,
			};
			for await (const run of runTasks(session, [task], strategy, options)) runs[way].push(run);
		},
		onDone,
	);
	return runs;
}
