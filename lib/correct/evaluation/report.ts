import { type Cost, sumCosts } from '../cost.js';
import type { StepEvent } from '../events.js';
import { type CorrectionMeasures, correctionMeasures, type Transition } from './measures.js';
import type { RoundOutcome } from './outcomes.js';
import type { TaskRun } from './run-tasks.js';

/** What the steps of many runs cost, and how fast they were. */
export interface StepSpeed {
	/** What their generations cost in all. */
	readonly cost: Cost;
	/**
	 * The tokens that a verify pass gave, on average: plain decoding gives 1. It is 0 where there was no pass.
	 */
	readonly tokensPerPass: number;
	/** The share of drafted tokens that was accepted; 0 where nothing was drafted. */
	readonly acceptedShare: number;
	/** The tokens that were generated in each second of the steps, prompts and verdicts included. */
	readonly tokensPerSecond: number;
	/** The seconds in which a step was under way; steps at the same time count once. */
	readonly seconds: number;
}

/** One round of all runs. */
export interface RoundRow extends StepSpeed {
	/** The round, from 1 on. */
	readonly round: number;
	/** The runs that came to an answer in this round. */
	readonly answers: number;
	/**
	 * From the round before to this one; an answer that was not revised stays. The first round has the same
	 * before as after. Runs whose answer goes on in the next round have none yet, and do not count. Null where
	 * nothing was graded.
	 */
	readonly measures: CorrectionMeasures | null;
}

/** All runs together. */
export interface CorrectionTotal extends StepSpeed {
	/** The number of runs. */
	readonly runs: number;
	/**
	 * What the corrections did, from the first answer to the final one, where the first was whole. Null where
	 * nothing was graded.
	 */
	readonly measures: CorrectionMeasures | null;
	/** The reasons why the grader gave no verdict on some answers, which count as wrong. */
	readonly faults: readonly string[];
	/** The runs whose final answer is right. */
	readonly solved: number;
	/** The tokens that were generated for each solved run; null where none is solved. */
	readonly tokensPerSolved: number | null;
	/** The seconds that each solved run took; null where none is solved. */
	readonly secondsPerSolved: number | null;
}

/** The measures of quality and of speed side by side. */
export interface CorrectionReport {
	/** A row for each round, the first round first. */
	readonly rounds: RoundRow[];
	/** All rounds together. */
	readonly total: CorrectionTotal;
}

/**
 * Measures the quality and the speed of runs, by round and in total.
 *
 * @param runs - The runs.
 */
export function correctionReport(runs: readonly TaskRun[]): CorrectionReport {
	const count = runs.reduce((most, run) => Math.max(most, ...steps(run).map(({ round }) => round)), 0);
	const rounds = Array.from({ length: count }, (_, index) => roundRow(runs, index + 1));
	return { rounds, total: total(runs) };
}

function roundRow(runs: readonly TaskRun[], round: number): RoundRow {
	return {
		round,
		answers: runs.filter(({ right, result }) => (right ? right.length : result.round) >= round).length,
		measures: measure(runs, ({ right }) => {
			const inRound = (wanted: number) => right.at(Math.min(wanted, right.length) - 1) ?? null;
			return transition(inRound(Math.max(1, round - 1)), inRound(round));
		}),
		...speed(runs, (step) => step.round === round),
	};
}

function total(runs: readonly TaskRun[]): CorrectionTotal {
	const all = speed(runs, () => true);
	const solved = runs.filter((run) => run.solved).length;
	return {
		runs: runs.length,
		measures: measure(runs, ({ right, solved }) => transition(right[0] ?? null, solved)),
		faults: runs.flatMap(({ faults }) => faults),
		solved,
		tokensPerSolved: solved === 0 ? null : all.cost.tokens / solved,
		secondsPerSolved: solved === 0 ? null : all.seconds / solved,
		...all,
	};
}

/** A missing verdict counts as wrong; a round whose answer is still open tells nothing. */
function transition(before: RoundOutcome, after: RoundOutcome): Transition | null {
	if (after === 'open') return null;
	return { before: before === 'open' ? null : before === true, after: after === true };
}

type Graded = { readonly right: readonly RoundOutcome[]; readonly solved: boolean };

/** Samples of one task are samples of one question. */
function measure(
	runs: readonly TaskRun[],
	outcome: (run: Graded) => Transition | null,
): CorrectionMeasures | null {
	const questions = new Map<string, Transition[]>();
	for (const { task, right, solved } of runs) {
		if (!right || solved === null) continue;
		const sample = outcome({ right, solved });
		if (sample) questions.set(task.id, [...(questions.get(task.id) ?? []), sample]);
	}
	return questions.size === 0 ? null : correctionMeasures([...questions.values()]);
}

const steps = ({ result }: TaskRun) =>
	result.events.filter((event): event is StepEvent => event.type !== 'result');

function speed(runs: readonly TaskRun[], counts: (step: StepEvent) => boolean): StepSpeed {
	const counted = runs.map((run) => steps(run).filter(counts));
	const cost = sumCosts(counted.flat().map((step) => step.cost));
	const seconds = counted.reduce((sum, some) => sum + covered(some), 0) / 1000;
	return {
		cost,
		tokensPerPass: ratio(cost.passTokens, cost.passes),
		acceptedShare: ratio(cost.accepted, cost.drafted),
		tokensPerSecond: ratio(cost.tokens, seconds),
		seconds,
	};
}

/** Milliseconds covered by the steps' times. */
function covered(some: readonly StepEvent[]): number {
	let sum = 0;
	let end = Number.NEGATIVE_INFINITY;
	for (const { atMs: at, durationMs: ms } of some.toSorted(
		(a, b) => a.atMs - a.durationMs - (b.atMs - b.durationMs),
	)) {
		sum += Math.max(0, at - Math.max(at - ms, end));
		end = Math.max(end, at);
	}
	return sum;
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
