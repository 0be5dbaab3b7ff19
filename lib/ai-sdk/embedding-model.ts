import { setImmediate } from 'node:timers/promises';
import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import type { EmbedOptions } from '../embed-options.js';
import type { Model } from '../model.js';
import type { ModelHost } from './model-host.js';
import { givenToReprise } from './provider-options.js';
import { unsupported } from './warnings.js';

/** What `providerOptions.reprise` may say to `embed` and `embedMany`; `EmbedOptions` describes each. */
export type RepriseEmbeddingOptions = Omit<EmbedOptions, 'signal'>;

/** The tokens of texts, counted between other work: of long texts that takes a while on this thread. */
async function countTokens(model: Model, values: readonly string[]): Promise<number> {
	let tokens = 0;
	for (const value of values) {
		tokens += model.tokenize(value, { addSpecial: true }).length;
		await setImmediate();
	}
	return tokens;
}

export function embeddingModel(host: ModelHost): EmbeddingModelV4 {
	return {
		specificationVersion: 'v4',
		provider: 'reprise',
		modelId: host.id,
		maxEmbeddingsPerCall: Number.POSITIVE_INFINITY,
		// Calls wait for each other, and a call computes many texts at once.
		supportsParallelCalls: false,
		async doEmbed({ values, dimensions, abortSignal, providerOptions }) {
			const signal = host.until(abortSignal);
			signal.throwIfAborted();
			const options = givenToReprise(providerOptions);
			const model = await host.model();
			try {
				const vectors = await model.embed(values, {
					...options,
					signal,
				});
				return {
					embeddings: vectors.map((vector) => Array.from(vector)),
					usage: { tokens: await countTokens(model, values) },
					warnings:
						dimensions === undefined
							? []
							: [unsupported('dimensions', `the model gives ${model.info.embeddingLength} numbers`)],
				};
			} catch (error) {
				signal.throwIfAborted();
				throw error;
			}
		},
	};
}
