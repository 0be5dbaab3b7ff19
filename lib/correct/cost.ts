import type { Metrics } from '../metrics.js';

/** What generating cost: sums over generations. Times of generations that ran at once count for each. */
export interface Cost {
	/** The tokens that were generated. */
	readonly tokens: number;
	/** The prompt tokens that were computed. */
	readonly computedTokens: number;
	/** The prompt tokens that were in the cache already. */
	readonly reusedTokens: number;
	/** The number of verify passes. */
	readonly passes: number;
	/** The tokens that verify passes gave. */
	readonly passTokens: number;
	/** The draft tokens that were put before the model. */
	readonly drafted: number;
	/** The draft tokens that the model accepted. */
	readonly accepted: number;
	/** The milliseconds that prompts took. */
	readonly prefillMs: number;
	/** The milliseconds that verify passes took. */
	readonly decodeMs: number;
}

export const noCost: Cost = {
	tokens: 0,
	computedTokens: 0,
	reusedTokens: 0,
	passes: 0,
	passTokens: 0,
	drafted: 0,
	accepted: 0,
	prefillMs: 0,
	decodeMs: 0,
};

const fields = Object.keys(noCost) as ReadonlyArray<keyof Cost>;

export function sumCosts(costs: Iterable<Cost>): Cost {
	const sum: Record<keyof Cost, number> = { ...noCost };
	for (const cost of costs) for (const field of fields) sum[field] += cost[field];
	return sum;
}

export function costOf(metrics: Metrics): Cost {
	const { outputTokens, promptTokens, reusedTokens, passes, passTokens, drafted, accepted } = metrics;
	const { prefillMs, decodeMs } = metrics;
	return {
		tokens: outputTokens,
		computedTokens: promptTokens - reusedTokens,
		reusedTokens,
		passes,
		passTokens,
		drafted,
		accepted,
		prefillMs,
		decodeMs,
	};
}
