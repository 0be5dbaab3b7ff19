import { assistant, type Chat, mistaken, type Turn, user } from './chat.js';
import { mistake, withoutStep } from './mistakes.js';
import { renderLine, renderProgram, runLines } from './program.js';
import { heldOut, type Source } from './source.js';
import { assignments } from './story-questions.js';
import { type Problem, wordProblem } from './word-problems.js';

const reviews = heldOut({
	train: [
		'Check the program line by line. Is it right?',
		'Read the program again and look for a mistake.',
		'Is there a mistake in the program?',
		'Review your answer.',
		'Is every line of the program right?',
		'Look for a wrong line.',
		'Is the program correct? Check each line.',
		'Go through the program again. Is anything wrong?',
		'Re-read your answer and say whether it is right.',
	],
	test: ['Check your program. Is every line right?', 'Read your answer again. Is there a mistake in it?'],
});

const finals = heldOut({
	train: [
		'Give the final program.',
		'Write the final program. Keep it if it is right.',
		'Provide the program that you consider to be right.',
		'Now give the final answer.',
		'Give your final program.',
		'Write the right program.',
		'What is your final program?',
	],
	test: ['Provide the final program.', 'Write the program that you consider to be right.'],
});

const failures = heldOut({
	train: [
		'The program printed {printed}, but that is not the answer. Fix it.',
		'This prints {printed}, which is wrong. Correct the program.',
		'The program printed {printed}, which is not the answer. Write it again without the mistake.',
		'The output {printed} is wrong. Fix the program.',
		'That is wrong: it printed {printed}. Correct it.',
		'It prints {printed}, and that is wrong. Mend the program.',
		'The answer is not {printed}. Try again.',
		'{printed} is not right. Write a better program.',
	],
	test: [
		'The program printed {printed}, but that is not the right answer. Correct it.',
		'It printed {printed}. That is not the answer. Fix the program.',
	],
});

export const assignment = (problem: Problem, source: Source): Turn =>
	user(source.say(assignments, { problem: problem.text }));

/** What is said of a program that printed something else than the answer. */
export const failure = (source: Source, output: string): Turn =>
	user(source.say(failures, { printed: output }));

/** A word problem and the program that solves it. */
export function solve(source: Source): Chat {
	const problem = wordProblem(source);
	return {
		task: 'solve',
		turns: [assignment(problem, source), assistant(renderProgram(problem.lines))],
		answer: problem.answer,
	};
}

/** An answer, right or wrong, re-read and then given for good. */
export function review(source: Source): Chat {
	const problem = wordProblem(source);
	const right = renderProgram(problem.lines);
	const turns = [assignment(problem, source)];
	if (source.chance(0.4)) {
		turns.push(assistant(right), user(source.say(reviews)), assistant('Every line is right.'));
	} else {
		const made = mistake(problem, source);
		const remark = `The line \`${renderLine(made.wrong)}\` is wrong. It should be \`${renderLine(made.right)}\`.`;
		turns.push(mistaken(renderProgram(made.lines)), user(source.say(reviews)), assistant(remark));
	}
	turns.push(user(source.say(finals)), assistant(right));
	return { task: 'review', turns, answer: problem.answer };
}

const printed = (value: number): string =>
	`${Number.isInteger(value) ? value : Math.round(value * 1000) / 1000}`;

/** One to three wrong programs, each with what it printed, and then the right one. */
export function repair(source: Source): Chat {
	const problem = wordProblem(source, 0.5);
	const turns = [assignment(problem, source)];
	const misread = source.shuffle(problem.otherReadings);
	for (let rounds = source.pick([1, 1, 1, 2, 2, 3]); rounds > 0; rounds--) {
		const lines =
			misread.pop() ??
			((source.chance(0.25) && withoutStep(problem, source)) || mistake(problem, source).lines);
		turns.push(mistaken(renderProgram(lines)), failure(source, printed(runLines(lines))));
	}
	turns.push(assistant(renderProgram(problem.lines)));
	return { task: 'repair', turns, answer: problem.answer };
}
