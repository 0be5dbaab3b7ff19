import { randomUUID } from 'node:crypto';
import type {
	LanguageModelV4,
	LanguageModelV4CallOptions,
	LanguageModelV4StreamPart,
	SharedV4Warning,
} from '@ai-sdk/provider';
import type { Chat } from '../chat.js';
import type { PrefillResult } from '../prefill.js';
import type { Reply } from '../tools/reply.js';
import { contentOf } from './content.js';
import type { ModelHost } from './model-host.js';
import { outcomeOf } from './outcome.js';
import { messagesOf } from './prompt.js';
import { requestedReply } from './reply-options.js';
import { streamParts } from './stream-parts.js';

interface Started {
	readonly reply: Reply;
	/** What the prompt cost. */
	readonly prompt: PrefillResult;
	/** Fires where the call is ended, or the provider disposed. */
	readonly signal: AbortSignal;
	readonly warnings: SharedV4Warning[];
}

/** Starts a reply where most of the conversation has been computed; it is kept there when the reply ends. */
async function start(host: ModelHost, call: LanguageModelV4CallOptions): Promise<Started> {
	const { options, warnings } = requestedReply(call);
	const messages = messagesOf(call.prompt);
	const signal = host.until(call.abortSignal);
	const { maxTokens } = options;
	const lease = await host.lease(
		{ prompt: { kind: 'chat', messages, options }, count: 1, maxTokens },
		signal,
	);
	const { prompt, chats, release } = lease;
	try {
		const [chat] = chats as [Chat];
		const reply = chat.reply(messages, { ...options, signal });
		reply.result.then(
			({ finishReason, messages: added, tokens }) =>
				release(finishReason === 'aborted' ? undefined : { messages: added, tokens: tokens.length }),
			() => release(undefined),
		);
		return { reply, prompt, signal, warnings };
	} catch (error) {
		await release(undefined);
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
			const { reply, prompt, signal, warnings } = await start(host, call);
			const result = await reply.result;
			if (result.finishReason === 'aborted') signal.throwIfAborted();
			return {
				content: contentOf(result),
				...outcomeOf(result, prompt),
				response: began,
				warnings,
			};
		},
		async doStream(call) {
			const began = response();
			const { reply, prompt, signal, warnings } = await start(host, call);
			const parts = streamParts(reply, {
				prompt,
				signal,
				withRaw: call.includeRawChunks === true,
			});
			async function* all(): AsyncGenerator<LanguageModelV4StreamPart, void, void> {
				yield { type: 'stream-start', warnings };
				yield { type: 'response-metadata', ...began };
				yield* parts;
			}
			return { stream: toStream(all(), () => reply.abort()) };
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
