import type { Answer, Judgement } from './events.js';

/** What a rule of stopping may look at. */
export interface RoundsSoFar {
	/** The answers of the run so far, the present one last. */
	readonly answers: readonly Answer[];
	/** The judgement of the present answer; undefined where it was not judged. */
	readonly judgement: Judgement | undefined;
}

/**
 * A rule that says why another round is not worth it, or null where it is. Budgets end a run besides.
 *
 * @param progress - The rounds so far.
 */
export type StoppingRule = (progress: RoundsSoFar) => 'unchanged' | 'not-worth-it' | null;

/** Goes on as long as the budgets allow. */
export const whenBudgetEnds: StoppingRule = () => null;

/** Stops when an answer is the same as the one before, but for white space at its ends. */
export const whenUnchanged: StoppingRule = ({ answers }) => {
	const [before, last] = answers.slice(-2);
	return before && last && before.text.trim() === last.text.trim() ? 'unchanged' : null;
};
