import { begunWith } from '../../chat-message.js';
import { integer, readOptions, withDefault } from '../../options.js';
import { pTrue } from '../self-judge.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { stepEnds } from './support/step-ends.js';

/** How steps end, and how a failed one is replaced. */
export interface SpontaneousOptions {
	/** The strings that end a step. Default: a line break. */
	boundary?: string | readonly string[];
	/**
	 * How another step is generated in place of one that failed; it should not come out the same. Default:
	 * temperature 0.8.
	 */
	revision?: StepOptions;
	/** How many steps are checked, 1 or more; what comes after them is not checked. Default: 64. */
	maxSteps?: number;
}

/**
 * Checks the answer at the end of each step while it is generated. It is cut back to before the first bad
 * step, and goes on from there. The step `verify` judges the answer so far; its default is the model's own
 * yes or no. Throws `OPTION_INVALID`.
 *
 * SPOC (Zhao et al. 2025, "Boosting LLM Reasoning via Spontaneous Self-Correction", arXiv 2506.06923),
 * S³c-Math (Yan et al. 2024, arXiv 2409.01524), Intrinsic Self-Correction (Han et al. 2024, arXiv
 * 2401.07301). There the checks are trained to be part of the text; here they stand beside it, so any model
 * will do.
 *
 * @param options - How steps end, and how a failed one is replaced.
 */
export function spontaneous(options?: SpontaneousOptions): Strategy {
	const { boundary, revision, maxSteps } = readOptions(
		{
			boundary: withDefault(stepEnds, ['\n']),
			revision: withDefault(stepOptions, diverse),
			maxSteps: withDefault(integer(1, 10_000), 64),
		},
		options,
		'spontaneous',
	);
	return strategy(
		'spontaneous',
		async (run) => {
			let answer = await run.attempt({ stop: boundary });
			let sound = '';
			for (let step = 1; step < maxSteps; step++) {
				const { outcome } = await run.verify(answer);
				if (outcome === 'fail') {
					if (!(await run.worthAnother(answer))) break;
					answer = await run.revise(answer, begunWith(run.question, sound), { ...revision, stop: boundary });
				} else {
					if (answer.finishReason !== 'stop') return answer;
					sound = answer.text;
					answer = await run.proceed(answer, { stop: boundary });
				}
			}
			return answer.finishReason === 'stop' ? run.proceed(answer) : answer;
		},
		{ verify: pTrue({ question: soFar, replies: ['Yes', 'No'], threshold: 0.5 }) },
	);
}

const soFar = () => 'This is the beginning of an answer. Is its last step right? Reply with Yes or No.';
