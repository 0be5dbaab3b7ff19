import { type Answer, type CorrectionEvent, type Judgement, toAnswer } from './events.js';
import { judge } from './judge.js';
import type { Task, Verifier } from './verifier.js';

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
 * A run's answers by round, the first round first. Where a round has several, it is the chosen one, else the
 * first branch's last. Rounds that were cut short have none, and end the list.
 */
export function answersByRound(events: readonly CorrectionEvent[]): Answer[] {
	const answers: Answer[] = [];
	for (let round = 1; ; round++) {
		const said = events.flatMap((event) =>
			(event.type === 'attempt' || event.type === 'revision') && event.round === round && !event.cut
				? [toAnswer(event)]
				: [],
		);
		const choice = events.findLast((event) => event.type === 'choice' && event.round === round);
		const chosen = choice?.type === 'choice' ? said.find(({ key }) => key === choice.chosen) : undefined;
		const branch = branchOf(said.map(({ key }) => key).sort(byPosition)[0] ?? '');
		const answer = chosen ?? said.findLast(({ key }) => branchOf(key) === branch);
		if (!answer) return answers;
		answers.push(answer);
	}
}

const branchOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);

const byPosition = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
