import type { Context } from 'hono';
import type { ReplyChunk } from '../../tools/reply.js';
import { startReplies } from '../chat-replies.js';
import { readChatRequest } from '../chat-request.js';
import { eventStream } from '../event-stream.js';
import { chatLogprobs } from '../logprobs.js';
import { finishReasonOf, type Part } from '../replies.js';
import { replyDelta, replyMessage } from '../reply-shape.js';
import { type Call, newId, requireServed, type Service } from '../service.js';

/** `POST /v1/chat/completions`: replies to a conversation. */
export async function chatCompletions(service: Service, context: Context, call: Call): Promise<Response> {
	const request = readChatRequest(await context.req.json());
	requireServed(service, request.model, request.count);
	const { options, count, stream, segments } = request;
	const { replies, finish } = await startReplies(service, request, call.signal);
	const hasLogprobs = options.logprobs !== undefined;
	const shared = { id: newId('chatcmpl-'), created: call.created, model: service.name };

	if (!stream) {
		const results = await replies.read();
		return context.json({
			...shared,
			object: 'chat.completion',
			choices: results.map((result, index) => ({
				index,
				message: replyMessage(result),
				logprobs: hasLogprobs ? chatLogprobs(result.logprobs) : null,
				finish_reason: finishReasonOf(result.finishReason),
			})),
			usage: finish(results),
		});
	}

	const event = (choices: object[], more: object = {}) => ({
		...shared,
		object: 'chat.completion.chunk',
		choices,
		...(request.includeUsage && { usage: null }),
		...more,
	});
	const partOf = ({ index, chunk }: Part<ReplyChunk>) =>
		event(
			[
				{
					index,
					delta: replyDelta(chunk.delta),
					logprobs: hasLogprobs ? chatLogprobs(chunk.logprobs) : null,
					finish_reason: null,
				},
			],
			segments
				? { reprise: { segments: chunk.segments, tokens_per_second: chunk.metrics.tokensPerSecond } }
				: {},
		);
	return eventStream(
		context,
		async (send) => {
			try {
				for (let index = 0; index < count; index++)
					await send(
						event([
							{ index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
						]),
					);
			} catch (error) {
				await replies.end();
				throw error;
			}
			const results = await replies.read(async (part) => {
				const { delta, logprobs } = part.chunk;
				if (Object.keys(delta).length > 0 || logprobs.length > 0) await send(partOf(part));
			});
			const usage = finish(results);
			for (const [index, { finishReason }] of results.entries())
				await send(
					event([{ index, delta: {}, logprobs: null, finish_reason: finishReasonOf(finishReason) }]),
				);
			if (request.includeUsage) await send(event([], { usage }));
		},
		call,
	);
}
