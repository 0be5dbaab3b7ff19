import {
	type Answer,
	type CorrectionEvent,
	type Judgement,
	type Reply,
	type ReplyEvent,
	toAnswer,
} from '../events.js';
import { judge } from '../judge.js';
import { isSameMessage } from '../parts.js';
import type { Task, Verifier } from '../verifier.js';

/**
 * The judgement of answers for the measures; a verdict of the same verifier in the run is taken as it is.
 */
export function grader(
	grade: Verifier,
	events: readonly CorrectionEvent[],
	{ task, verifier, timeoutMs }: { task: Task; verifier: Verifier | undefined; timeoutMs: number },
): (answer: Pick<Answer, 'key' | 'text'>) => Promise<Judgement> {
	return async ({ key, text }) => {
		const verdict = events.findLast(
			(event) => event.type === 'verdict' && event.of === key && event.about === undefined,
		);
		const known = grade === verifier && verdict?.type === 'verdict' ? verdict.judgement : undefined;
		return known ?? judge((signal) => grade(text, { task, signal }), timeoutMs, new AbortController().signal);
	};
}

/** A score is right from a half on; without a verdict nothing is. */
export function isRight(judgement: Judgement): boolean {
	return judgement.outcome === 'pass' || (judgement.outcome === 'score' && judgement.score >= 0.5);
}

/**
 * What became of a round: its answer is right, wrong, or without a verdict (null); or it is 'open', a stretch
 * of an answer that the next round goes on with.
 */
export type RoundOutcome = boolean | null | 'open';

export interface RoundAnswer extends Answer {
	readonly isOpen: boolean;
}

/**
 * A run's answers by round, the first round first. Where a round has several, it is the chosen one, else the
 * first branch's last. Rounds that were cut short have none, and end the list.
 */
export function answersByRound(events: readonly CorrectionEvent[]): RoundAnswer[] {
	const answers: RoundAnswer[] = [];
	const inRound = (round: number) =>
		events.filter(
			(event): event is ReplyEvent =>
				(event.type === 'attempt' || event.type === 'revision') && event.round === round && !event.cut,
		);
	for (let round = 1; ; round++) {
		const given = inRound(round).map(toAnswer);
		const choice = events.findLast((event) => event.type === 'choice' && event.round === round);
		const chosen = choice?.type === 'choice' ? given.find(({ key }) => key === choice.chosen) : undefined;
		const branch = branchOf(given.map(({ key }) => key).sort(byPosition)[0] ?? '');
		const answer = chosen ?? given.findLast(({ key }) => branchOf(key) === branch);
		if (!answer) return answers;
		const next = inRound(round + 1).find(({ key }) => branchOf(key) === branchOf(answer.key));
		answers.push({ ...answer, isOpen: next !== undefined && isStretch(answer, next) });
	}
}

/**
 * A reply that ended at a stop string or was out of tokens, and then the same messages replied to again, in
 * the latter case with a text that begins with it.
 */
function isStretch({ finishReason, prompt, text }: Reply, next: Reply): boolean {
	const goesOn = finishReason === 'stop' || (finishReason === 'length' && next.text.startsWith(text));
	if (!goesOn || prompt.length !== next.prompt.length) return false;
	return prompt.every((message, index) => isSameMessage(message, next.prompt[index]));
}

const branchOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);

const byPosition = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
