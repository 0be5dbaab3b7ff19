import type { Context } from 'hono';
import type { ReplyResult } from '../../tools/reply.js';
import { startReplies } from '../chat-replies.js';
import { eventStream, named } from '../event-stream.js';
import { finishReasonOf } from '../replies.js';
import { OutputItems } from '../responses/output-items.js';
import { readResponseRequest } from '../responses/request.js';
import { type Call, newId, requireServed, type Service } from '../service.js';
import type { Usage } from '../usage.js';

/** `POST /v1/responses`: replies to a conversation, as a list of items. Nothing is kept for a later request. */
export async function responses(service: Service, context: Context, call: Call): Promise<Response> {
	const request = readResponseRequest(await context.req.json());
	requireServed(service, request.model, 1);
	const { replies, finish } = await startReplies(service, { ...request, count: 1 }, call.signal);
	const items = new OutputItems();
	const response = (status: string, more: object = {}) => ({
		id,
		object: 'response',
		created_at: call.created,
		model: service.name,
		status,
		error: null,
		incomplete_details: null,
		...request.repeated,
		output: items.items,
		...more,
	});
	const id = newId('resp_');
	/** What ends the last item, and the whole response. */
	const end = (results: readonly ReplyResult[]) => {
		const isCut = results.some(({ finishReason }) => finishReasonOf(finishReason) === 'length');
		const events = items.end(isCut ? 'incomplete' : 'completed');
		const usage = responseUsage(finish(results));
		const whole = isCut
			? response('incomplete', { incomplete_details: { reason: 'max_output_tokens' }, usage })
			: response('completed', { usage });
		return { events, whole };
	};

	if (!request.stream) {
		const results = await replies.read();
		for (const result of results) items.add(asDelta(result), result.logprobs);
		return context.json(end(results).whole);
	}
	return eventStream(
		context,
		async (send) => {
			try {
				await send({ type: 'response.created', response: response('in_progress') });
				await send({ type: 'response.in_progress', response: response('in_progress') });
			} catch (error) {
				await replies.end();
				throw error;
			}
			const results = await replies.read(async ({ chunk: { delta, logprobs } }) => {
				for (const event of items.add(delta, logprobs)) await send(event);
			});
			const { events, whole } = end(results);
			for (const event of events) await send(event);
			await send({ type: `response.${whole.status}`, response: whole });
		},
		call,
		named,
	);
}

/** A whole reply as one addition. */
const asDelta = ({ reasoning, content, toolCalls }: ReplyResult) => ({
	reasoning,
	content,
	toolCalls: toolCalls.map((call, index) => ({ ...call, index })),
});

const responseUsage = ({
	prompt_tokens,
	completion_tokens,
	total_tokens,
	prompt_tokens_details,
	completion_tokens_details,
}: Usage) => ({
	input_tokens: prompt_tokens,
	input_tokens_details: prompt_tokens_details,
	output_tokens: completion_tokens,
	output_tokens_details: completion_tokens_details,
	total_tokens,
});
