import { RepriseError } from '../../../errors.js';
import { type Check, describe, invalid } from '../../../options.js';
import type { Task } from '../../verifier.js';
import { lastNumber } from './comparison.js';

/**
 * Gives the text for a task, or none.
 *
 * @param task - The task at hand.
 */
export type TextOfTask = (task: Task) => string | undefined;

/** A text, or a function that gives the text for a task. */
export type TaskText = string | TextOfTask;

export const taskText: Check<TaskText> = (value, name) => {
	if (typeof value === 'string' || typeof value === 'function') return value as TaskText;
	throw invalid('a string or a function of the task', name, value);
};

/** The text for this task, checked to be one. */
export function textFor(task: Task, option: TaskText, name: string): string | undefined {
	const text = typeof option === 'function' ? option(task) : option;
	if (text === undefined || typeof text === 'string') return text;
	throw invalid('a string', `${name} of task ${task.id}`, text);
}

/** The known answer of a task; throws `OPTION_INVALID` where neither the option nor the task has one. */
export function expectedAnswer(task: Task, expected: TaskText | undefined, of: string): string {
	const text = expected === undefined ? task.answer : textFor(task, expected, 'expected');
	if (text !== undefined) return text;
	throw new RepriseError(
		'OPTION_INVALID',
		`${of} has nothing to compare with: task ${task.id} has no answer; give it one, or pass expected`,
	);
}

/** The number in a known answer; throws `OPTION_INVALID` where it has none. */
export function expectedNumber(answer: string, task: Task, of: string): number {
	const value = lastNumber(answer);
	if (value !== undefined) return value;
	throw new RepriseError(
		'OPTION_INVALID',
		`${of} compares numbers, but the answer of task ${task.id} has none: ${describe(answer)}`,
	);
}
