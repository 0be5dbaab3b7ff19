import { integer } from '../../options.js';
import type { Budget } from '../budget.js';
import type { ChatHost } from '../chat-host.js';
import { type CorrectionResult, correct } from '../correct.js';
import { type CorrectOptions, defaultVerifierTimeoutMs } from '../correct-options.js';
import type { CorrectionEvent, Judgement } from '../events.js';
import type { Strategy } from '../strategy.js';
import type { Task, Verifier } from '../verifier.js';
import { answersByRound, grader, isRight, type RoundOutcome } from './outcomes.js';
import { RoundEstimates } from './round-estimates.js';

/** What a run may spend: its own budget, or what the first strategy spent on the same task. */
export type Allowance = 'own' | 'tokens' | 'time';

/** One of the runs of a task. */
export interface RunOf {
	/** The task that is run. */
	readonly task: Task;
	/** From 0 on, where a task is run several times. */
	readonly sample: number;
	/** Its name. */
	readonly strategy: string;
	/** What the run may spend. */
	readonly allowance: Allowance;
}

/** A task's run, and which of its answers were right. */
export interface TaskRun extends RunOf {
	/** What the correction came to. */
	readonly result: CorrectionResult;
	/**
	 * By round: whether its answer was right, null where the grader gave no verdict; null without a grader. A
	 * round without an answer has none.
	 */
	readonly right: readonly RoundOutcome[] | null;
	/** Whether the final answer is right; null without a grader. */
	readonly solved: boolean | null;
	/** Why the grader gave no verdict on some answers, which count as wrong in the measures. */
	readonly faults: readonly string[];
}

/** The options of {@link runTasks}: those of {@link correct} for every run, and its own. */
export interface RunTasksOptions extends Omit<CorrectOptions, 'log'> {
	/** Says which answers are right, for the measures alone. Default: `verifier`. */
	grade?: Verifier;
	/** How often each task is run, each time with other seeds. Default: 1. */
	samples?: number;
	/**
	 * Strategies to compare with: each runs every task twice, once with the tokens that the first strategy took
	 * for it and once with the time, and so each is compared on its own ground. Default: none.
	 */
	compare?: readonly Strategy[];
	/** The events of an earlier part of a run, to go on from. */
	logOf?: (of: RunOf) => readonly CorrectionEvent[];
	/** Called with each event as it is recorded, and the run that it belongs to. Default: none. */
	onEvent?: (event: CorrectionEvent, of: RunOf) => void;
}

/**
 * Runs tasks through a strategy, one after another in one session, and through those to compare with right
 * after it, so that all meet the same machine. Where answers are graded and no rule of stopping is given, the
 * first strategy learns from the tasks before whether another round is worth it.
 *
 * An abort ends it with the run under way, which is left out. Throws as `correct` does, and rejects as it
 * does.
 */
export async function* runTasks(
	session: ChatHost,
	tasks: AsyncIterable<Task> | Iterable<Task>,
	strategy: Strategy,
	options: RunTasksOptions = {},
): AsyncGenerator<TaskRun> {
	const { samples = 1, compare = [], grade = options.verifier } = options;
	integer(1, 2 ** 31 - 1)(samples, 'samples');
	const estimates = new RoundEstimates();
	const learning = grade && !options.stopWhen ? { ...options, stopWhen: estimates.rule } : options;
	for await (const task of tasks)
		for (let sample = 0; sample < samples; sample++) {
			const own = await runTask(session, strategy, { task, sample, allowance: 'own' }, learning);
			if (own.result.stoppedBy === 'aborted') return;
			if (own.right) estimates.learn(own.right);
			yield own;
			for (const other of compare)
				for (const allowance of ['tokens', 'time'] as const) {
					const budget = { ...options.budget, ...spentBy(own.result)[allowance] };
					const of = { task, sample, allowance };
					const run = await runTask(session, other, of, { ...options, budget });
					if (run.result.stoppedBy === 'aborted') return;
					yield run;
				}
		}
}

/** No chance delay may cut the only answer short. */
function spentBy({ cost, totalMs: ms }: CorrectionResult): Record<'tokens' | 'time', Budget> {
	return { tokens: { tokens: Math.max(1, cost.tokens) }, time: { timeMs: ms, wholeFirst: true } };
}

async function runTask(
	session: ChatHost,
	strategy: Strategy,
	which: Omit<RunOf, 'strategy'>,
	options: RunTasksOptions,
): Promise<TaskRun> {
	const { grade = options.verifier, logOf, onEvent, samples: _, compare: __, ...given } = options;
	const { task, sample } = which;
	const of: RunOf = { ...which, strategy: strategy.name };
	const correction = correct(session, task, strategy, {
		...given,
		generate: { ...given.generate, seed: (given.generate?.seed ?? 0) + sample },
		log: logOf?.(of) ?? [],
	});
	for await (const event of correction) onEvent?.(event, of);
	const result = await correction.result;
	if (!grade || result.stoppedBy === 'aborted')
		return { ...of, result, right: null, solved: null, faults: [] };
	const judgementOf = grader(grade, result.events, {
		task,
		verifier: given.verifier,
		timeoutMs: given.verifierTimeoutMs ?? defaultVerifierTimeoutMs,
	});
	const byRound: Array<Judgement | 'open'> = [];
	for (const answer of answersByRound(result.events))
		byRound.push(answer.isOpen ? 'open' : await judgementOf(answer));
	const key = result.events.findLast((event) => event.type === 'result')?.chosen ?? '';
	const solved = result.round > 0 && isRight(await judgementOf({ key, text: result.answer }));
	const faults = byRound.flatMap((judgement) =>
		judgement !== 'open' && judgement.outcome === 'none' ? [judgement.message] : [],
	);
	return { ...of, result, right: byRound.map(outcomeOf), solved, faults };
}

function outcomeOf(judgement: Judgement | 'open'): RoundOutcome {
	if (judgement === 'open') return judgement;
	return judgement.outcome === 'none' ? null : isRight(judgement);
}
