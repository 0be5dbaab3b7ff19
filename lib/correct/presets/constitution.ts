import type { ChatMessage } from '../../chat-message.js';
import { callback, integer, invalid, optional, readOptions, text, withDefault } from '../../options.js';
import { withText } from '../parts.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { mendUntilPass } from './support/mend.js';
import { fix } from './verifier-guided.js';

/** How principles are learnt and kept. */
export interface ConstitutionOptions {
	/** Principles from earlier tasks. Those of new tasks are added to this very array. Default: none. */
	principles?: string[];
	/** How many principles are kept, the latest ones. Default: 20. */
	maxPrinciples?: number;
	/** The message that asks for a principle after a task that was not right at once. */
	distil?: string;
	/**
	 * What the model is told about a failure. Default: the message and "Fix it."
	 *
	 * @param message - What the verifier wrote.
	 */
	ask?: (message: string) => string;
	/** How revisions generate. Default: as the first answer. */
	revision?: StepOptions;
}

/**
 * Learns a principle from each task that was not right at once, and shows the model all of them in the tasks
 * that follow: use one strategy for many tasks. It needs a verifier. Throws `OPTION_INVALID`.
 *
 * OmniReflect (Bharadwaj et al. 2025, arXiv 2506.17449); LEAP (Zhang et al. 2024, "In-Context Principle
 * Learning from Mistakes", arXiv 2402.05403).
 *
 * @param options - How principles are learnt and kept.
 */
export function constitution(options?: ConstitutionOptions): Strategy {
	const { principles, maxPrinciples, distil, ask, revision } = readOptions(
		{
			principles: withDefault(texts, () => []),
			maxPrinciples: withDefault(integer(1, 10_000), 20),
			distil: withDefault(
				text,
				'State in one sentence the general principle by which the mistake in the first answer would have been avoided. Do not mention this task.',
			),
			ask: withDefault(callback<(message: string) => string>(), () => fix),
			revision: optional(stepOptions),
		},
		options,
		'constitution',
	);
	return strategy('constitution', async (run) => {
		const attempt = await run.attempt({}, withPrinciples(run.question, principles));
		const answer = await mendUntilPass(run, attempt, (answer, message) =>
			run.revise(answer, ask(message), revision),
		);
		if (answer.round > 1) {
			const lesson = await run.critique(answer, distil, { maxTokens: 100 });
			const principle = lesson.text.trim().replaceAll(/\s+/g, ' ');
			if (principle !== '' && !principles.includes(principle)) principles.push(principle);
			principles.splice(0, principles.length - maxPrinciples);
		}
		return answer;
	});
}

/** Kept as it is: what is learnt is added to the caller's own array. */
const texts = (value: unknown, name: string): string[] => {
	if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
	throw invalid('an array of strings', name, value);
};

function withPrinciples(
	question: readonly ChatMessage[],
	principles: readonly string[],
): readonly ChatMessage[] {
	const task = question.at(-1);
	if (principles.length === 0 || !task) return question;
	const list = principles.map((principle) => `- ${principle}`).join('\n');
	const kept = (text: string) => `Keep to these principles:\n${list}\n\n${text}`;
	return [...question.slice(0, -1), withText(task, kept)];
}
