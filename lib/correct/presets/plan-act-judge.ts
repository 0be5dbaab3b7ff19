import type { ChatMessage } from '../../chat-message.js';
import { callback, optional, readOptions, text, withDefault } from '../../options.js';
import { about } from '../parts.js';
import { judgeInWords } from '../self-judge.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { mendUntilPass } from './support/mend.js';

/** What the roles are told. */
export interface PlanActJudgeOptions {
	/** The text before the task that makes the model the planner. */
	planner?: string;
	/** The text before the task and the plan that makes the model the worker. */
	worker?: string;
	/**
	 * What the worker is told about a failure. Default: the message and "Fix it."
	 *
	 * @param message - What the judge wrote.
	 */
	ask?: (message: string) => string;
	/** How revisions generate. Default: as the first answer. */
	revision?: StepOptions;
}

/**
 * Lets one model play three roles: a planner, a worker who follows the plan, and a judge who sends the work
 * back with what is wrong. The step `verify` is the judge; its default sees the task and the answer alone.
 * Throws `OPTION_INVALID`.
 *
 * MACT (Yu et al. 2025, arXiv 2508.03404: planning, execution, judgment and answer agents), GenoAgent (Liu et
 * al. 2024, arXiv 2406.15341: roles with planning and review).
 *
 * @param options - What the roles are told.
 */
export function planActJudge(options?: PlanActJudgeOptions): Strategy {
	const { planner, worker, ask, revision } = readOptions(
		{
			planner: withDefault(
				text,
				'You are a planner. Write a short numbered plan for this task, and do not carry it out.',
			),
			worker: withDefault(text, 'You are a worker. Do this task by the plan.'),
			ask: withDefault(
				callback<(message: string) => string>(),
				() => (message: string) => `The judge says: ${message}\nDo the task again so that this is mended.`,
			),
			revision: optional(stepOptions),
		},
		options,
		'planActJudge',
	);
	return strategy(
		'planActJudge',
		async (run) => {
			const task = run.task.prompt;
			const as = (content: string): ChatMessage[] => [...run.question.slice(0, -1), about(run.task, content)];
			const plan = await run.critique(null, as(`${planner}\n\nTask: ${task}`));
			const attempt = await run.attempt({}, as(`${worker}\n\nTask: ${task}\n\nPlan:\n${plan.text}`));
			return mendUntilPass(run, attempt, (answer, message) => run.revise(answer, ask(message), revision));
		},
		{ verify: judgeInWords() },
	);
}
