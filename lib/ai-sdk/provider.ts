import type { EmbeddingModelV4, LanguageModelV4, RerankingModelV4 } from '@ai-sdk/provider';
import { asyncDispose } from '../async-dispose.js';
import { RepriseError } from '../errors.js';
import type { Model } from '../model.js';
import { invalid } from '../options.js';
import { embeddingModel } from './embedding-model.js';
import { languageModel } from './language-model.js';
import { ModelHost } from './model-host.js';
import { rerankingModel } from './reranking-model.js';
import { type RepriseProviderSettings, readSettings } from './settings.js';

/**
 * A provider for the AI SDK, which computes in this process. Called, it gives a language model:
 * `generateText({ model: reprise('model.gguf'), prompt })`.
 *
 * Models are given by what `loadModel` takes, and loaded at their first call, once for all that is asked of them; or as a
 * loaded `Model`, which its owner disposes.
 */
export interface RepriseProvider {
	/** The version of the AI SDK's interface for providers. */
	readonly specificationVersion: 'v4';
	/**
	 * A language model; the same as `languageModel`.
	 *
	 * @param model - A path, a `file:` URL, a name such as `hf:OWNER/REPO:Q4_K_M`, or a loaded model.
	 */
	(model: string | URL | Model): LanguageModelV4;
	/**
	 * A language model for `generateText` and `streamText`. Its calls reject as `chat.reply` does, and with the reason
	 * of a signal that ends them.
	 *
	 * @param model - A path, a `file:` URL, a name such as `hf:OWNER/REPO:Q4_K_M`, or a loaded model.
	 */
	languageModel(model: string | URL | Model): LanguageModelV4;
	/**
	 * A model for `embed` and `embedMany`. Its calls reject as `model.embed` does.
	 *
	 * @param model - A path, a `file:` URL, a name such as `hf:OWNER/REPO:Q4_K_M`, or a loaded model.
	 */
	embeddingModel(model: string | URL | Model): EmbeddingModelV4;
	/**
	 * A model for `rerank`. Its calls reject as `model.rank` does.
	 *
	 * @param model - A path, a `file:` URL, a name such as `hf:OWNER/REPO:Q4_K_M`, or a loaded model.
	 */
	rerankingModel(model: string | URL | Model): RerankingModelV4;
	/**
	 * Throws `OPTION_INVALID`: models of Reprise make no images.
	 *
	 * @param model - Any model.
	 */
	imageModel(model: string): never;
	/** Aborts what is under way, and frees all sessions and the models that the provider has loaded. */
	dispose(): Promise<void>;
	/** `await using` disposes the provider at the end of its block. */
	[Symbol.asyncDispose](): Promise<void>;
}

/** Whether it can be one; a path that leads nowhere is found when it is loaded. */
function isModel(given: unknown): boolean {
	if (typeof given === 'string') return given !== '';
	const { href, createSession } = Object(given) as { href?: unknown; createSession?: unknown };
	return typeof href === 'string' || typeof createSession === 'function';
}

/**
 * Makes a provider for the AI SDK. Throws `OPTION_INVALID`.
 *
 * @param settings - How models are loaded, and how their sessions are made.
 */
export function createReprise(settings?: RepriseProviderSettings): RepriseProvider {
	const read = readSettings(settings);
	const hosts = new Map<string | Model, ModelHost>();
	let isDisposed = false;
	const hostOf = (given: string | URL | Model): ModelHost => {
		if (isDisposed)
			throw new RepriseError('DISPOSED', 'The provider was disposed; make another with createReprise');
		if (!isModel(given)) throw invalid('a path, a name or a loaded model', 'model', given);
		const key = 'href' in Object(given) ? String(given) : (given as string | Model);
		const host = hosts.get(key) ?? new ModelHost(given, read);
		hosts.set(key, host);
		return host;
	};
	const language = (model: string | URL | Model) => languageModel(hostOf(model));
	const dispose = async () => {
		isDisposed = true;
		const all = [...hosts.values()];
		hosts.clear();
		await Promise.all(all.map((host) => host.dispose()));
	};
	return Object.assign(language, {
		specificationVersion: 'v4' as const,
		languageModel: language,
		embeddingModel: (model: string | URL | Model) => embeddingModel(hostOf(model)),
		rerankingModel: (model: string | URL | Model) => rerankingModel(hostOf(model)),
		imageModel: (model: string): never => {
			throw new RepriseError(
				'OPTION_INVALID',
				`Reprise makes no images, so there is no image model ${model}`,
			);
		},
		dispose,
		[asyncDispose as typeof Symbol.asyncDispose]: dispose,
	});
}
