import type { ChatMessage } from '../../chat-message.js';
import { callback, oneOf, optional, readOptions, withDefault } from '../../options.js';
import type { Answer } from '../events.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { mendUntilPass } from './support/mend.js';

/** What a revision is told and what it sees. */
export interface VerifierGuidedOptions {
	/**
	 * What the model is told about a failure. Default: the message and "Fix it."
	 *
	 * @param message - What the verifier wrote.
	 */
	ask?: (message: string) => string;
	/**
	 * What a revision sees before it. With 'all' it sees all answers and messages; with 'last' only the last
	 * ones, which keeps contexts short for models that were not trained on long ones; with 'question' only the
	 * question, for models that repeat whatever they see: such a revision is another attempt, drafted from the
	 * answer before, and should be sampled. Default: 'all'.
	 */
	sees?: 'all' | 'last' | 'question';
	/** How revisions generate. Default: as the first answer. */
	revision?: StepOptions;
}

/**
 * Answers, and mends the answer by what an outside verifier writes about it. Throws `OPTION_INVALID`.
 *
 * Goedel-Prover-V2 (Lin et al. 2025, arXiv 2508.03613: the compiler's message goes back to the prover), CoSC
 * (Gao et al. 2024, arXiv 2410.10735), DotaMath (Li et al. 2024, arXiv 2407.04078), Agent-R (Yuan et al.
 * 2025, arXiv 2501.11425).
 *
 * @param options - What a revision is told and what it sees.
 */
export function verifierGuided(options?: VerifierGuidedOptions): Strategy {
	const { ask, sees, revision } = readOptions(
		{
			ask: withDefault(callback<(message: string) => string>(), () => fix),
			sees: withDefault(oneOf('all', 'last', 'question'), 'all'),
			revision: optional(stepOptions),
		},
		options,
		'verifierGuided',
	);
	return strategy('verifierGuided', async (run) => {
		return mendUntilPass(run, await run.attempt(), async (answer, message) => {
			if (sees === 'question')
				return run.revise(answer, run.question, { prediction: answer.text, ...revision });
			const before = sees === 'all' ? answer.messages : onlyLast(run.question, answer);
			const request: ChatMessage = { role: 'user', content: ask(message) };
			return run.revise(answer, [...before, request], revision);
		});
	});
}

/** What the model is told about a failure, unless a strategy's options say otherwise. */
export const fix = (message: string) => `${message} Fix it.`;

function onlyLast(question: readonly ChatMessage[], { text }: Answer): ChatMessage[] {
	return [...question, { role: 'assistant', content: text }];
}
