import type { ChatMessage } from '../chat-message.js';
import type { ReplyChunk, ReplyResult } from '../tools/reply.js';
import type { ReplyOptions } from '../tools/reply-options.js';
import { badRequest } from './api-error.js';
import { Replies } from './replies.js';
import { begin, type Service } from './service.js';
import { type Usage, usageOf } from './usage.js';

/** Replies to a conversation that have begun. */
interface Started {
	readonly replies: Replies<ReplyChunk, ReplyResult>;
	/** Counts replies that have ended, and says what all cost. */
	finish(results: readonly ReplyResult[]): Usage;
}

/** Waits for a turn, computes the prompt and starts replies. Rejects where the conversation cannot be answered. */
export async function startReplies(
	service: Service,
	asked: {
		readonly messages: readonly ChatMessage[];
		readonly options: ReplyOptions;
		readonly count: number;
	},
	signal: AbortSignal,
): Promise<Started> {
	const { messages, options, count } = asked;
	requireReadable(service, messages);
	const wish = { prompt: { kind: 'chat', messages, options }, count, maxTokens: options.maxTokens } as const;
	const lease = await begin(service, wish, signal);
	const replies = await Replies.start(
		lease,
		options,
		signal,
		(chat, own) => chat.reply(messages, { ...options, ...own }),
		({ messages: added, tokens }) => ({ messages: added, tokens: tokens.length }),
	);
	return {
		replies,
		finish(results) {
			for (const { metrics } of results) service.metrics.countReply(metrics);
			return usageOf(
				[lease.prompt],
				results.map(({ metrics }) => metrics),
			);
		},
	};
}

/** Images that nothing here can read are refused before anybody waits. */
function requireReadable({ model, name }: Service, messages: readonly ChatMessage[]): void {
	if (model.info.readsImages || messages.every(({ content }) => typeof content === 'string')) return;
	throw badRequest(
		`${name} reads no images here; start the server with its projector as --projector, or send text alone`,
		'unsupported_by_model',
	);
}
