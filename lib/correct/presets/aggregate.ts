import { callback, integer, optional, readOptions, withDefault } from '../../options.js';
import type { Answer } from '../events.js';
import { extended } from '../parts.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';

/** How answers are made and put together. */
export interface AggregateOptions {
	/** How many answers the last one is written from, 1…128. Default: 4. */
	samples?: number;
	/**
	 * The message that shows the answers and asks for the last one.
	 *
	 * @param answers - The texts of the answers.
	 */
	compose?: (answers: readonly string[]) => string;
	/** How the answers generate. Default: temperature 0.8. */
	sampling?: StepOptions;
	/** How the last answer generates. Default: as every step. */
	revision?: StepOptions;
}

/**
 * Makes several answers at once, and then one that is written from all of them, which works where no vote is
 * possible. Throws `OPTION_INVALID`.
 *
 * GSA: Li et al., "LLMs Can Generate a Better Answer by Aggregating Their Own Responses" (2025, arXiv
 * 2503.04104).
 *
 * @param options - How answers are made and put together.
 */
export function aggregate(options?: AggregateOptions): Strategy {
	const { samples, compose, sampling, revision } = readOptions(
		{
			samples: withDefault(integer(1, 128), 4),
			compose: withDefault(callback<(answers: readonly string[]) => string>(), () => considerAll),
			sampling: withDefault(stepOptions, diverse),
			revision: optional(stepOptions),
		},
		options,
		'aggregate',
	);
	return strategy('aggregate', async (run) => {
		const answers = await run.branches(samples, (branch) => branch.attempt(sampling));
		const texts = answers.map(({ text }) => text);
		return run.revise(answers[0] as Answer, extended(run.question, compose(texts)), revision);
	});
}

const considerAll = (answers: readonly string[]) =>
	[
		'Here are several responses to this:',
		...answers.map((answer, index) => `Response ${index + 1}:\n${answer}`),
		'Consider what is right in each of them, and write the best response.',
	].join('\n\n');
