import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { defaultMaxTokens } from '../generate-options.js';
import type { Reasoning } from '../tools/reply-options.js';

type Effort = NonNullable<LanguageModelV4CallOptions['reasoning']>;

/** What of the longest output may be reasoning, as the AI SDK's own providers have it (`mapReasoningToProviderBudget`). */
const shares: Readonly<Record<Exclude<Effort, 'none' | 'provider-default'>, number>> = {
	minimal: 0.02,
	low: 0.1,
	medium: 0.3,
	high: 0.6,
	xhigh: 0.9,
	max: 0.95,
};

/** How long the model thinks; undefined where that is left to it. */
export function reasoningOf(
	effort: Effort | undefined,
	maxTokens: number = defaultMaxTokens,
): Reasoning | undefined {
	if (effort === undefined || effort === 'provider-default') return undefined;
	if (effort === 'none') return 'off';
	return { budget: Math.round(maxTokens * shares[effort]) };
}
