import type { ChatMessage } from '../../chat-message.js';
import { defaultMaxTokens, type GenerateOptions } from '../../generate-options.js';
import { boolean, type Check, integer, invalid, listOf, object, oneOf, text } from '../../options.js';
import { jsonSchemaCheck } from '../../schema/output-format.js';
import type { ReplyOptions } from '../../tools/reply-options.js';
import { prediction } from '../chat-request.js';
import { anything, field, only, readFields, withoutEffect } from '../fields.js';
import { samplingFields, samplingOptions } from '../sampling-fields.js';
import { flatToolFields, reasoningEffort, toolOptions } from '../tool-fields.js';
import { inputItems } from './input-items.js';

/** A request for a response. */
export interface ResponseRequest {
	readonly model: string | undefined;
	readonly messages: readonly ChatMessage[];
	readonly options: ReplyOptions;
	readonly stream: boolean;
	/** What a response repeats of its request. */
	readonly repeated: Readonly<Record<string, unknown>>;
}

const textFormat: Check<Pick<GenerateOptions, 'json' | 'jsonSchema'>> = (value, name) => {
	const fields = {
		type: oneOf('text', 'json_object', 'json_schema'),
		name: field(text),
		description: field(text),
		strict: field(boolean),
		schema: field(jsonSchemaCheck),
	};
	const { type, schema } = readFields(fields, value, name);
	if (type === 'text' && schema !== undefined)
		throw invalid("'json_schema' beside a schema", `${name}.type`, type);
	if (type === 'json_schema' && schema === undefined)
		throw invalid('a JSON Schema', `${name}.schema`, schema);
	if (type === 'text') return {};
	return schema === undefined ? { json: true } : { jsonSchema: schema };
};

const textFields: Check<{ readonly format: Pick<GenerateOptions, 'json' | 'jsonSchema'> | undefined }> = (
	value,
	name,
) => readFields({ format: field(textFormat), verbosity: field(oneOf('low', 'medium', 'high')) }, value, name);

const reasoning: Check<{ readonly effort: ReturnType<typeof reasoningEffort> | undefined }> = (value, name) =>
	readFields({ effort: field(reasoningEffort), summary: anything, generate_summary: anything }, value, name);

const mostPairs = 16;

/** What a response repeats is as small as OpenAI's API has it. */
const metadata: Check<Record<string, string>> = (value, name) => {
	const pairs = Object.entries(object()(value, name));
	if (pairs.length > mostPairs) throw invalid(`at most ${mostPairs} pairs`, name, value);
	for (const [key, one] of pairs) {
		if (key.length > 64) throw invalid('keys of at most 64 characters', name, key);
		if (text(one, `${name}.${key}`).length > 512)
			throw invalid('texts of at most 512 characters', `${name}.${key}`, one);
	}
	return Object.fromEntries(pairs) as Record<string, string>;
};

/** Nothing of a response is kept, so a request cannot name an earlier one. */
const notKept = field<never>((value, name) => {
	throw invalid(
		'null, since no response is kept here; send the whole conversation as input, of which what is new is computed,',
		name,
		value,
	);
});

const included = ['message.output_text.logprobs', 'reasoning.encrypted_content'] as const;

const { n: _n, ...sampling } = samplingFields;

const fields = {
	...withoutEffect,
	...sampling,
	...flatToolFields,
	background: field(only(false, 'a response is made while its client waits')),
	conversation: notKept,
	grammar: field(text),
	include: field(listOf(oneOf(...included))),
	input: inputItems,
	instructions: field(text),
	max_output_tokens: field(integer(1, 2 ** 31 - 1)),
	// Tools of the server's own, of which there are none.
	max_tool_calls: field(integer(0, 2 ** 31 - 1)),
	metadata: field(metadata),
	model: field(text),
	prediction: field(prediction),
	previous_response_id: notKept,
	reasoning: field(reasoning),
	text: field(textFields),
	top_logprobs: field(integer(0, 20)),
	truncation: field(only('disabled', 'no message is left out here')),
};

/**
 * Reads the body of `/v1/responses`. Throws `OPTION_INVALID`.
 *
 * @param body - The value of the body's JSON.
 */
export function readResponseRequest(body: unknown): ResponseRequest {
	const read = readFields(fields, body, '');
	const { include, instructions, max_output_tokens, top_logprobs } = read;
	const hasLogprobs = include?.includes('message.output_text.logprobs') ?? false;
	if (top_logprobs && !hasLogprobs)
		throw invalid("include: ['message.output_text.logprobs'] beside it", 'top_logprobs', top_logprobs);
	const given = object()(body, '');
	return {
		model: read.model,
		messages:
			instructions === undefined ? read.input : [{ role: 'system', content: instructions }, ...read.input],
		options: {
			...samplingOptions({ ...read, n: undefined }, max_output_tokens, defaultMaxTokens),
			...read.text?.format,
			...(read.grammar !== undefined && { grammar: read.grammar }),
			...toolOptions({ ...read, reasoning_effort: read.reasoning?.effort }),
			...(hasLogprobs && { logprobs: top_logprobs ?? 0 }),
			...(read.prediction !== undefined && { prediction: read.prediction }),
		},
		stream: read.stream ?? false,
		repeated: {
			background: false,
			instructions: instructions ?? null,
			max_output_tokens: max_output_tokens ?? null,
			metadata: read.metadata ?? {},
			parallel_tool_calls: read.parallel_tool_calls ?? true,
			previous_response_id: null,
			reasoning: { effort: read.reasoning?.effort ?? null, summary: null },
			store: false,
			temperature: read.temperature ?? 1,
			text: { format: { type: 'text' }, ...object()(given.text ?? {}, 'text') },
			tool_choice: given.tool_choice ?? 'auto',
			tools: given.tools ?? [],
			top_p: read.top_p ?? 1,
			truncation: 'disabled',
		},
	};
}
