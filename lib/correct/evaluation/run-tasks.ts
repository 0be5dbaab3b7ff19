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

/**
 * What a run may spend: its own budget, or the tokens or the time that the first strategy spent on the same
 * task.
 */
export type Allowance = 'own' | 'tokens' | 'time';

/** Which run of a task it is. */
export interface RunOf {
	/** The task. */
	readonly task: Task;
	/** The number of the run, from 0 on, where a task is run several times. */
	readonly sample: number;
	/** The name of the strategy. */
	readonly strategy: string;
	/** What the run may spend. */
	readonly allowance: Allowance;
}

/** The run of a task, and which of its answers were right. */
export interface TaskRun extends RunOf {
	/** What the run came to. */
	readonly result: CorrectionResult;
	/**
	 * Whether the answer of each round was right; null in a round where the grader gave no verdict, and null as
	 * a whole where there is no grader. A round without an answer has no entry.
	 */
	readonly right: readonly RoundOutcome[] | null;
	/** Whether the final answer is right; null where there is no grader. */
	readonly solved: boolean | null;
	/** The reasons why the grader gave no verdict on some answers, which count as wrong in the measures. */
	readonly faults: readonly string[];
}

/** How tasks are run. */
export interface RunTasksOptions extends Omit<CorrectOptions, 'log'> {
	/** What says which answers are right, for the measures alone. Default: `verifier`. */
	grade?: Verifier;
	/** How often each task is run, each time with other seeds. Default: 1. */
	samples?: number;
	/**
	 * Strategies to compare with. Each runs every task twice, once with the tokens that the first strategy took
	 * for it and once with the time, so that each is compared on its own ground. Default: none.
	 */
	compare?: readonly Strategy[];
	/**
	 * Gives the events of an earlier part of a run, which goes on from there. Default: none.
	 *
	 * @param of - The run.
	 */
	logOf?: (of: RunOf) => readonly CorrectionEvent[];
	/**
	 * This function is called with every event. Default: none.
	 *
	 * @param event - The event.
	 * @param of - The run that it happened in.
	 */
	onEvent?: (event: CorrectionEvent, of: RunOf) => void;
}

/**
 * Runs tasks through a strategy, one after another in one session, and through those to compare with right
 * after it, so that all meet the same machine. Where answers are graded and no rule of stopping is given, the
 * first strategy learns from the tasks before whether another round is worth it.
 *
 * An abort ends it without an error; the run under way is left out. Throws and rejects as `correct` does.
 *
 * @param session - The session that all tasks are answered in.
 * @param tasks - The tasks.
 * @param strategy - The strategy.
 * @param options - Grader, samples, strategies to compare with, and the options of each run.
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

/** The budgets of others on the same ground. No chance delay may cut the only answer short. */
export function spentBy({ cost, totalMs: ms }: CorrectionResult): Record<'tokens' | 'time', Budget> {
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
