import type { Task, Verdict, Verifier } from '../../lib/correct/verifier.js';

/** A verdict on an answer to a task of its own. */
export async function verify(
	verifier: Verifier,
	answer: string,
	task: Partial<Task> = {},
	signal = new AbortController().signal,
): Promise<Verdict> {
	return verifier(answer, { task: { id: 'task', prompt: 'Print the answer.', ...task }, signal });
}
