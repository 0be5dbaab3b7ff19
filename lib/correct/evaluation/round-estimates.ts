import type { StoppingRule } from '../stopping.js';
import { countCells, type Transition, wilson } from './measures.js';
import type { RoundOutcome } from './outcomes.js';

/** Fewer questions than this say too little about a round. */
const leastQuestions = 20;

/**
 * Learns from questions whose answers were graded whether another round helps, by round: it does while CS /
 * (1 − CL) > Acc / (1 − Acc), which is to say while more answers are mended than broken. It stops only where
 * that is known not to be so: of the answers that changed, Wilson's 95 % interval of the share that was
 * mended lies below a half. Where nothing right is at risk it never stops.
 *
 * The rule follows from Yang et al.'s decomposition (arXiv 2412.19513), as in arXiv 2604.22273; that only
 * changes count is McNemar's test (1947).
 */
export class RoundEstimates {
	/** By round: what the next one did. */
	readonly #transitions: Transition[][] = [];

	/**
	 * Takes in what became of a question round by round. A missing verdict and an answer that is not whole
	 * teach nothing.
	 *
	 * @param right - The outcome of each round.
	 */
	learn(right: readonly RoundOutcome[]): void {
		for (const [index, after] of right.slice(1).entries()) {
			const before = right[index];
			if (typeof before !== 'boolean' || typeof after !== 'boolean') continue;
			this.#transitions[index] ??= [];
			this.#transitions[index].push({ before, after });
		}
	}

	/** The rule of stopping. It goes on where too little is known. */
	readonly rule: StoppingRule = ({ answers }) => {
		const round = answers.at(-1)?.round ?? 1;
		const known = this.#transitions[round - 1] ?? [];
		if (known.length < leastQuestions) return null;
		const { wrongRight: mended, rightWrong: broken } = countCells(known);
		const changed = mended + broken;
		return changed > 0 && wilson(mended / changed, changed).high < 0.5 ? 'not-worth-it' : null;
	};
}
