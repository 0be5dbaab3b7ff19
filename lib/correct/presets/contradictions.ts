import { begunWith } from '../../chat-message.js';
import { callback, integer, readOptions, withDefault } from '../../options.js';
import { sentences } from '../parts.js';
import { pTrue } from '../self-judge.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';

/** How contradictions are looked for and mended. */
export interface ContradictionsOptions {
	/**
	 * The message that asks to mend a text.
	 *
	 * @param statement - A sentence of the text.
	 * @param other - What the model wrote in its place, which contradicts it.
	 */
	mend?: (statement: string, other: string) => string;
	/** How many sentences are looked at, 1 or more. Default: 32. */
	maxStatements?: number;
	/** How other sentences generate. Default: temperature 0.8. */
	sampling?: StepOptions;
	/** How the mended text generates. Default: as every step. */
	revision?: StepOptions;
}

/**
 * Lets the model write another sentence in place of each one. Where the two contradict each other, the model
 * does not know, and the text is written again without what they differ in. The step `verify` is asked about
 * each pair; its default is the model's own yes or no. Throws `OPTION_INVALID`.
 *
 * Mündler et al., "Self-contradictory Hallucinations of Large Language Models: Evaluation, Detection and
 * Mitigation" (ICLR 2024, arXiv 2305.15852). There single sentences are mended; here the text is written
 * again, which drafting makes nearly free.
 *
 * @param options - How contradictions are looked for and mended.
 */
export function contradictions(options?: ContradictionsOptions): Strategy {
	const { mend, maxStatements, sampling, revision } = readOptions(
		{
			mend: withDefault(callback<(statement: string, other: string) => string>(), () => leaveOut),
			maxStatements: withDefault(integer(1, 10_000), 32),
			sampling: withDefault(stepOptions, diverse),
			revision: withDefault(stepOptions, {}),
		},
		options,
		'contradictions',
	);
	return strategy(
		'contradictions',
		async (run) => {
			let answer = await run.attempt();
			for (let index = 0; index < maxStatements; index++) {
				const written = sentences(answer.text);
				const statement = written[index];
				if (statement === undefined) break;
				const before = written.slice(0, index).join('');
				const again = await run.critique(answer, begunWith(run.question, before), {
					maxTokens: 100,
					...sampling,
				});
				const other = sentences(again.text.slice(before.length))[0] ?? '';
				if (other.trim() === '' || other.trim() === statement.trim()) continue;
				const { outcome } = await run.verify(answer, `1. ${statement.trim()}\n2. ${other.trim()}`);
				if (outcome !== 'fail') continue;
				if (!(await run.worthAnother(answer))) break;
				answer = await run.revise(answer, mend(statement.trim(), other.trim()), revision);
			}
			return answer;
		},
		{ verify: pTrue({ question: agree, replies: ['Yes', 'No'], threshold: 0.5 }) },
	);
}

const agree = (_: unknown, pair: string | undefined) =>
	`Can both of these statements be true at once?\n${pair}\nReply with Yes or No.`;

const leaveOut = (statement: string, other: string) =>
	`These statements contradict each other:\n1. ${statement}\n2. ${other}\nWrite your answer again, without what they contradict each other in, and change nothing else.`;
