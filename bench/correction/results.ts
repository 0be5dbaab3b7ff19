import type { BenchMachine } from '../../lib/bench/results.js';
import type { Outcomes } from './paired.js';

/** What `bench/correction.ts` measured. Each part is measured by itself, and kept when others are measured anew. */
export interface CorrectionResults {
	readonly format: 1;
	readonly tokens?: EqualPart;
	readonly time?: EqualPart;
	readonly modelled?: ModelledPart;
	readonly recorded?: RecordedPart;
}

/** How a part was measured. */
export interface Measured {
	/** The command that measures it again. */
	readonly command: string;
	/** By ISO 8601. */
	readonly began: string;
	/** The name of the model's file, without its folder. */
	readonly model: string;
	readonly tasks: number;
}

/** Corrections, and other strategies with as many tokens or as much time for each task. */
export interface EqualPart extends Measured {
	readonly machine: BenchMachine;
	readonly threads: number;
	readonly rows: readonly EqualRow[];
}

export interface EqualRow {
	readonly strategy: string;
	/** Whether a verifier that knows the answer told the strategy what was wrong. */
	readonly verified: boolean;
	readonly drafts: 'auto' | 'off';
	/** Whether the first answers of the correction were right. */
	readonly first: Outcomes;
	readonly corrected: Side;
	readonly plain: Side;
	readonly agree: Side;
}

/** All tasks by one strategy. */
export interface Side {
	readonly right: Outcomes;
	/** The answers that it chose from or went through, of all tasks. */
	readonly answers: number;
	readonly tokens: number;
	readonly passes: number;
	readonly seconds: number;
}

/** Corrections and votes at equal cost, where a pass of one row costs 1 and each further row `passCost`. */
export interface ModelledPart extends Measured {
	/** The answers to each task that there are to vote. */
	readonly votes: number;
	readonly rows: readonly ModelledRow[];
}

export interface ModelledRow {
	readonly strategy: string;
	readonly verified: boolean;
	readonly passCost: number;
	readonly drafts: boolean;
	readonly first: Outcomes;
	readonly corrected: Outcomes;
	readonly agree: Outcomes;
	/** Whether at least one of the answers that voted was right, which a verifier would have told. */
	readonly some: Outcomes;
	/** What the corrections and their first answers cost on average, prompts included. */
	readonly cost: { readonly whole: number; readonly first: number };
	/** The answers that voted, on average. */
	readonly answers: number;
	/** The tasks where more answers would have had room than there are. */
	readonly capped: number;
}

/** Recorded corrections of a large model, by the same costs. */
export interface RecordedPart extends Omit<Measured, 'model'> {
	readonly dataset: string;
	readonly model: string;
	readonly first: Outcomes;
	readonly corrected: Outcomes;
	readonly rows: readonly RecordedCost[];
}

export interface RecordedCost {
	readonly passCost: number;
	readonly drafts: boolean;
	/** Each on average, in passes of one row. */
	readonly cost: { readonly whole: number; readonly first: number };
	/** The answers as long as the first one that a vote in shared passes would have for the same cost: quartiles. */
	readonly answers: { readonly low: number; readonly median: number; readonly high: number };
	/** The share of conversations where at least three answers have room; fewer are no vote. */
	readonly voteOfThree: number;
}
