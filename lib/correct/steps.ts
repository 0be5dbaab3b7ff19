import type { ChatMessage } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import { callback, optional, readOptions } from '../options.js';
import type { Answer, Judgement, Reply } from './events.js';
import type { StepContext } from './step-context.js';
import type { StepOptions } from './step-options.js';
import type { Verdict } from './verifier.js';

/**
 * The steps that a strategy is made of. Each can be replaced; what it returns goes into the events of the
 * run.
 */
export interface Steps {
	/**
	 * Answers the task. A text that it returns counts as the reply to `messages`.
	 *
	 * @param context - What the step may use.
	 * @param messages - The conversation that asks for an answer.
	 * @param options - How the strategy wants the answer to be generated.
	 */
	attempt(
		context: StepContext,
		messages: readonly ChatMessage[],
		options: StepOptions,
	): Promise<Reply | string>;
	/**
	 * Writes about an answer, or before there is one.
	 *
	 * @param context - What the step may use.
	 * @param messages - The conversation, which ends with what to look for.
	 * @param options - How the strategy wants the text to be generated.
	 * @param of - The answer; null where there is none yet.
	 */
	critique(
		context: StepContext,
		messages: readonly ChatMessage[],
		options: StepOptions,
		of: Answer | null,
	): Promise<Reply | string>;
	/**
	 * Judges an answer, or a part of the task or of the answer. A rejection means that there is no verdict.
	 *
	 * @param context - What the step may use.
	 * @param answer - The answer.
	 * @param about - The part in question; undefined for the whole answer.
	 */
	verify?(context: StepContext, answer: Answer, about: string | undefined): Verdict | Promise<Verdict>;
	/**
	 * Says how promising the beginning of an answer is. A rejection means that nothing is known. Strategies
	 * that search ask it; without it they ask `verify`.
	 *
	 * @param context - What the step may use.
	 * @param answer - The answer as far as it goes.
	 */
	value?(context: StepContext, answer: Answer): Verdict | Promise<Verdict>;
	/**
	 * Answers again.
	 *
	 * @param context - What the step may use.
	 * @param messages - The conversation, which ends with what to do about the answer.
	 * @param options - How the strategy wants the answer to be generated.
	 * @param of - The answer before.
	 */
	revise(
		context: StepContext,
		messages: readonly ChatMessage[],
		options: StepOptions,
		of: Answer,
	): Promise<Reply | string>;
	/**
	 * Chooses one of several answers, and gives the reason.
	 *
	 * @param context - What the step may use.
	 * @param answers - The answers to choose from.
	 * @param judgementOf - Gives the judgement of an answer; undefined where it was not judged.
	 */
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
		value: step,
		revise: step,
		select: step,
	};
	readOptions(names, steps, 'a strategy’s steps');
}

const say = (context: StepContext, messages: readonly ChatMessage[], options: StepOptions) =>
	context.reply(messages, options);

/** The steps of a strategy that has none of its own. */
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
 * The first answer that passed; else the one with the highest score; else the last one that was not cut
 * short. Throws `OPTION_INVALID` where there is no answer.
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
