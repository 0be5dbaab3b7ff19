import type { ChatMessage } from '../../chat-message.js';
import { answersByRound } from './outcomes.js';
import type { TaskRun } from './run-tasks.js';

/** A line of TRL's preference data, in conversational form with the prompt apart. */
export interface PreferencePair {
	/** The conversation that was replied to. */
	readonly prompt: readonly ChatMessage[];
	/** The right reply, as a message. */
	readonly chosen: readonly ChatMessage[];
	/** The wrong reply, as a message. */
	readonly rejected: readonly ChatMessage[];
}

/** A line of TRL's language-modelling data, in conversational form. */
export interface CorrectionTrace {
	/** The conversation, which ends with the right answer. */
	readonly messages: readonly ChatMessage[];
}

/**
 * Makes data for preference training: the first answer, where it was wrong, against the first right one after
 * it.
 *
 * @param runs - The runs, with graded answers.
 */
export function preferencePairs(runs: Iterable<TaskRun>): PreferencePair[] {
	return [...runs].flatMap((run) => {
		const mended = mending(run);
		if (!mended) return [];
		const { wrong, right } = mended;
		return [{ prompt: wrong.prompt, chosen: [byModel(right.text)], rejected: [byModel(wrong.text)] }];
	});
}

/**
 * Makes data for supervised training: the conversation of a correction from the question to the first right
 * answer. The wrong answers in it are context; train on its last message alone.
 *
 * @param runs - The runs, with graded answers.
 */
export function correctionTraces(runs: Iterable<TaskRun>): CorrectionTrace[] {
	return [...runs].flatMap((run) => {
		const mended = mending(run);
		return mended ? [{ messages: mended.right.messages }] : [];
	});
}

function mending({ right, result }: TaskRun) {
	if (right?.[0] !== false) return null;
	const answers = answersByRound(result.events);
	const wrong = answers[0];
	const mended = answers[right.indexOf(true)];
	return wrong && mended ? { wrong, right: mended } : null;
}

const byModel = (content: string): ChatMessage => ({ role: 'assistant', content });
