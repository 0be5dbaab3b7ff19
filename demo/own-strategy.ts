import { strategy } from '../lib/correct/index.js';

/** Chain-of-Verification (Dhuliawala et al. 2023, arXiv 2309.11495): questions are answered without the draft. */
export const chainOfVerification = strategy('chainOfVerification', async (run) => {
	let answer = await run.attempt();
	do {
		const list = 'List questions that would check the facts of your answer, one a line.';
		const listed = await run.critique(answer, list, { maxTokens: 200 });
		const questions = listed.text.split('\n').filter((line) => line.includes('?'));
		const findings = await run.branches(questions.length, async (branch, index) => {
			const question = questions[index] ?? '';
			const found = await branch.critique(null, [{ role: 'user', content: question }], { maxTokens: 100 });
			return `${question} ${found.text}`;
		});
		if (findings.length === 0) break;
		answer = await run.revise(answer, `Mend your answer by what was found:\n${findings.join('\n')}`);
	} while (await run.worthAnother(answer));
	return answer;
});
