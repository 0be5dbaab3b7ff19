import type { ReplyDelta, ReplyResult } from '../tools/reply.js';

/** A reply as a message of OpenAI's API; what the model thought stands beside it, as other servers have it. */
export function replyMessage({ content, reasoning, toolCalls }: ReplyResult) {
	return {
		role: 'assistant',
		content: content === '' && toolCalls.length > 0 ? null : content,
		refusal: null,
		...(reasoning !== '' && { reasoning_content: reasoning }),
		...(toolCalls.length > 0 && {
			tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
				id,
				type: 'function',
				function: { name, arguments: given },
			})),
		}),
	};
}

/** The same for what a chunk adds. */
export function replyDelta({ content, reasoning, toolCalls = [] }: ReplyDelta) {
	return {
		...(content !== undefined && { content }),
		...(reasoning !== undefined && { reasoning_content: reasoning }),
		...(toolCalls.length > 0 && {
			tool_calls: toolCalls.map(({ index, id, name, arguments: given }) => ({
				index,
				...(id !== undefined && { id, type: 'function' }),
				function: {
					...(name !== undefined && { name }),
					...((given !== undefined || name !== undefined) && { arguments: given ?? '' }),
				},
			})),
		}),
	};
}
