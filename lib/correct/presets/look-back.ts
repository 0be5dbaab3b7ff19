import { RepriseError } from '../../errors.js';
import { callback, integer, optional, readOptions, text, withDefault } from '../../options.js';
import type { Answer } from '../events.js';
import { about, listItems, sentences } from '../parts.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import type { Steps } from '../steps.js';
import { type Strategy, strategy } from '../strategy.js';
import type { Task } from '../verifier.js';

/** How claims about an image are found, looked at and mended. */
export interface LookBackOptions {
	/**
	 * Gives what an answer says about the image, claim by claim. Default: the model lists it; where that is no list,
	 * the sentences of the answer.
	 *
	 * @param answer - The text of the answer.
	 * @param task - The task.
	 */
	claims?: (answer: string, task: Task) => readonly string[];
	/** The message that asks for the list, one claim a line. */
	list?: string;
	/**
	 * The question about a claim, which the model sees with the image and without the answer, to be replied to with
	 * Yes or No.
	 *
	 * @param claim - The claim.
	 */
	question?: (claim: string) => string;
	/**
	 * The message that asks for an answer without the claims that are not so.
	 *
	 * @param wrong - These claims.
	 */
	refine?: (wrong: readonly string[]) => string;
	/** How many claims of an answer are looked at, 1 or more. Default: 32. */
	maxClaims?: number;
	/** How revisions generate. Default: as the first answer. */
	revision?: StepOptions;
}

/**
 * Looks at the image again for each claim of an answer, and has the answer written again without those that are
 * not so. Each claim is judged by itself, in a conversation that has the image and nothing of the answer, so that
 * the answer cannot talk the model into it; the image's cells are shared. The step `verify` is asked about each
 * claim; its default is the model's own yes or no. Throws `OPTION_INVALID`.
 *
 * LookBack of Wu et al., "VISCO: Benchmarking Fine-Grained Critique and Correction Towards Self-Improvement in
 * Visual Reasoning" (CVPR 2025, arXiv 2412.02172). There the model answers a question about each piece of
 * information in words, and a critique of the steps is made of these answers; here one token decides on each.
 *
 * @param options - How claims are found, looked at and mended.
 */
export function lookBack(options?: LookBackOptions): Strategy {
	const { claims, list, question, refine, maxClaims, revision } = readOptions(
		{
			claims: optional(callback<(answer: string, task: Task) => readonly string[]>()),
			list: withDefault(
				text,
				'List what your answer says about the image, one claim a line, each after "- ".',
			),
			question: withDefault(callback<(claim: string) => string>(), () => isTrue),
			refine: withDefault(callback<(wrong: readonly string[]) => string>(), () => mend),
			maxClaims: withDefault(integer(1, 10_000), 32),
			revision: optional(stepOptions),
		},
		options,
		'lookBack',
	);
	return strategy(
		'lookBack',
		async (run) => {
			const claimsOf = async (answer: Answer): Promise<readonly string[]> => {
				if (claims) return claims(answer.text, run.task);
				const listed = listItems((await run.critique(answer, list)).text);
				return listed.length > 0 ? listed : sentences(answer.text).map((sentence) => sentence.trim());
			};
			if (!run.task.images?.length)
				throw new RepriseError(
					'OPTION_INVALID',
					'lookBack looks at images: give the task some, { images: [FILE] }',
				);
			let answer = await run.attempt();
			for (;;) {
				const wrong: string[] = [];
				for (const claim of (await claimsOf(answer)).slice(0, maxClaims))
					if ((await run.verify(answer, claim)).outcome === 'fail') wrong.push(claim);
				if (wrong.length === 0 || !(await run.worthAnother(answer))) return answer;
				answer = await run.revise(answer, refine(wrong), revision);
			}
		},
		{ verify: looksSo(question) },
	);
}

function looksSo(question: (claim: string) => string): NonNullable<Steps['verify']> {
	return async (context, answer, claim = answer.text) => {
		const score = await context.odds([about(context.task, question(claim))], ['Yes', 'No']);
		if (score >= 0.5) return { outcome: 'pass', score };
		return { outcome: 'fail', score, message: `The image does not show: ${claim}` };
	};
}

const isTrue = (claim: string) => `Is this true of the image: ${claim}\nReply with Yes or No.`;

const mend = (wrong: readonly string[]) =>
	`Looking at the image again, this is not so:\n${wrong.map((claim) => `- ${claim}`).join('\n')}\nAnswer again so that it fits the image.`;
