import type { ChatMessage } from '../../chat-message.js';
import { callback, oneOf, optional, readOptions, withDefault } from '../../options.js';
import type { Answer } from '../events.js';
import { type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { mendUntilPass } from './support/mend.js';

/** The options of {@link verifierGuided}. */
export interface VerifierGuidedOptions {
	/** What the model is told after the verifier's message. Default: the message and "Fix it." */
	ask?: (message: string) => string;
	/**
	 * What a revision sees before it: 'all' answers and messages; only the 'last', which keeps contexts short
	 * for models that were not trained on long ones; or only the 'question', for models that say again whatever
	 * they see: such a revision is another attempt, drafted from the answer before, and should be sampled.
	 * Default: 'all'.
	 */
	sees?: 'all' | 'last' | 'question';
	/** How revisions generate. Default: as the attempt. */
	revision?: StepOptions;
}

/**
 * An outside verifier's message is what the next answer mends.
 *
 * Goedel-Prover-V2 (Lin et al. 2025, arXiv 2508.03613: the compiler's message goes back to the prover), CoSC
 * (Gao et al. 2024, arXiv 2410.10735), DotaMath (Li et al. 2024, arXiv 2407.04078), Agent-R (Yuan et al.
 * 2025, arXiv 2501.11425).
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
