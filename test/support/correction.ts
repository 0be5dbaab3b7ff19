import { type CorrectionResult, correct } from '../../lib/correct/correct.js';
import type { CorrectOptions } from '../../lib/correct/correct-options.js';
import type { Answer, CorrectionEvent } from '../../lib/correct/events.js';
import type { Strategy } from '../../lib/correct/strategy.js';
import type { Task, Verifier } from '../../lib/correct/verifier.js';
import type { ScriptedSession } from './scripted.js';

export const task: Task = { id: 'sum', prompt: 'What is 2 + 2?', answer: '4' };

/** Right is what ends with the task's answer. */
export const endsRight: Verifier = (answer, { task }) =>
	answer.endsWith(task.answer ?? '')
		? { outcome: 'pass' }
		: { outcome: 'fail', message: `${answer} is not right.` };

/** An event in a word or two: what it is, its round and what it says. */
export function brief(event: CorrectionEvent): string {
	switch (event.type) {
		case 'attempt':
		case 'critique':
		case 'revision':
			return `${event.type} ${event.round}: ${event.text}${event.cut ? ' (cut)' : ''}`;
		case 'verdict':
			return `verdict ${event.round}: ${'fault' in event.judgement ? event.judgement.fault : event.judgement.outcome}`;
		case 'choice':
			return `choice ${event.round}: ${event.chosen} of ${event.from}`;
		case 'decision':
			return `decision ${event.round}: ${event.another ? 'another' : event.reason}`;
		case 'result':
			return `result ${event.round}: ${event.answer} (${event.stoppedBy})`;
	}
}

/** A run to its end, with its new events in brief. */
export async function follow(
	session: ScriptedSession,
	strategy: Strategy,
	options?: CorrectOptions,
	of: Task = task,
): Promise<CorrectionResult & { brief: string[] }> {
	const correction = correct(session, of, strategy, options);
	const seen: string[] = [];
	for await (const event of correction) seen.push(brief(event));
	return { ...(await correction.result), brief: seen };
}

/** The answer of a round. */
export const answer = (round: number, text = ''): Answer => ({
	type: round === 1 ? 'attempt' : 'revision',
	key: String(round),
	round,
	prompt: [],
	text,
	finishReason: 'end',
	cut: false,
	messages: [],
});
