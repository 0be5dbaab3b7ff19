import { begunWith } from '../../chat-message.js';
import { callback, integer, readOptions, text, withDefault } from '../../options.js';
import { finalAnswer } from '../parts.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { type AgreeBy, mostAgreed } from './agree.js';
import { Meeting } from './support/meeting.js';

/** The options of {@link peers}. */
export interface PeersOptions {
	/** Paths at once, 2…64. Default: 4. */
	paths?: number;
	/** Tokens a path says between two exchanges. Default: 256. */
	stretch?: number;
	/** What begins a summary; it stands in the path. */
	summary?: string;
	/** Most tokens of a summary. Default: 100. */
	summaryTokens?: number;
	/** How a path is told the summaries of its peers. */
	tell?: (summaries: readonly string[]) => string;
	/** What paths agree in at the end. Default: the last number of the text, or all of it. */
	by?: AgreeBy;
	/** How paths generate. Default: temperature 0.8. */
	sampling?: StepOptions;
}

/**
 * Parallel paths that stop now and then, say in short where they are, and read each other's summaries before
 * they go on. The answer that most paths come to is taken.
 *
 * LeaP: Luo et al., "Learning from Peers in Reasoning Models" (2025, arXiv 2505.07787).
 */
export function peers(options?: PeersOptions): Strategy {
	const { paths, stretch, summary, summaryTokens, tell, by, sampling } = readOptions(
		{
			paths: withDefault(integer(2, 64), 4),
			stretch: withDefault(integer(1, 2 ** 31 - 1), 256),
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
				const speak = { ...sampling, maxTokens: stretch };
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
