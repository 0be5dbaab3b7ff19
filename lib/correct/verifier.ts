import type { ImageInput } from '../image-input.js';

/** A task of the correction loop. A line of a task file is one, and keeps its further fields. */
export interface Task {
	/** The name of the task, which is its own among others. */
	readonly id: string;
	/** What the model is asked. */
	readonly prompt: string;
	/** Images that the question is about. Default: none. */
	readonly images?: readonly ImageInput[];
	/** The known answer, for verifiers and measures; the model never sees it. */
	readonly answer?: string;
	/** Further fields, for verifiers. */
	readonly [field: string]: unknown;
}

/** The answer is right. */
export interface Pass {
	/** Tells it from the other verdicts. */
	readonly outcome: 'pass';
	/** What is to be said about it all the same. */
	readonly message?: string;
	/** Higher for a better answer, on a scale of the verifier's own. */
	readonly score?: number;
}

/** The answer is wrong. */
export interface Fail {
	/** Tells it from the other verdicts. */
	readonly outcome: 'fail';
	/** What is wrong, written for the model to read. It must not give the right answer away. */
	readonly message: string;
	/** Higher for a better answer, on a scale of the verifier's own. */
	readonly score?: number;
}

/** The answer is neither right nor wrong, but can be compared with others. */
export interface Score {
	/** Tells it from the other verdicts. */
	readonly outcome: 'score';
	/** Higher for a better answer, on a scale of the verifier's own. */
	readonly score: number;
	/** What could be better, written for the model to read. */
	readonly message?: string;
}

/**
 * What a verifier finds about an answer. The `message` is written for the model to read and must not give the
 * right answer away; the `score` is higher for a better answer, on a scale of the verifier's own.
 */
export type Verdict = Pass | Fail | Score;

/** What a verifier is told besides the answer. */
export interface VerifierContext {
	/** The task that was answered. */
	readonly task: Task;
	/** The part of the task or of the answer in question, where a strategy asks part by part. */
	readonly about?: string;
	/**
	 * This signal fires when the verdict is not wanted any more: a verifier then stops what it runs and
	 * rejects.
	 */
	readonly signal: AbortSignal;
}

/**
 * Judges the whole text of an answer. What is wrong with the answer is a verdict; a rejection means that the
 * verifier itself is at fault, such as a command that does not exist.
 *
 * @param answer - The text of the answer.
 * @param context - The task, the part in question and the signal.
 */
export type Verifier = (answer: string, context: VerifierContext) => Verdict | Promise<Verdict>;
