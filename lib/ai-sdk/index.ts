/**
 * `reprise/ai-sdk`: a provider for the AI SDK that computes in this process.
 *
 * @module reprise/ai-sdk
 */

export type { RepriseEmbeddingOptions } from './embedding-model.js';
export type { RepriseMetadata } from './outcome.js';
export { createReprise, type RepriseProvider } from './provider.js';
export type { RepriseLanguageModelOptions } from './provider-options.js';
export type { RepriseRerankingOptions } from './reranking-model.js';
export type { RepriseProviderSettings } from './settings.js';
