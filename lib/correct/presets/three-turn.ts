import { optional, readOptions, text, withDefault } from '../../options.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';

/** What the later turns ask. */
export interface ThreeTurnOptions {
	/** The message that asks to read the answer again. */
	reread?: string;
	/** The message that asks for the final answer. */
	final?: string;
	/** How both turns generate. Default: as the first answer. */
	revision?: StepOptions;
}

/**
 * Answers, reads the answer again, and gives a final one: the protocol that CopySpec (Dumitru et al. 2025,
 * arXiv 2502.08923) measures on GSM8K, in its words, but for the programming language. Throws
 * `OPTION_INVALID`.
 *
 * @param options - What the later turns ask.
 */
export function threeTurn(options?: ThreeTurnOptions): Strategy {
	const { reread, final, revision } = readOptions(
		{
			reread: withDefault(
				text,
				'Reiterate over the answer and evaluate it to identify potential issues that could lead to an incorrect final answer.\nIf there are none, do not make any modifications.',
			),
			final: withDefault(
				text,
				'Provide the solution that you consider to be correct.\nKeep the initial version if you consider it to be correct.',
			),
			revision: optional(stepOptions),
		},
		options,
		'threeTurn',
	);
	return strategy('threeTurn', async (run) => {
		const answer = await run.attempt();
		const reading = await run.critique(answer, reread, revision);
		return run.revise(reading, final, revision);
	});
}
