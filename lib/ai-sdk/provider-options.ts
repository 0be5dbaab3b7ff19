import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import { type Check, checked, object, readOptions } from '../options.js';
import type { ReplyOptions } from '../tools/reply-options.js';

/**
 * What `providerOptions.reprise` may say to `generateText` and `streamText`: the options of a reply that the AI SDK has no
 * setting for. `GenerateOptions` describes each. To have them checked, write
 * `providerOptions: { reprise: { prediction } satisfies RepriseLanguageModelOptions }`.
 */
export type RepriseLanguageModelOptions = Pick<
	ReplyOptions,
	| 'topNSigma'
	| 'typicalP'
	| 'minP'
	| 'xtcProbability'
	| 'xtcThreshold'
	| 'mirostat'
	| 'mirostatTau'
	| 'mirostatEta'
	| 'repeatPenalty'
	| 'penaltyWindow'
	| 'dryMultiplier'
	| 'dryBase'
	| 'dryAllowedLength'
	| 'dryPenaltyLastN'
	| 'drySequenceBreakers'
	| 'grammar'
	| 'logprobs'
	| 'draft'
	| 'parallelToolCalls'
	| 'reasoning'
> & {
	/** A guess of the output, such as the text before an edit, or the ids of its tokens. Default: none. */
	prediction?: string | readonly number[];
	/** A number for each token id that is added to the token's score. Default: none. */
	logitBias?: Readonly<Record<string, number>>;
};

/** The reply checks each itself. */
const asGiven: Check<unknown> = (value) => value;

const languageModelChecks = {
	topNSigma: asGiven,
	typicalP: asGiven,
	minP: asGiven,
	xtcProbability: asGiven,
	xtcThreshold: asGiven,
	mirostat: asGiven,
	mirostatTau: asGiven,
	mirostatEta: asGiven,
	repeatPenalty: asGiven,
	penaltyWindow: asGiven,
	dryMultiplier: asGiven,
	dryBase: asGiven,
	dryAllowedLength: asGiven,
	dryPenaltyLastN: asGiven,
	drySequenceBreakers: asGiven,
	grammar: asGiven,
	logprobs: asGiven,
	draft: asGiven,
	parallelToolCalls: asGiven,
	reasoning: asGiven,
	prediction: asGiven,
	logitBias: asGiven,
} satisfies Record<keyof RepriseLanguageModelOptions, Check<unknown>>;

const at = 'providerOptions.reprise';

/** The options for this provider among those of all. */
export function givenToReprise(all: SharedV4ProviderOptions | undefined): Record<string, unknown> {
	const given = all?.reprise;
	return given === undefined ? {} : { ...checked(object(), given, at) };
}

/** The same for a reply. Throws `OPTION_INVALID` where one is unknown. */
export function replyOptionsOf(all: SharedV4ProviderOptions | undefined): ReplyOptions {
	const given = givenToReprise(all);
	readOptions(languageModelChecks, given, at);
	return given as ReplyOptions;
}
