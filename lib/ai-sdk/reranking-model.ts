import type { RerankingModelV4 } from '@ai-sdk/provider';
import { byScore } from '../by-score.js';
import type { RankOptions } from '../embed-options.js';
import type { ModelHost } from './model-host.js';
import { givenToReprise } from './provider-options.js';

/** What `providerOptions.reprise` may say to `rerank`; `RankOptions` describes each. */
export type RepriseRerankingOptions = Omit<RankOptions, 'signal'>;

export function rerankingModel(host: ModelHost): RerankingModelV4 {
	return {
		specificationVersion: 'v4',
		provider: 'reprise',
		modelId: host.id,
		async doRerank({ documents, query, topN, abortSignal, providerOptions }) {
			const signal = host.until(abortSignal);
			signal.throwIfAborted();
			const options = givenToReprise(providerOptions);
			const texts =
				documents.type === 'text' ? documents.values : documents.values.map((value) => JSON.stringify(value));
			const model = await host.model();
			try {
				const scores = await model.rank(query, texts, {
					...options,
					signal,
				});
				return {
					ranking: byScore(scores, topN).map(({ index, score }) => ({ index, relevanceScore: score })),
				};
			} catch (error) {
				signal.throwIfAborted();
				throw error;
			}
		},
	};
}
