import type { Metrics } from '../metrics.js';
import type { PrefillResult } from '../prefill.js';

/** What a request cost, as OpenAI's API says it. */
export interface Usage {
	readonly prompt_tokens: number;
	readonly completion_tokens: number;
	readonly total_tokens: number;
	readonly prompt_tokens_details: {
		/** Tokens that the cache held already. */
		readonly cached_tokens: number;
	};
	readonly completion_tokens_details: {
		/** Tokens of the prediction that the model said, too. */
		readonly accepted_prediction_tokens: number;
		/** Tokens of the prediction that were put before the model for nothing. */
		readonly rejected_prediction_tokens: number;
		readonly reasoning_tokens: number;
	};
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** The prompts count once, however many replies there are to each. */
export function usageOf(prompts: readonly PrefillResult[], replies: readonly Metrics[]): Usage {
	const promptTokens = sum(prompts.map((prompt) => prompt.promptTokens));
	const outputTokens = sum(replies.map((metrics) => metrics.outputTokens));
	const accepted = sum(replies.map(({ acceptedBySource }) => acceptedBySource.prediction));
	const drafted = sum(replies.map(({ draftedBySource }) => draftedBySource.prediction));
	return {
		prompt_tokens: promptTokens,
		completion_tokens: outputTokens,
		total_tokens: promptTokens + outputTokens,
		prompt_tokens_details: { cached_tokens: sum(prompts.map(({ reusedTokens }) => reusedTokens)) },
		completion_tokens_details: {
			accepted_prediction_tokens: accepted,
			rejected_prediction_tokens: drafted - accepted,
			reasoning_tokens: sum(replies.map((metrics) => metrics.reasoningTokens)),
		},
	};
}
