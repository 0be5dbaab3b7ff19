import { randomUUID } from 'node:crypto';
import type {
	LanguageModelV4,
	LanguageModelV4CallOptions,
	LanguageModelV4StreamPart,
	SharedV4Warning,
} from '@ai-sdk/provider';
import type { Generation } from '../generation.js';
import type { ModelHost } from './model-host.js';
import { outcomeOf } from './outcome.js';
import { messagesOf } from './prompt.js';
import { requestedReply } from './reply-options.js';
import { streamParts } from './stream-parts.js';

interface Started {
	readonly generation: Generation;
	readonly warnings: SharedV4Warning[];
}

/** Starts a reply in the session that has the most of the conversation, which is free again when the reply ends. */
async function start(host: ModelHost, call: LanguageModelV4CallOptions): Promise<Started> {
	const { options, warnings } = requestedReply(call);
	const messages = messagesOf(call.prompt);
	const { chat, release } = await host.conversations.lease(messages, call.abortSignal);
	try {
		const generation = chat.reply(messages, options);
		// The chat takes the reply into its conversation first.
		generation.result.then(release, release);
		return { generation, warnings };
	} catch (error) {
		release();
		throw error;
	}
}

export function languageModel(host: ModelHost): LanguageModelV4 {
	const response = () => ({ id: randomUUID(), timestamp: new Date(), modelId: host.id });
	return {
		specificationVersion: 'v4',
		provider: 'reprise',
		modelId: host.id,
		// Nothing is fetched: the SDK downloads what is referred to.
		supportedUrls: {},
		async doGenerate(call) {
			const began = response();
			const { generation, warnings } = await start(host, call);
			const result = await generation.result;
			if (result.finishReason === 'aborted') call.abortSignal?.throwIfAborted();
			return {
				content: result.text === '' ? [] : [{ type: 'text', text: result.text }],
				...outcomeOf(result),
				response: began,
				warnings,
			};
		},
		async doStream(call) {
			const began = response();
			const { generation, warnings } = await start(host, call);
			const parts = streamParts(generation, {
				signal: call.abortSignal,
				withRaw: call.includeRawChunks === true,
			});
			async function* all(): AsyncGenerator<LanguageModelV4StreamPart, void, void> {
				yield { type: 'stream-start', warnings };
				yield { type: 'response-metadata', ...began };
				yield* parts;
			}
			return { stream: toStream(all(), () => generation.abort()) };
		},
	};
}

/** Who cancels the stream ends the work, also where nothing was read of it. */
function toStream<T>(values: AsyncGenerator<T, void, void>, abort: () => void): ReadableStream<T> {
	return new ReadableStream<T>({
		async pull(controller) {
			const { done, value } = await values.next();
			if (done) controller.close();
			else controller.enqueue(value);
		},
		async cancel() {
			abort();
			await values.return();
		},
	});
}
