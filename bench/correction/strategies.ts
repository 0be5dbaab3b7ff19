import { byItself, solving, withVerifier } from '../../demo/problems.js';
import {
	type AgreeBy,
	type Answer,
	type RunTasksOptions,
	type Strategy,
	type Task,
	treeSearch,
	type Verifier,
	verifierGuided,
} from '../../lib/correct/index.js';

/** A strategy of correction that others are compared with. */
export interface Contender {
	readonly name: string;
	readonly strategy: Strategy;
	/** Whether it hears from the verifier what is wrong. */
	readonly verified: boolean;
}

export const contenders: readonly Contender[] = [
	{ name: 'threeTurn', strategy: byItself, verified: false },
	{ name: 'verifierGuided', strategy: verifierGuided(), verified: true },
	{ name: 'verifierGuided, sees: question', strategy: withVerifier, verified: true },
	{ name: 'treeSearch', strategy: treeSearch(), verified: true },
];

/** What judges programs, and what they are compared by in a vote. */
export interface Judges {
	readonly verify: Verifier;
	readonly by: AgreeBy;
}

/** The options of a run: every task has seeds of its own, and the grader tells nothing to the strategy. */
export function runOptions(
	task: number,
	draft: 'auto' | 'off',
	verified: boolean,
	{ verify }: Judges,
): RunTasksOptions {
	return {
		...solving,
		grade: verify,
		...(verified && { verifier: verify }),
		generate: { ...solving.generate, draft, seed: 1 + 1000 * task },
	};
}

export async function isRight(
	answer: Pick<Answer, 'text'>,
	task: Task,
	{ verify }: Judges,
): Promise<boolean> {
	const verdict = await verify(answer.text, { task, signal: new AbortController().signal });
	return verdict.outcome === 'pass';
}
