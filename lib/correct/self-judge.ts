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
import type { Steps } from './steps.js';

/** Makes a question about an answer, or about what is in question, that has one of two replies. */
export type JudgeQuestion = (answer: Answer, about: string | undefined) => string;

/** The options of {@link pTrue}. */
export interface PTrueOptions {
	/** Default: whether the answer is true. */
	question?: JudgeQuestion;
	/** Replies that mean that all is well, and that it is not. Default: 'True' and 'False'. */
	replies?: readonly [string, string];
	/** A verdict of pass from this probability on, and fail below; without one the verdict is a score. */
	threshold?: number;
}

/**
 * A step `verify` by the model itself: the probability it gives to its answer being true, with one token.
 *
 * P(True) of Kadavath et al., "Language Models (Mostly) Know What They Know" (2022, arXiv 2207.05221).
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

/** The options of {@link judgeInWords}. */
export interface JudgeOptions {
	/** What is asked first, to be replied with Yes or No. Default: whether the answer is right. */
	question?: string;
	/** What is asked about a wrong answer. */
	explain?: string;
}

/**
 * A step `verify` by the model in another role: it sees the task and the answer, but not how that came about,
 * and says what is wrong.
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
		const ask = (content: string): ChatMessage[] => [{ role: 'user', content: shown + content }];
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
