import { type Cost, sumCosts } from './cost.js';
import type { StepEvent } from './events.js';
import { type CorrectionMeasures, correctionMeasures } from './measures.js';
import type { TaskRun } from './run-tasks.js';

/** What some steps of many runs cost. */
export interface StepSpeed {
	readonly cost: Cost;
	/** Verify passes' tokens by pass: 1 is plain decoding. 0 without a pass. */
	readonly tokensPerPass: number;
	/** Accepted draft tokens by drafted ones, 0 without drafts. */
	readonly acceptedShare: number;
	/** Tokens by second of the steps, prompts and verdicts included. */
	readonly tokensPerSecond: number;
	/** Seconds in which a step was under way; steps at the same time count once. */
	readonly seconds: number;
}

export interface RoundRow extends StepSpeed {
	/** From 1 on. */
	readonly round: number;
	/** Runs that came to an answer in this round. */
	readonly answers: number;
	/**
	 * From the round before to this one; an answer that was not revised stays. The first round has the same before
	 * as after. Null where nothing was graded.
	 */
	readonly measures: CorrectionMeasures | null;
}

export interface CorrectionTotal extends StepSpeed {
	readonly runs: number;
	/** From the first answer to the final one. Null where nothing was graded. */
	readonly measures: CorrectionMeasures | null;
	/** Why the grader gave no verdict on some answers, which count as wrong. */
	readonly faults: readonly string[];
	/** Runs whose final answer is right. */
	readonly solved: number;
	/** Null where nothing is solved. */
	readonly tokensPerSolved: number | null;
	readonly secondsPerSolved: number | null;
}

export interface CorrectionReport {
	readonly rounds: RoundRow[];
	readonly total: CorrectionTotal;
}

/** The measures of quality and of speed side by side, by round and in total. */
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
			const after = right.at(Math.min(round, right.length) - 1) ?? false;
			return { before: right.at(Math.min(Math.max(1, round - 1), right.length) - 1) ?? false, after };
		}),
		...speed(runs, (step) => step.round === round),
	};
}

function total(runs: readonly TaskRun[]): CorrectionTotal {
	const all = speed(runs, () => true);
	const solved = runs.filter((run) => run.solved).length;
	return {
		runs: runs.length,
		measures: measure(runs, ({ right, solved }) => ({ before: right[0] ?? false, after: solved })),
		faults: runs.flatMap(({ faults }) => faults),
		solved,
		tokensPerSolved: solved === 0 ? null : all.cost.tokens / solved,
		secondsPerSolved: solved === 0 ? null : all.seconds / solved,
		...all,
	};
}

type Graded = { readonly right: ReadonlyArray<boolean | null>; readonly solved: boolean };

/** Samples of one task are samples of one question. */
function measure(
	runs: readonly TaskRun[],
	outcome: (run: Graded) => { before: boolean; after: boolean },
): CorrectionMeasures | null {
	const questions = new Map<string, Array<{ before: boolean; after: boolean }>>();
	for (const { task, right, solved } of runs) {
		if (!right || solved === null) continue;
		const samples = questions.get(task.id) ?? [];
		samples.push(outcome({ right, solved }));
		questions.set(task.id, samples);
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
	for (const { at, ms } of some.toSorted((a, b) => a.at - a.ms - (b.at - b.ms))) {
		sum += Math.max(0, at - Math.max(at - ms, end));
		end = Math.max(end, at);
	}
	return sum;
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
