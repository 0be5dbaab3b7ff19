import type { TextMessage } from '../chat-message.js';

/**
 * What a task is made from. `seed` is the index of the run: every run has a text of its own, so that no arm gains by
 * what it kept of an earlier one.
 */
export interface TaskRequest {
	/** The length of the prompt that is asked for, in tokens. */
	readonly context: number;
	/** From 0 on; the same seed gives the same task, on every machine. */
	readonly seed: number;
	/** The tokens of a prompt with these messages, so that a workload can come as near to `context` as it gets. */
	countTokens(messages: readonly TextMessage[]): Promise<number>;
}

/** A task in words. */
export interface TaskText {
	/** What comes before the answer; the last message is the user's. */
	readonly messages: readonly TextMessage[];
	/** What a capable model would answer: taken as the model's choice where choices are recorded. */
	readonly answer: string;
}

/** A kind of task. */
export interface Workload {
	readonly name: string;
	/** What its answers copy and from where, in half a sentence for the help and the report. */
	readonly description: string;
	/** A task, or the reason why there is none of that length. */
	text(request: TaskRequest): Promise<TaskText | { readonly skipped: string }>;
}

/** What one run decodes. All arms get the same tokens. */
export interface Task {
	readonly workload: string;
	/** The length that was asked for; that of `prompt` is as near as the workload gets. */
	readonly context: number;
	readonly seed: number;
	/** The whole context before the answer, the beginning of the assistant's message included. */
	readonly prompt: Int32Array;
	/**
	 * The tokens that are taken as the model's choices whatever its logits say, no more than the budget and at least
	 * two; null where the model chooses.
	 */
	readonly answer: Int32Array | null;
}
