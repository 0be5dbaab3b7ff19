import { callback, optional, readOptions, text, withDefault } from '../../options.js';
import { extended, listItems } from '../parts.js';
import { pTrue } from '../self-judge.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import type { Task } from '../verifier.js';

/** How constraints are found and kept. */
export interface DecomposeCritiqueRefineOptions {
	/**
	 * Gives the constraints of a task, where they are known. Default: the model lists them.
	 *
	 * @param task - The task.
	 */
	constraints?: (task: Task) => readonly string[];
	/** The message that asks for the list, one constraint a line. */
	list?: string;
	/**
	 * The message that asks for an answer that keeps all constraints.
	 *
	 * @param failed - The constraints that the last answer did not keep.
	 */
	refine?: (failed: readonly string[]) => string;
	/** How revisions generate. Default: as the first answer. */
	revision?: StepOptions;
}

/**
 * Lists the constraints of a task, judges them one by one, and mends only what fails. The step `verify` is
 * asked about each constraint; its default is the model's own yes or no. Throws `OPTION_INVALID`.
 *
 * DeCRIM: Ferraz et al., "LLM Self-Correction with DeCRIM: Decompose, Critique, and Refine" (EMNLP Findings
 * 2024, arXiv 2410.06458).
 *
 * @param options - How constraints are found and kept.
 */
export function decomposeCritiqueRefine(options?: DecomposeCritiqueRefineOptions): Strategy {
	const { constraints, list, refine, revision } = readOptions(
		{
			constraints: optional(callback<(task: Task) => readonly string[]>()),
			list: withDefault(
				text,
				'Do not do this yet. List the single constraints that an answer has to keep, one a line, each after "- ".',
			),
			refine: withDefault(callback<(failed: readonly string[]) => string>(), () => mend),
			revision: optional(stepOptions),
		},
		options,
		'decomposeCritiqueRefine',
	);
	return strategy(
		'decomposeCritiqueRefine',
		async (run) => {
			let answer = await run.attempt();
			const wanted = constraints
				? constraints(run.task)
				: listItems((await run.critique(null, extended(run.question, list))).text);
			for (;;) {
				const failed: string[] = [];
				for (const constraint of wanted)
					if ((await run.verify(answer, constraint)).outcome === 'fail') failed.push(constraint);
				if (failed.length === 0 || !(await run.worthAnother(answer))) return answer;
				answer = await run.revise(answer, refine(failed), revision);
			}
		},
		{ verify: pTrue({ question: keeps, replies: ['Yes', 'No'], threshold: 0.5 }) },
	);
}

const keeps = (_: unknown, constraint: string | undefined) =>
	`Does your answer keep this constraint: ${constraint}\nReply with Yes or No.`;

const mend = (failed: readonly string[]) =>
	`Your answer does not keep:\n${failed.map((constraint) => `- ${constraint}`).join('\n')}\nWrite it again so that it does, and change nothing else.`;
