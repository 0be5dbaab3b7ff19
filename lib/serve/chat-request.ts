import type { ChatMessage } from '../chat-message.js';
import { defaultMaxTokens, type GenerateOptions } from '../generate-options.js';
import { boolean, type Check, integer, invalid, listOf, oneOf, text } from '../options.js';
import { jsonSchemaCheck } from '../schema/output-format.js';
import type { ReplyOptions } from '../tools/reply-options.js';
import { field, readFields, textOrParts, withoutEffect } from './fields.js';
import { messageField } from './message-field.js';
import { samplingFields, samplingOptions } from './sampling-fields.js';
import { toolFields, toolOptions } from './tool-fields.js';

/** A request for replies to a conversation. */
export interface ChatRequest {
	readonly model: string | undefined;
	readonly messages: readonly ChatMessage[];
	readonly options: ReplyOptions;
	/** How many replies. */
	readonly count: number;
	readonly stream: boolean;
	readonly includeUsage: boolean;
	/** Whether each part of a text says where its tokens were drafted from: an addition to OpenAI's API. */
	readonly segments: boolean;
}

const messages: Check<ChatMessage[]> = (value, name) => {
	const read = listOf(messageField)(value, name);
	if (read.length === 0) throw invalid('at least one message', name, value);
	return read;
};

const responseFormat: Check<Pick<GenerateOptions, 'json' | 'jsonSchema'>> = (value, name) => {
	const named = { name: field(text), description: field(text), strict: field(boolean) };
	const { type, schema, json_schema } = readFields(
		{
			type: oneOf('text', 'json_object', 'json_schema'),
			// llama.cpp's server takes one beside 'json_object', too.
			schema: field(jsonSchemaCheck),
			json_schema: field((inner, innerName) =>
				readFields({ ...named, schema: field(jsonSchemaCheck) }, inner, innerName),
			),
		},
		value,
		name,
	);
	if (schema !== undefined && type !== 'json_object')
		throw invalid("'json_object' beside a schema", `${name}.type`, type);
	if (type === 'text') return {};
	const jsonSchema = type === 'json_object' ? schema : json_schema?.schema;
	return jsonSchema === undefined ? { json: true } : { jsonSchema };
};

export const prediction: Check<string> = (value, name) =>
	readFields({ type: oneOf('content'), content: textOrParts }, value, name).content;

const modalities: Check<unknown> = (value, name) => listOf(oneOf('text'))(value, name);

const fields = {
	...withoutEffect,
	...samplingFields,
	...toolFields,
	grammar: field(text),
	logprobs: field(boolean),
	max_completion_tokens: field(integer(1, 2 ** 31 - 1)),
	max_tokens: field(integer(1, 2 ** 31 - 1)),
	messages,
	modalities: field(modalities),
	model: field(text),
	prediction: field(prediction),
	reprise: field((value, name) => readFields({ segments: field(boolean) }, value, name)),
	response_format: field(responseFormat),
	top_logprobs: field(integer(0, 20)),
};

/**
 * Reads the body of `/v1/chat/completions`. Throws `OPTION_INVALID`.
 *
 * @param body - The value of the body's JSON.
 */
export function readChatRequest(body: unknown): ChatRequest {
	const read = readFields(fields, body, '');
	const { logprobs, top_logprobs, max_completion_tokens, max_tokens } = read;
	if (top_logprobs !== undefined && !logprobs)
		throw invalid('logprobs: true beside it', 'top_logprobs', top_logprobs);
	const sampling = samplingOptions(read, max_completion_tokens ?? max_tokens, defaultMaxTokens);
	return {
		model: read.model,
		messages: read.messages,
		options: {
			...sampling,
			...read.response_format,
			...(read.grammar !== undefined && { grammar: read.grammar }),
			...toolOptions(read),
			...(logprobs && { logprobs: top_logprobs ?? 0 }),
			...(read.prediction !== undefined && { prediction: read.prediction }),
		},
		count: read.n ?? 1,
		stream: read.stream ?? false,
		includeUsage: read.stream_options?.include_usage ?? false,
		segments: read.reprise?.segments ?? false,
	};
}
