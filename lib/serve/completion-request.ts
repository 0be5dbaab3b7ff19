import type { GenerateOptions } from '../generate-options.js';
import { boolean, integer, invalid, text } from '../options.js';
import type { TokenInput } from '../tokens.js';
import { field, only, readFields, texts, withoutEffect } from './fields.js';
import { samplingFields, samplingOptions } from './sampling-fields.js';

/** A request for what comes after some texts. */
export interface CompletionRequest {
	readonly model: string | undefined;
	readonly prompts: readonly TokenInput[];
	/** What comes after the text that is asked for, where there is such a thing. */
	readonly suffix: string | undefined;
	readonly options: GenerateOptions;
	/** How many for each prompt. */
	readonly count: number;
	readonly stream: boolean;
	readonly includeUsage: boolean;
	/** Whether a text begins with its prompt. */
	readonly echo: boolean;
}

const mostPrompts = 128;

const fields = {
	...withoutEffect,
	...samplingFields,
	best_of: field(integer(1, 128)),
	echo: field(boolean),
	grammar: field(text),
	logprobs: field(integer(0, 20)),
	max_tokens: field(integer(1, 2 ** 31 - 1)),
	model: field(text),
	prompt: texts(mostPrompts),
	suffix: field(text),
};

/** OpenAI's API says so many tokens unless it is told otherwise. */
const defaultTokens = 16;

/**
 * Reads the body of `/v1/completions`. Throws `OPTION_INVALID`.
 *
 * @param body - The value of the body's JSON.
 */
export function readCompletionRequest(body: unknown): CompletionRequest {
	const read = readFields(fields, body, '');
	const count = read.n ?? 1;
	if (read.best_of !== undefined) only(count, 'all texts are returned')(read.best_of, 'best_of');
	const { suffix, echo = false, grammar, logprobs } = read;
	if (suffix !== undefined && echo) throw invalid('no echo beside a suffix', 'echo', echo);
	return {
		model: read.model,
		prompts: read.prompt,
		suffix,
		options: {
			...samplingOptions(read, read.max_tokens, defaultTokens),
			...(grammar !== undefined && { grammar }),
			...(logprobs !== undefined && { logprobs }),
		},
		count,
		stream: read.stream ?? false,
		includeUsage: read.stream_options?.include_usage ?? false,
		echo,
	};
}
