import type { Answer, Judgement } from './events.js';

/** What a rule of stopping may look at. */
export interface RoundsSoFar {
	/** The answers of the run so far, the present one last. */
	readonly answers: readonly Answer[];
	/** What verifying found about the present answer, if it was done. */
	readonly judgement: Judgement | undefined;
}

/** Why another round is not worth it, or null where it is. Budgets are looked at besides. */
export type StoppingRule = (progress: RoundsSoFar) => 'unchanged' | 'not-worth-it' | null;

/** Goes on as long as budgets allow. */
export const whenBudgetEnds: StoppingRule = () => null;

/** Stops when the answer is the one before it, white space at the ends aside. */
export const whenUnchanged: StoppingRule = ({ answers }) => {
	const [before, last] = answers.slice(-2);
	return before && last && before.text.trim() === last.text.trim() ? 'unchanged' : null;
};
