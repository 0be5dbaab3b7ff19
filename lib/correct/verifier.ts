/** A task of the correction loop; a line of a task file is one, and keeps its further fields. */
export interface Task {
	readonly id: string;
	/** What the model is asked. */
	readonly prompt: string;
	/** The known answer, for verifiers and measures; the model never sees it. */
	readonly answer?: string;
	readonly [field: string]: unknown;
}

/**
 * What a verifier says of an answer. `message` is written for the model to read and must not give the right
 * answer away; `score` is higher for a better answer, on a scale of the verifier's own.
 */
export type Verdict =
	| { readonly outcome: 'pass'; readonly message?: string; readonly score?: number }
	| { readonly outcome: 'fail'; readonly message: string; readonly score?: number }
	| { readonly outcome: 'score'; readonly score: number; readonly message?: string };

export interface VerifierContext {
	readonly task: Task;
	/** The part of the task or of the answer in question, where a strategy asks part by part. */
	readonly about?: string;
	/** Fires when the verdict is not wanted any more: a verifier then stops what it runs and rejects. */
	readonly signal: AbortSignal;
}

/**
 * Judges the whole text of an answer. What is wrong with the answer is a verdict; a rejection says that the
 * verifier itself is at fault, such as a command that does not exist.
 */
export type Verifier = (answer: string, context: VerifierContext) => Verdict | Promise<Verdict>;
