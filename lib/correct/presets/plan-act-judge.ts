import type { ChatMessage } from '../../chat-message.js';
import { callback, optional, readOptions, text, withDefault } from '../../options.js';
import { judgeInWords } from '../self-judge.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { mendUntilPass } from './support/mend.js';

/** The options of {@link planActJudge}. */
export interface PlanActJudgeOptions {
	/** What makes the model the planner, before the task. */
	planner?: string;
	/** What makes it the worker, before the task and the plan. */
	worker?: string;
	/** What the worker is told after the judge's message. */
	ask?: (message: string) => string;
	/** How revisions generate. Default: as the attempt. */
	revision?: StepOptions;
}

/**
 * One model in three roles: a planner, a worker who follows the plan, and a judge who sends the work back
 * with what is wrong. The step `verify` is the judge; its default sees the task and the answer alone.
 *
 * MACT (Yu et al. 2025, arXiv 2508.03404: planning, execution, judgment and answer agents), GenoAgent (Liu et
 * al. 2024, arXiv 2406.15341: roles with planning and review).
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
			const as = (content: string): ChatMessage[] => [
				...run.question.slice(0, -1),
				{ role: 'user', content },
			];
			const plan = await run.critique(null, as(`${planner}\n\nTask: ${task}`));
			const attempt = await run.attempt({}, as(`${worker}\n\nTask: ${task}\n\nPlan:\n${plan.text}`));
			return mendUntilPass(run, attempt, (answer, message) => run.revise(answer, ask(message), revision));
		},
		{ verify: judgeInWords() },
	);
}
