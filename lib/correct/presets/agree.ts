import { isRepriseError, RepriseError } from '../../errors.js';
import { type Check, callback, integer, readOptions, withDefault } from '../../options.js';
import { isStopped } from '../budget.js';
import type { Answer } from '../events.js';
import { finalAnswer } from '../parts.js';
import type { Run } from '../run.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import type { Steps } from '../steps.js';
import { type Strategy, strategy } from '../strategy.js';

/**
 * Gives what answers are compared by, such as the number at their end. Answers with equal values vote for the
 * same.
 *
 * @param text - The text of an answer.
 */
export type AgreeBy = (text: string) => string | Promise<string>;

/** How answers are made and compared. */
export interface AgreeOptions {
	/**
	 * How many answers there are, 1…128. With 'budget' there are as many as the budget of tokens or of time has
	 * room for, and the first one generates as every step does. Default: 5.
	 */
	samples?: number | 'budget';
	/** What answers are compared by. Default: the last number of the text, or all of it where there is none. */
	by?: AgreeBy;
	/** How the answers generate. Default: temperature 0.8. */
	sampling?: StepOptions;
}

/**
 * Makes several answers at once and takes the one that most of them agree with. Throws `OPTION_INVALID`.
 *
 * Self-consistency (Wang et al. 2022, arXiv 2203.11171) and self-agreement (Lin et al. 2023, arXiv
 * 2311.08154).
 *
 * @param options - How answers are made and compared.
 */
export function agree(options?: AgreeOptions): Strategy {
	const { samples, by, sampling } = readOptions(
		{
			samples: withDefault(count, 5),
			by: withDefault(callback<AgreeBy>(), () => finalAnswer),
			sampling: withDefault(stepOptions, diverse),
		},
		options,
		'agree',
	);
	return strategy(
		'agree',
		async (run) =>
			run.select(
				samples === 'budget'
					? await answersWithin(run, sampling)
					: await run.branches(samples, (branch) => branch.attempt(sampling)),
			),
		{ select: mostAgreed(by) },
	);
}

const count: Check<number | 'budget'> = (value, name) =>
	value === 'budget' ? value : integer(1, 128)(value, name);

/** So many answers are made at a time; more would need more cache at once than a context may have. */
const mostAtOnce = 8;

async function answersWithin(run: Run, sampling: StepOptions): Promise<Answer[]> {
	const { left } = run;
	if (left.tokens === Infinity && left.timeMs === Infinity)
		throw new RepriseError(
			'OPTION_INVALID',
			"agree with samples 'budget' needs a budget of tokens or of milliseconds; or pass a number of samples",
		);
	const answers = [await run.attempt()];
	for (;;) {
		const now = run.left;
		const room = (has: number, had: number) =>
			had === Infinity ? had : has / Math.max(1e-9, (had - has) / answers.length);
		const more = Math.floor(
			Math.min(mostAtOnce, room(now.tokens, left.tokens), room(now.timeMs, left.timeMs)),
		);
		if (more < 1) return answers;
		try {
			const sampled = await run.branches(more, (branch) => branch.attempt(sampling).catch(nullOnOverflow));
			answers.push(...sampled.filter((answer) => answer !== null));
			if (sampled.includes(null)) return answers;
		} catch (error) {
			if (isStopped(error) && error.reason !== 'aborted') return answers;
			throw error;
		}
	}
}

/** An answer that the context has no room for beside the others is left out. */
function nullOnOverflow(error: unknown): null {
	if (isRepriseError(error) && error.code === 'CONTEXT_OVERFLOW') return null;
	throw error;
}

/**
 * Makes a step `select` that takes the first of the answers that most of them agree with.
 *
 * @param by - What answers are compared by.
 */
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
