import type { ChatMessage } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import { callback, optional, readOptions } from '../options.js';
import type { Answer, Judgement, Reply } from './events.js';
import type { StepContext } from './step-context.js';
import type { StepOptions } from './step-options.js';
import type { Verdict } from './verifier.js';

/** What a strategy is made of. Each can be replaced; what it returns goes into the run's log. */
export interface Steps {
	/** Answers the task. A text of one's own counts as the reply to `messages`. */
	attempt(
		context: StepContext,
		messages: readonly ChatMessage[],
		options: StepOptions,
	): Promise<Reply | string>;
	/**
	 * Says what is to be said about `of`, or before there is an answer, where `messages` end with what to look
	 * for.
	 */
	critique(
		context: StepContext,
		messages: readonly ChatMessage[],
		options: StepOptions,
		of: Answer | null,
	): Promise<Reply | string>;
	/**
	 * Judges an answer, or what it is `about`: a part of the task or of the answer. A rejection is no verdict.
	 */
	verify?(context: StepContext, answer: Answer, about: string | undefined): Verdict | Promise<Verdict>;
	/** Answers again, where `messages` end with what to do about `of`. */
	revise(
		context: StepContext,
		messages: readonly ChatMessage[],
		options: StepOptions,
		of: Answer,
	): Promise<Reply | string>;
	/** Chooses one of several answers; `judgementOf` gives what verifying found, if it was done. */
	select(
		context: StepContext,
		answers: readonly Answer[],
		judgementOf: (answer: Answer) => Judgement | undefined,
	): Promise<{
		/** One of `answers`. */
		readonly chosen: Answer;
		/** Why it was chosen, in words, for the log. */
		readonly reason: string;
	}>;
}

const step = optional(callback<(...args: never[]) => never>());

/** Throws `OPTION_INVALID` where a step is of an unknown name or no function. */
export function checkSteps(steps: Partial<Steps>): void {
	const names: Record<keyof Steps, typeof step> = {
		attempt: step,
		critique: step,
		verify: step,
		revise: step,
		select: step,
	};
	readOptions(names, steps, 'a strategy’s steps');
}

const say = (context: StepContext, messages: readonly ChatMessage[], options: StepOptions) =>
	context.reply(messages, options);

export const defaultSteps: Steps = {
	attempt: say,
	critique: say,
	revise: say,
	select: async (_, answers, judgementOf) => ({
		chosen: bestOf(answers, judgementOf),
		reason: 'best judged',
	}),
};

/**
 * The first that passed; else the highest score; else the last that was not cut short. There must be one at
 * least.
 */
export function bestOf(
	answers: readonly Answer[],
	judgementOf: (answer: Answer) => Judgement | undefined,
): Answer {
	const passed = answers.find((answer) => judgementOf(answer)?.outcome === 'pass');
	const scored = answers
		.map((answer) => ({ answer, score: scoreOf(judgementOf(answer)) }))
		.filter(({ score }) => score !== undefined)
		.sort((a, b) => (b.score as number) - (a.score as number));
	const best = passed ?? scored[0]?.answer ?? answers.findLast(({ cut }) => !cut) ?? answers.at(-1);
	if (best) return best;
	throw new RepriseError('OPTION_INVALID', 'Expected at least one answer to select from');
}

function scoreOf(judgement: Judgement | undefined): number | undefined {
	return judgement && 'score' in judgement ? judgement.score : undefined;
}
