import type {
	LanguageModelV4FinishReason,
	LanguageModelV4Usage,
	SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import type { FinishReason } from '../addon.js';
import type { TokenLogprobs } from '../logprobs.js';
import type { Metrics } from '../metrics.js';
import type { PrefillResult } from '../prefill.js';
import type { ReplyResult } from '../tools/reply.js';

/** What `providerMetadata.reprise` tells of a text: what it cost, and what its drafts gained. */
export interface RepriseMetadata extends Metrics {
	/** The seed that gives this text again. */
	seed: number;
	/** The stop string that ended the text; empty where none did. */
	stopString: string;
	/** How probable the model held each token; not there without the option `logprobs`. */
	logprobs?: TokenLogprobs[];
}

/** How a generation ended, in the AI SDK's words. */
export interface Outcome {
	readonly finishReason: LanguageModelV4FinishReason;
	readonly usage: LanguageModelV4Usage;
	readonly providerMetadata: SharedV4ProviderMetadata;
}

const reasons: Readonly<Record<FinishReason, LanguageModelV4FinishReason['unified']>> = {
	end: 'stop',
	stop: 'stop',
	length: 'length',
	context: 'length',
	aborted: 'other',
	toolCalls: 'tool-calls',
};

/** @param prompt - What the prompt cost; the reply's own metrics begin when it was computed. */
export function outcomeOf(result: ReplyResult, prompt: PrefillResult): Outcome {
	const { finishReason, metrics, seed, stopString, logprobs } = result;
	const { promptTokens, reusedTokens } = prompt;
	const { outputTokens, reasoningTokens } = metrics;
	const metadata: RepriseMetadata = {
		...metrics,
		reusedTokens,
		prefillMs: prompt.prefillMs + metrics.prefillMs,
		seed,
		stopString,
		...(logprobs.length > 0 && { logprobs }),
	};
	return {
		finishReason: { unified: reasons[finishReason], raw: finishReason },
		usage: {
			inputTokens: {
				total: promptTokens,
				noCache: promptTokens - reusedTokens,
				cacheRead: reusedTokens,
				cacheWrite: undefined,
			},
			outputTokens: {
				total: outputTokens,
				text: outputTokens - reasoningTokens,
				reasoning: reasoningTokens,
			},
		},
		// Interfaces say nothing of being JSON, which all of this is.
		providerMetadata: { reprise: { ...metadata } as unknown as SharedV4ProviderMetadata[string] },
	};
}
