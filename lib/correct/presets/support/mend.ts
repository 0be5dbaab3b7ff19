import type { Answer } from '../../events.js';
import type { Run } from '../../run.js';

/**
 * Has an answer revised as long as the verifier finds a fault in it and another round is worth it. An answer
 * without a verdict stays as it is: there is nothing to mend.
 */
export async function mendUntilPass(
	run: Run,
	attempt: Answer,
	revise: (answer: Answer, message: string) => Promise<Answer>,
): Promise<Answer> {
	let answer = attempt;
	for (;;) {
		const judgement = await run.verify(answer);
		if (judgement.outcome !== 'fail' || !(await run.worthAnother(answer))) return answer;
		answer = await revise(answer, judgement.message);
	}
}
