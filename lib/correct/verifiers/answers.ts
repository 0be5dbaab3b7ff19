import { boolean, number, oneOf, optional, readOptions, withDefault } from '../../options.js';
import type { Verdict, Verifier } from '../verifier.js';
import { lastNumber, sameNumber, sameText, type TextComparison } from './support/comparison.js';
import { expectedAnswer, expectedNumber, type TaskText, taskText } from './support/expected.js';
import { quote } from './support/message.js';

interface ExpectedOptions {
	/** The right answer. Default: that of the task. */
	expected?: TaskText;
	/** Whether the message gives the right answer away. Default: false. */
	tellAnswer?: boolean;
}

/** What answers are compared with, and how. */
export interface ExactOptions extends ExpectedOptions, TextComparison {}

/** What answers are compared with, and how closely. */
export interface NumericOptions extends ExpectedOptions {
	/**
	 * The largest difference that passes, relative to the right answer where that is above 1 in size. Default:
	 * 1e-6.
	 */
	tolerance?: number;
}

const expectedChecks = { expected: optional(taskText), tellAnswer: withDefault(boolean, false) };

function wrong(message: string, right: string, tellAnswer: boolean): Verdict {
	return { outcome: 'fail', message: tellAnswer ? `${message} The answer is ${quote(right)}.` : message };
}

/**
 * Makes a verifier that passes answers that are the right one word for word. Throws `OPTION_INVALID`, and the
 * verifier rejects with it where there is nothing to compare with.
 *
 * @param options - What answers are compared with, and how.
 */
export function exact(options?: ExactOptions): Verifier {
	const { expected, tellAnswer, ...comparison } = readOptions(
		{
			...expectedChecks,
			ignoreCase: withDefault(boolean, false),
			whitespace: withDefault(oneOf('collapse', 'keep'), 'collapse'),
		},
		options,
		'exact',
	);
	return (answer, { task }) => {
		const right = expectedAnswer(task, expected, 'exact');
		if (sameText(answer, right, comparison)) return { outcome: 'pass' };
		return wrong('That is not the answer.', right, tellAnswer);
	};
}

/**
 * Makes a verifier that passes answers whose last number is that of the right answer. Throws
 * `OPTION_INVALID`, and the verifier rejects with it where there is no number to compare with.
 *
 * @param options - What answers are compared with, and how closely.
 */
export function numeric(options?: NumericOptions): Verifier {
	const { expected, tellAnswer, tolerance } = readOptions(
		{ ...expectedChecks, tolerance: withDefault(number(0, Infinity), 1e-6) },
		options,
		'numeric',
	);
	return (answer, { task }) => {
		const right = expectedAnswer(task, expected, 'numeric');
		const wanted = expectedNumber(right, task, 'numeric');
		const value = lastNumber(answer);
		if (value === undefined) return wrong('There is no number in the answer.', right, tellAnswer);
		if (sameNumber(value, wanted, tolerance)) return { outcome: 'pass' };
		return wrong(`${value} is not the answer.`, right, tellAnswer);
	};
}
