import {
	type CorrectionMeasures,
	correct,
	correctionMeasures,
	type StepOptions,
	type VerifierGuidedOptions,
	verifierGuided,
} from '../../../lib/correct/index.js';
import { javascript } from '../../../lib/correct/verifiers/index.js';
import type { Session } from '../../../lib/index.js';
import type { Chat } from '../data/chat.js';

export interface ProblemMeasures extends CorrectionMeasures {
	/** Share that is right after the first answer, the second and so on. */
	rightByRound: number[];
	tokens: number;
	wrong: Array<{ problem: string; wanted: string; said: string[] }>;
}

/**
 * How programs are revised. A small model says again what it sees, so it sees the question alone; and the likeliest
 * program may be the wrong one again, so where the model is in doubt it is to choose anew, and nowhere else, which is
 * what a high temperature among the few likely tokens does.
 */
export const exploring: VerifierGuidedOptions & { readonly revision: StepOptions } = {
	sees: 'question',
	revision: { temperature: 5, minP: 0.003 },
};

/** Lets the model solve word problems, and mend in up to `revisions` what the verifier turns down. */
export async function measureProblems(
	session: Session,
	problems: readonly Chat[],
	{ revisions = 7, guided = exploring }: { revisions?: number; guided?: VerifierGuidedOptions } = {},
): Promise<ProblemMeasures> {
	await using verifier = javascript({ timeoutMs: 500, threads: 1 });
	const strategy = verifierGuided(guided);
	const wrong: ProblemMeasures['wrong'] = [];
	const transitions = [];
	const solvedIn = Array<number>(revisions + 1).fill(0);
	let tokens = 0;
	for (const [i, { turns, answer }] of problems.entries()) {
		const prompt = turns[0]?.text ?? '';
		await session.rollback(0);
		const result = await correct(session, { id: `${i}`, prompt, answer: `${answer}` }, strategy, {
			verifier,
			budget: { rounds: revisions + 1 },
			generate: { temperature: 0, maxTokens: 400, seed: i },
		}).result;
		const said = result.events.flatMap((event) => ('text' in event ? [event.text] : []));
		const after = result.judgement?.outcome === 'pass';
		const before = after && result.round === 1;
		transitions.push([{ before, after }]);
		if (after) solvedIn[result.round - 1] = (solvedIn[result.round - 1] ?? 0) + 1;
		if (!before) wrong.push({ problem: prompt, wanted: turns[1]?.text ?? '', said });
		tokens += result.cost.tokens;
	}
	const rightByRound = solvedIn.map((_, i) => sum(solvedIn.slice(0, i + 1)) / problems.length);
	return { ...correctionMeasures(transitions), rightByRound, tokens, wrong };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
