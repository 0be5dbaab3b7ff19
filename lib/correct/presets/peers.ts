import { begunWith } from '../../chat-message.js';
import { callback, integer, readOptions, text, withDefault } from '../../options.js';
import { finalAnswer } from '../parts.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { type AgreeBy, mostAgreed } from './agree.js';
import { Meeting } from './support/meeting.js';

/** How paths go on and learn from each other. */
export interface PeersOptions {
	/** How many paths there are at once, 2…64. Default: 4. */
	paths?: number;
	/** The tokens that a path generates between two exchanges. Default: 256. */
	stretchTokens?: number;
	/** The words that begin a summary; they stand in the path. */
	summary?: string;
	/** How many tokens a summary has at most. Default: 100. */
	summaryTokens?: number;
	/**
	 * The text by which a path is told the summaries of its peers.
	 *
	 * @param summaries - Those summaries.
	 */
	tell?: (summaries: readonly string[]) => string;
	/**
	 * What paths are compared by at the end. Default: the last number of the text, or all of it where there is
	 * none.
	 */
	by?: AgreeBy;
	/** How paths generate. Default: temperature 0.8. */
	sampling?: StepOptions;
}

/**
 * Lets parallel paths stop now and then, write in short where they are, and read each other's summaries
 * before they go on. The answer that most paths come to is taken. Throws `OPTION_INVALID`.
 *
 * LeaP: Luo et al., "Learning from Peers in Reasoning Models" (2025, arXiv 2505.07787).
 *
 * @param options - How paths go on and learn from each other.
 */
export function peers(options?: PeersOptions): Strategy {
	const { paths, stretchTokens, summary, summaryTokens, tell, by, sampling } = readOptions(
		{
			paths: withDefault(integer(2, 64), 4),
			stretchTokens: withDefault(integer(1, 2 ** 31 - 1), 256),
			summary: withDefault(text, '\n\nIn short, my current results are that'),
			summaryTokens: withDefault(integer(1, 2 ** 31 - 1), 100),
			tell: withDefault(callback<(summaries: readonly string[]) => string>(), () => fromPeers),
			by: withDefault(callback<AgreeBy>(), () => finalAnswer),
			sampling: withDefault(stepOptions, diverse),
		},
		options,
		'peers',
	);
	return strategy(
		'peers',
		async (run) => {
			const meeting = new Meeting<string>(paths);
			const ends = await run.branches(paths, async (path, index) => {
				const speak = { ...sampling, maxTokens: stretchTokens };
				try {
					let answer = await path.attempt(speak);
					while (answer.finishReason === 'length' && (await path.worthAnother(answer))) {
						const so = await path.critique(answer, begunWith(run.question, answer.text + summary), {
							...sampling,
							maxTokens: summaryTokens,
						});
						const others = await meeting.exchange(index, so.text.slice(answer.text.length).trim());
						const begun = `${so.text}\n\n${tell(others)}\n\n`;
						answer = await path.revise(answer, begunWith(run.question, begun), speak);
					}
					return answer.finishReason === 'length' ? await path.proceed(answer, sampling) : answer;
				} finally {
					meeting.leave(index);
				}
			});
			return run.select(ends);
		},
		{ select: mostAgreed(by) },
	);
}

const fromPeers = (summaries: readonly string[]) =>
	`Hmm, my peers have these results:\n${summaries.map((summary) => `- ${summary}`).join('\n')}\nLet me see whether they are right, and go on.`;
