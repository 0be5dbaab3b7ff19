import { type GenerateOptions, numberChecks } from '../generate-options.js';
import { boolean, type Check, integer, invalid, listOf, number, object, text } from '../options.js';
import { field, readFields } from './fields.js';

const stop: Check<string[]> = (value, name) =>
	typeof value === 'string' ? [text(value, name)] : listOf(text)(value, name);

/** A token id and -100…100 as OpenAI's API has it: -100 bans the token. */
const logitBias: Check<Record<number, number>> = (value, name) =>
	Object.fromEntries(
		Object.entries(object()(value, name)).map(([token, bias]) => {
			if (!/^\d+$/.test(token)) throw invalid('ids of tokens', name, token);
			const given = number(-100, 100)(bias, `${name}.${token}`);
			return [token, given === -100 ? Number.NEGATIVE_INFINITY : given];
		}),
	);

const streamOptions: Check<{ include_usage: boolean | undefined }> = (value, name) =>
	readFields({ include_usage: field(boolean), include_obfuscation: field(boolean) }, value, name);

/** How a reply is sampled, and how it is sent. Those of llama.cpp's server stand beside those of OpenAI. */
export const samplingFields = {
	frequency_penalty: field(number(-2, 2)),
	logit_bias: field(logitBias),
	min_p: field(numberChecks.minP),
	n: field(integer(1, 128)),
	presence_penalty: field(number(-2, 2)),
	repeat_penalty: field(numberChecks.repeatPenalty),
	seed: field(integer(-(2 ** 53) + 1, 2 ** 53 - 1)),
	stop: field(stop),
	stream: field(boolean),
	stream_options: field(streamOptions),
	temperature: field(numberChecks.temperature),
	top_k: field(numberChecks.topK),
	top_p: field(number(0, 1)),
};

type Sampling = { [Name in keyof typeof samplingFields]: ReturnType<(typeof samplingFields)[Name]> };

/** OpenAI's API samples at this temperature unless it is told otherwise. */
const defaultTemperature = 1;

/** The options of a generation; `most` is the number of tokens where the request gives none. */
export function samplingOptions(
	given: Sampling,
	maxTokens: number | undefined,
	most: number,
): GenerateOptions {
	const { logit_bias, min_p, repeat_penalty, seed, stop, temperature, top_k, top_p } = given;
	return {
		maxTokens: maxTokens ?? most,
		temperature: temperature ?? defaultTemperature,
		frequencyPenalty: given.frequency_penalty ?? 0,
		presencePenalty: given.presence_penalty ?? 0,
		...(logit_bias && { logitBias: logit_bias }),
		...(min_p !== undefined && { minP: min_p }),
		...(repeat_penalty !== undefined && { repeatPenalty: repeat_penalty }),
		...(seed !== undefined && { seed: ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32 }),
		...(stop && { stop }),
		...(top_k !== undefined && { topK: top_k }),
		...(top_p !== undefined && { topP: top_p }),
	};
}
