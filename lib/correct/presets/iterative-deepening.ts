import { begunWith } from '../../chat-message.js';
import { integer, number, readOptions, text, withDefault } from '../../options.js';
import { type Strategy, strategy } from '../strategy.js';

/** How long the stretches are, and what comes between them. */
export interface IterativeDeepeningOptions {
	/** The tokens of the first stretch. Default: 256. */
	stretchTokens?: number;
	/** How many times longer each stretch is than the one before, more than 1. Default: 2. */
	ratio?: number;
	/** The sentence that makes the model think again; it stands in the answer. */
	trigger?: string;
}

/**
 * Lets the model think again at the end of stretches that grow geometrically: the answer goes on after a
 * sentence that doubts it. Rounds and tokens are the bounds, as the answer never stays the same. Throws
 * `OPTION_INVALID`.
 *
 * ID-Sampling: Chen et al., "Iterative Deepening Sampling as Efficient Test-Time Scaling" (2025, arXiv
 * 2502.05449).
 *
 * @param options - How long the stretches are, and what comes between them.
 */
export function iterativeDeepening(options?: IterativeDeepeningOptions): Strategy {
	const { stretchTokens, ratio, trigger } = readOptions(
		{
			stretchTokens: withDefault(integer(1, 2 ** 31 - 1), 256),
			ratio: withDefault(number(1.01, 1000), 2),
			trigger: withDefault(text, '\n\nWait! Maybe I made some mistakes! I need to rethink from scratch.\n\n'),
		},
		options,
		'iterativeDeepening',
	);
	return strategy('iterativeDeepening', async (run) => {
		let answer = await run.attempt({ maxTokens: stretchTokens });
		for (let stretch = stretchTokens * ratio; await run.worthAnother(answer); stretch *= ratio)
			answer = await run.revise(answer, begunWith(run.question, answer.text + trigger), {
				maxTokens: Math.min(Math.round(stretch), 2 ** 31 - 1),
			});
		return answer;
	});
}
