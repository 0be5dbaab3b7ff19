import { callback, text } from '../options.js';
import type { Answer } from './events.js';
import type { Run } from './run.js';
import { checkSteps, type Steps } from './steps.js';

/** How a task is answered: the order of the steps, and the steps that are the strategy's own. */
export interface Strategy {
	/** The name, which reports and errors show. */
	readonly name: string;
	/**
	 * Takes a task through the strategy, and resolves with the final answer.
	 *
	 * @param run - The steps of the task, and what is left of its budget.
	 */
	readonly run: (run: Run) => Promise<Answer>;
	/** The strategy's own steps. The option `verifier` of `correct` comes before its `verify`. */
	readonly steps: Partial<Steps>;
	/** The steps that the user has put in their place. They also come before the option `verifier`. */
	readonly replaced: Partial<Steps>;
	/**
	 * Gives the same strategy with other steps. Throws `OPTION_INVALID`.
	 *
	 * @param steps - The steps that replace those of the strategy.
	 */
	with(steps: Partial<Steps>): Strategy;
}

/**
 * Makes a strategy. Throws `OPTION_INVALID`.
 *
 * @param name - The name, which reports and errors show.
 * @param run - Takes a task through the strategy, and resolves with the final answer.
 * @param steps - The strategy's own steps. The option `verifier` of `correct` comes before its `verify`.
 */
export function strategy(
	name: string,
	run: (run: Run) => Promise<Answer>,
	steps: Partial<Steps> = {},
): Strategy {
	text(name, 'name');
	callback()(run, 'run');
	checkSteps(steps);
	const make = (replaced: Partial<Steps>): Strategy => ({
		name,
		run,
		steps,
		replaced,
		with: (more) => {
			checkSteps(more);
			return make({ ...replaced, ...more });
		},
	});
	return make({});
}
