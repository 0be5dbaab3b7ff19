import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import type { JsonSchema } from '../schema/json-schema.js';
import type { ReplyOptions } from '../tools/reply-options.js';
import { replyOptionsOf } from './provider-options.js';
import { reasoningOf } from './reasoning.js';
import { toolsOf } from './tools.js';
import { unsupported } from './warnings.js';

/** The options of a reply, by the AI SDK's settings for a call, and what of these has no effect. */
export interface RequestedReply {
	readonly options: ReplyOptions;
	readonly warnings: SharedV4Warning[];
}

/** Throws `OPTION_INVALID` where `providerOptions.reprise` has an option that is unknown. */
export function requestedReply(call: LanguageModelV4CallOptions): RequestedReply {
	const { options: tools, warnings } = toolsOf(call);
	const format = formatOf(call.responseFormat);
	let reasoning = reasoningOf(call.reasoning, call.maxOutputTokens);
	if (typeof reasoning === 'object' && Object.keys(format).length > 0) {
		reasoning = undefined;
		warnings.push(unsupported('reasoning', 'a text that follows a format does so from its first token'));
	}
	const options: ReplyOptions = {
		...replyOptionsOf(call.providerOptions),
		...definedOf({
			maxTokens: call.maxOutputTokens,
			temperature: call.temperature,
			stop: call.stopSequences,
			topP: call.topP,
			topK: call.topK,
			presencePenalty: call.presencePenalty,
			frequencyPenalty: call.frequencyPenalty,
			seed: call.seed,
			reasoning,
			signal: call.abortSignal,
		}),
		...format,
		...tools,
	};
	return { options, warnings };
}

function formatOf(format: LanguageModelV4CallOptions['responseFormat']): ReplyOptions {
	if (format?.type !== 'json') return {};
	return format.schema === undefined ? { json: true } : { jsonSchema: format.schema as JsonSchema };
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function definedOf<T extends object>(values: T): Defined<T> {
	return Object.fromEntries(
		Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
	) as Defined<T>;
}
