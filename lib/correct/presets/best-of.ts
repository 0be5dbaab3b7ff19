import { begunWith } from '../../chat-message.js';
import { integer, oneOf, readOptions, text, withDefault } from '../../options.js';
import type { Answer } from '../events.js';
import type { Run } from '../run.js';
import { pTrue } from '../self-judge.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { splitSteps, stepEnds } from './support/step-ends.js';

/** How answers are made and the best one is refined. */
export interface BestOfOptions {
	/** How many answers there are, 1…128. Default: 4. */
	samples?: number;
	/**
	 * What is done with the best answer: with 'none' it stays; 'global' writes it anew; 'local' goes on from
	 * before its first step that is judged wrong. The better of both is taken. Default: 'none'.
	 */
	refine?: 'none' | 'global' | 'local';
	/** The message that asks for a global refinement. */
	request?: string;
	/** The strings that end a step, for local refinement. Default: a line break. */
	boundary?: string | readonly string[];
	/** How answers and refinements generate. Default: temperature 0.8. */
	sampling?: StepOptions;
}

/**
 * Makes several answers at once and ranks them by the step `verify`: by default by the probability that the
 * model gives to its answer being true, else by a verifier or a reward function of the caller. The best one
 * may be refined. Throws `OPTION_INVALID`.
 *
 * P(True) (Kadavath et al. 2022, arXiv 2207.05221), Self-Judge (Ye and Ng 2024, arXiv 2409.00935), GLoRe's
 * global and local refinement (Havrilla et al. 2024, arXiv 2402.10963).
 *
 * @param options - How answers are made and the best one is refined.
 */
export function bestOf(options?: BestOfOptions): Strategy {
	const { samples, refine, request, boundary, sampling } = readOptions(
		{
			samples: withDefault(integer(1, 128), 4),
			refine: withDefault(oneOf('none', 'global', 'local'), 'none'),
			request: withDefault(text, 'Improve your answer and write all of it again.'),
			boundary: withDefault(stepEnds, ['\n']),
			sampling: withDefault(stepOptions, diverse),
		},
		options,
		'bestOf',
	);
	const judged = async (run: Run, answer: Answer) => {
		await run.verify(answer);
		return answer;
	};
	return strategy(
		'bestOf',
		async (run) => {
			const answers = await run.branches(samples, async (branch) =>
				judged(branch, await branch.attempt(sampling)),
			);
			const best = await run.select(answers);
			if (refine === 'none' || !(await run.worthAnother(best))) return best;
			const refined =
				refine === 'global'
					? await run.revise(best, request, sampling)
					: await goOn(run, best, await soundPart(run, best, boundary), sampling);
			return run.select([best, await judged(run, refined)]);
		},
		{ verify: pTrue({ question }) },
	);
}

/** The model is likely to write in part what was cut off, so that is drafted from. */
function goOn(run: Run, best: Answer, sound: string, sampling: StepOptions): Promise<Answer> {
	const prediction = best.text.slice(sound.length);
	return run.revise(best, begunWith(run.question, sound), { prediction, ...sampling });
}

/**
 * What stands before the first step that is judged wrong; of an answer without one, all but the last step.
 */
async function soundPart(run: Run, answer: Answer, boundary: readonly string[]): Promise<string> {
	const steps = splitSteps(answer.text, boundary);
	let sound = '';
	for (const step of steps.slice(0, -1)) {
		const judgement = await run.verify(answer, step.trim());
		if (judgement.outcome === 'fail' || (judgement.outcome === 'score' && judgement.score < 0.5)) break;
		sound += step;
	}
	return sound;
}

const question = (_: unknown, step: string | undefined) =>
	step === undefined
		? 'Is your answer true? Reply with True or False.'
		: `Is this step of your answer true: ${step}\nReply with True or False.`;
