import { callback, text } from '../options.js';
import type { Answer } from './events.js';
import type { Run } from './run.js';
import { checkSteps, type Steps } from './steps.js';

/** How a task is answered: what is done with the steps, and the steps that are its own. */
export interface Strategy {
	/** Its name, which logs are compared by. */
	readonly name: string;
	/** Resolves with the final answer. */
	readonly run: (run: Run) => Promise<Answer>;
	/** The steps that are its own; the others are the defaults. */
	readonly steps: Partial<Steps>;
	/** The steps that are the user's: they also come before the option `verifier`. */
	readonly replaced: Partial<Steps>;
	/** The same strategy with other steps. */
	with(steps: Partial<Steps>): Strategy;
}

/**
 * A strategy of one's own. `steps` are its defaults; the option `verifier` of `correct` comes before its
 * `verify`. Throws `OPTION_INVALID`.
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
