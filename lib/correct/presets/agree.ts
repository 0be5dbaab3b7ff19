import { callback, integer, readOptions, withDefault } from '../../options.js';
import { finalAnswer } from '../parts.js';
import type { SayOptions } from '../step-context.js';
import type { Steps } from '../steps.js';
import { type Strategy, strategy } from '../strategy.js';
import { diverse, sayOptions } from './say-options.js';

/** What two answers agree in, such as the number at the end; equal values are votes for the same. */
export type AgreeBy = (text: string) => string | Promise<string>;

export interface AgreeOptions {
	/** Answers, 1…128. Default: 5. */
	samples?: number;
	/** Default: the last number of the text, or all of it where there is none. */
	by?: AgreeBy;
	/** How answers generate. Default: temperature 0.8. */
	sampling?: SayOptions;
}

/**
 * Several answers at once; the one that most agree with.
 *
 * Self-consistency (Wang et al. 2022, arXiv 2203.11171) and self-agreement (Lin et al. 2023, arXiv 2311.08154).
 */
export function agree(options?: AgreeOptions): Strategy {
	const { samples, by, sampling } = readOptions(
		{
			samples: withDefault(integer(1, 128), 5),
			by: withDefault(callback<AgreeBy>(), () => finalAnswer),
			sampling: withDefault(sayOptions, diverse),
		},
		options,
		'agree',
	);
	return strategy(
		'agree',
		async (run) => run.select(await run.branches(samples, (branch) => branch.attempt(sampling))),
		{ select: mostAgreed(by) },
	);
}

/** A step `select` that takes the first of the answers that most agree with. */
export function mostAgreed(by: AgreeBy): Steps['select'] {
	return async (_, answers) => {
		const values = await Promise.all(answers.map(({ text }) => by(text)));
		const votes = values.map((value) => values.filter((other) => other === value).length);
		const most = Math.max(...votes);
		const chosen = answers[votes.indexOf(most)];
		if (!chosen) throw new TypeError('Expected at least one answer');
		return { chosen, reason: `${most} of ${answers.length} agree` };
	};
}
