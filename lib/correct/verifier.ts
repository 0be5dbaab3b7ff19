/** A task of the correction loop; a line of a task file is one, and keeps its further fields. */
export interface Task {
	/** Names the task in logs and measures. */
	readonly id: string;
	/** What the model is asked. */
	readonly prompt: string;
	/** The known answer, for verifiers and measures; the model never sees it. */
	readonly answer?: string;
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

/** What a verifier says of an answer. */
export type Verdict = Pass | Fail | Score;

/** What a verifier is told besides the answer. */
export interface VerifierContext {
	/** The task that is answered. */
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
