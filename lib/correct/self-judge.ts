import type { ChatMessage } from '../chat-message.js';
import {
	type Check,
	callback,
	invalid,
	number,
	optional,
	readOptions,
	text,
	withDefault,
} from '../options.js';
import type { Answer } from './events.js';
import { about as aboutTask } from './parts.js';
import type { Steps } from './steps.js';

/**
 * Makes a question that has one of two replies.
 *
 * @param answer - The answer that is judged.
 * @param about - The part in question; undefined for the whole answer.
 */
export type JudgeQuestion = (answer: Answer, about: string | undefined) => string;

/** How the model judges its own answer with one token. */
export interface PTrueOptions {
	/** The question. Default: whether the answer is true. */
	question?: JudgeQuestion;
	/**
	 * The reply that means that all is well, and the one that means that it is not. Default: 'True' and
	 * 'False'.
	 */
	replies?: readonly [string, string];
	/**
	 * From this probability on, 0…1, the verdict is pass, and below it fail. Default: none, the verdict is a
	 * score.
	 */
	threshold?: number;
}

/**
 * Makes a step `verify` by the model itself: the score is the probability that it gives to its answer being
 * true, with one token. Throws `OPTION_INVALID`.
 *
 * P(True) of Kadavath et al., "Language Models (Mostly) Know What They Know" (2022, arXiv 2207.05221).
 *
 * @param options - The question and its replies.
 */
export function pTrue(options?: PTrueOptions): NonNullable<Steps['verify']> {
	const { question, replies, threshold } = readOptions(
		{
			question: withDefault(callback<JudgeQuestion>(), () => isTrue),
			replies: withDefault(twoReplies, ['True', 'False']),
			threshold: optional(number(0, 1)),
		},
		options,
		'pTrue',
	);
	return async (context, answer, about) => {
		const asked = question(answer, about);
		const score = await context.odds(followedBy(answer, asked), replies);
		if (threshold === undefined) return { outcome: 'score', score };
		if (score >= threshold) return { outcome: 'pass', score };
		return { outcome: 'fail', score, message: `The reply to "${asked}" is ${replies[1]}.` };
	};
}

/** What the model is asked when it judges in another role. */
export interface JudgeOptions {
	/** The first question, to be replied to with Yes or No. Default: whether the answer is right. */
	question?: string;
	/** What is asked about a wrong answer. Default: what is wrong with it, in one or two sentences. */
	explain?: string;
}

/**
 * Makes a step `verify` by the model in another role: it sees the task and the answer, but not how the answer
 * came about, and writes what is wrong. Throws `OPTION_INVALID`.
 *
 * @param options - What the model is asked.
 */
export function judgeInWords(options?: JudgeOptions): NonNullable<Steps['verify']> {
	const { question, explain } = readOptions(
		{
			question: withDefault(text, 'Is the answer right? Reply with Yes or No.'),
			explain: withDefault(text, 'Say in one or two sentences what is wrong with the answer.'),
		},
		options,
		'judgeInWords',
	);
	return async (context, answer) => {
		const shown = `You are a judge.\n\nTask: ${context.task.prompt}\n\nAnswer: ${answer.text}\n\n`;
		const ask = (content: string): ChatMessage[] => [aboutTask(context.task, shown + content)];
		const score = await context.odds(ask(question), ['Yes', 'No']);
		if (score >= 0.5) return { outcome: 'pass', score };
		return { outcome: 'fail', score, message: (await context.reply(ask(explain), { maxTokens: 200 })).text };
	};
}

const twoReplies: Check<readonly [string, string]> = (value, name) => {
	if (Array.isArray(value) && value.length === 2) return [text(value[0], name), text(value[1], name)];
	throw invalid('two replies', name, value);
};

const isTrue: JudgeQuestion = () => 'Is your answer true? Reply with True or False.';

function followedBy({ messages }: Answer, content: string): ChatMessage[] {
	return [...messages, { role: 'user', content }];
}
