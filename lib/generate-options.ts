import { types } from 'node:util';
import type { NativeGenerateOptions } from './addon.js';
import { RepriseError } from './errors.js';
import {
	abortSignal,
	boolean,
	type Check,
	callback,
	integer,
	invalid,
	number,
	object,
	optional,
	optionsOf,
	readOptions,
	text,
	withDefault,
} from './options.js';
import type { JsonSchema } from './schema/json-schema.js';
import { formatChecks, type ReadObject, readOutputFormat } from './schema/output-format.js';
import type { StandardSchema } from './schema/standard-schema.js';
import { isTokenId, type TokenInput, tokenInput } from './tokens.js';

/** How a text is generated. `Output` is the type of the value that `schema` gives. */
export interface GenerateOptions<Output = unknown> {
	/** The generation ends after this many tokens, 1…2³¹-1. Default: 1024. */
	maxTokens?: number;
	/**
	 * The text ends before the first of these strings. There may be up to 64 of them, with 1…1024 characters
	 * each. A string that holds the text of a control token, such as `<|im_end|>`, is found although the token
	 * is not shown; a part of such a text is found only where the token is shown. Default: none.
	 */
	stop?: string | readonly string[];
	/**
	 * At 0 the best token is always taken; above 0, up to 100, tokens are drawn, the more evenly the higher it
	 * is. Default: 0.
	 */
	temperature?: number;
	/**
	 * Tokens are drawn among those whose scores are at most this many standard deviations of all scores below the
	 * best, 0…100; 0 is off (Tang et al., "Top-nσ", 2024). The filters, from this one to `xtcProbability`, are
	 * applied in this order, before the temperature, and only where that is above 0. Default: 0.
	 */
	topNSigma?: number;
	/** Tokens are drawn among this many best ones only; 0 is off. Default: 0. */
	topK?: number;
	/**
	 * Tokens are drawn among those that tell about as much as the next token is expected to, as many as hold this
	 * share of the probability, 0…1; 1 is off (Meister et al., "Locally Typical Sampling", 2022). Default: 1.
	 */
	typicalP?: number;
	/** Tokens are drawn among the fewest that hold this share of the probability, 0…1; 1 is off. Default: 1. */
	topP?: number;
	/**
	 * Tokens are drawn among those at least this many times, 0…1, as probable as the best; 0 is off. Default:
	 * 0.
	 */
	minP?: number;
	/**
	 * The probability, 0…1, with which the best tokens are excluded from a draw, all but the last of those that
	 * are at least as probable as `xtcThreshold`; 0 is off ("exclude top choices", XTC). The seed and the position
	 * decide at which tokens. Default: 0.
	 */
	xtcProbability?: number;
	/** What XTC excludes is at least this probable, 0…1; above 0.5 it is off. Default: 0.1. */
	xtcThreshold?: number;
	/**
	 * With 2, Mirostat 2 takes the place of all filters: it draws among the tokens that are not too surprising, by
	 * a limit that follows the text, so that the mean surprise comes to `mirostatTau` (Basu et al., 2021). It needs
	 * a temperature above 0. 0 is off. Default: 0.
	 */
	mirostat?: 0 | 2;
	/** The mean surprise that Mirostat aims at, in bits a token, 0…100. Default: 5. */
	mirostatTau?: number;
	/** The share of a difference to its aim that Mirostat makes up at the next token, 0…1. Default: 0.1. */
	mirostatEta?: number;
	/** The scores of tokens that came lately are divided by this, 0.01…100; 1 is off. Default: 1. */
	repeatPenalty?: number;
	/**
	 * A token's score is lowered by this for every time that it came lately, -100…100; 0 is off. Default: 0.
	 */
	frequencyPenalty?: number;
	/** The scores of tokens that came lately are lowered by this, -100…100; 0 is off. Default: 0. */
	presencePenalty?: number;
	/** The penalties look back this many tokens, at most the context's length. Default: 64. */
	penaltyWindow?: number;
	/**
	 * DRY ("don't repeat yourself") lowers the score of a token that would go on with what came before, by this
	 * times `dryBase` to the power of how many tokens are repeated beyond `dryAllowedLength`. 0…100; 0 is off.
	 * Default: 0.
	 */
	dryMultiplier?: number;
	/** How fast DRY's penalty grows with each token that is repeated, 1…100. Default: 1.75. */
	dryBase?: number;
	/** DRY lets so many tokens be repeated. Default: 2. */
	dryAllowedLength?: number;
	/** DRY looks back this many tokens, at most the context's length; 0 is off. Default: 64. */
	dryPenaltyLastN?: number;
	/**
	 * What ends a repetition for DRY: nothing is counted across one of these strings. Up to 64 of them, with 1…40
	 * bytes each. Default: a line break, `:`, `"` and `*`.
	 */
	drySequenceBreakers?: readonly string[];
	/**
	 * A number for each token id that is added to the token's score; -Infinity bans the token. Default: none.
	 */
	logitBias?: ReadonlyMap<number, number> | Readonly<Record<number, number>>;
	/**
	 * The seed that tokens are drawn by, 0…2³²-1; the result says which one was used. Default: a random one.
	 */
	seed?: number;
	/**
	 * A GBNF grammar with a rule `root` that the text must follow, control tokens included: what the grammar
	 * asks for is in the text, whether the model wrote it as a control token or letter by letter. Parentheses
	 * may be nested 256 deep, and repetitions and literals may come to 1,000,000 characters. Where the text is
	 * complete and the end is banned the generation ends. Default: none.
	 */
	grammar?: string;
	/**
	 * For each token of the text the chunks tell how probable the model held it, and beside it this many of the
	 * most probable tokens, 0…20. The probabilities are the model's own: the softmax over the whole vocabulary of
	 * its logits, before biases, penalties, a grammar, filters and the temperature, as the `logprobs` of OpenAI's
	 * API; their logarithms are natural ones. Drafts make no difference to them. Where logits are left on a
	 * device, each token's row is then copied whole. Default: none, and no probabilities are computed.
	 */
	logprobs?: number;
	/**
	 * A JSON Schema that the text must fit, as JSON. The result has the value as `object`.
	 * docs/structured-output.md lists the keywords that can be followed; others are refused with
	 * `SCHEMA_UNSUPPORTED`. Default: none.
	 */
	jsonSchema?: JsonSchema;
	/** Whether the text must be an object of JSON. The result has it as `object`. Default: false. */
	json?: boolean;
	/**
	 * A schema of a library that speaks Standard Schema, such as Zod: the text must fit its JSON Schema, and the
	 * result has what it makes of the value as `object`. Where the library does not say what the JSON Schema is,
	 * pass that as `jsonSchema` beside it. Default: none.
	 */
	schema?: StandardSchema<Output>;
	/**
	 * With 'auto' as many tokens are drafted as pay by the measured cost of a pass; with 'off' the text is
	 * decoded token by token; with `{ size }` each pass verifies that many drafted tokens, where there are as
	 * many to propose. Default: 'auto'.
	 */
	draft?:
		| 'auto'
		| 'off'
		| {
				/** The drafted tokens of each pass, 1…256. */
				readonly size: number;
		  };
	/**
	 * A guess of the output, such as the text before an edit, to draft from. A wrong guess costs little.
	 * Default: none.
	 */
	prediction?: TokenInput;
	/** Whether control tokens, such as the end of a turn, are written out in the text. Default: false. */
	renderSpecial?: boolean;
	/**
	 * This function is called while the prompt is computed. Where it throws, the generation ends and rejects
	 * with `ABORTED`, with what it threw as the `cause`. Default: none.
	 *
	 * @param done - The prompt's tokens that are computed.
	 * @param total - All tokens of the prompt.
	 */
	onPrefill?: (done: number, total: number) => void;
	/**
	 * A signal that ends the generation within one pass. The result then resolves with the text up to there and
	 * finish reason 'aborted'; it does not reject. Default: none.
	 */
	signal?: AbortSignal;
}

const stopStrings: Check<string[]> = (value, name) => {
	const list: unknown[] = Array.isArray(value) ? value : [value];
	if (list.length > 64) throw invalid('at most 64 strings', name, value);
	return list.map((entry) => {
		if (typeof entry !== 'string') throw invalid('a string or an array of strings', name, entry);
		if (entry.length >= 1 && entry.length <= 1024) return text(entry, name);
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected 1…1024 characters for each string of ${name} but received ${entry.length}`,
		);
	});
};

const sequenceBreakers: Check<string[]> = (value, name) => {
	if (!Array.isArray(value) || value.length > 64)
		throw invalid('an array of at most 64 strings', name, value);
	return value.map((entry: unknown) => {
		const bytes = typeof entry === 'string' ? Buffer.byteLength(entry) : 0;
		if (bytes >= 1 && bytes <= 40) return text(entry, name);
		throw invalid('strings of 1…40 bytes', name, entry);
	});
};

export const mirostat: Check<0 | 2> = (value, name) => {
	if (value === 0 || value === 2) return value;
	throw invalid('0 (off) or 2 (Mirostat 2)', name, value);
};

/** Tokens of one pass's tree where their number is left to the cost model. */
const mostDrafted = 128;

const draft: Check<NativeGenerateOptions['draft']> = (value, name) => {
	if (value === 'auto' || value === 'off') return { mode: value, size: mostDrafted };
	if (typeof value !== 'object' || value === null) throw invalid("'auto', 'off' or { size }", name, value);
	const { size } = readOptions({ size: numberChecks.draftSize }, value, name);
	return { mode: 'fixed', size };
};

function logitBias(vocabularySize: number): Check<Array<[number, number]>> {
	return (value, name) => {
		const biases = object('a Map or an object of numbers by token id')(value, name);
		const entries: Array<[unknown, unknown]> = types.isMap(biases)
			? [...biases]
			: Object.entries(biases).map(([id, bias]) => [Number(id), bias]);
		return entries.map(([id, bias]) => {
			if (!isTokenId(id, vocabularySize))
				throw invalid(`token ids in 0…${vocabularySize - 1}`, `the keys of ${name}`, id);
			if (typeof bias === 'number' && bias < Infinity) return [id, bias];
			throw invalid('a finite number or -Infinity', `${name}[${id}]`, bias);
		});
	};
}

const grammar: Check<string> = (value, name) => {
	if (text(value, name) !== '') return value as string;
	throw invalid('a GBNF grammar', name, value);
};

export const defaultMaxTokens = 1024;

/** The options that are plain numbers, for the command line too. */
export const numberChecks = {
	maxTokens: integer(1, 2 ** 31 - 1),
	temperature: number(0, 100),
	topNSigma: number(0, 100),
	topK: integer(0, 2 ** 31 - 1),
	typicalP: number(0, 1),
	topP: number(0, 1),
	minP: number(0, 1),
	xtcProbability: number(0, 1),
	xtcThreshold: number(0, 1),
	mirostatTau: number(0, 100),
	mirostatEta: number(0, 1),
	repeatPenalty: number(0.01, 100),
	frequencyPenalty: number(-100, 100),
	presencePenalty: number(-100, 100),
	penaltyWindow: integer(0, 2 ** 31 - 1),
	dryMultiplier: number(0, 100),
	dryBase: number(1, 100),
	dryAllowedLength: integer(0, 2 ** 31 - 1),
	dryPenaltyLastN: integer(0, 2 ** 31 - 1),
	seed: integer(0, 2 ** 32 - 1),
	logprobs: integer(0, 20),
	draftSize: integer(1, 256),
};

function checksFor({ vocabularySize }: { readonly vocabularySize: number }) {
	return {
		maxTokens: withDefault(numberChecks.maxTokens, defaultMaxTokens),
		stop: withDefault(stopStrings, []),
		temperature: withDefault(numberChecks.temperature, 0),
		topNSigma: withDefault(numberChecks.topNSigma, 0),
		topK: withDefault(numberChecks.topK, 0),
		typicalP: withDefault(numberChecks.typicalP, 1),
		topP: withDefault(numberChecks.topP, 1),
		minP: withDefault(numberChecks.minP, 0),
		xtcProbability: withDefault(numberChecks.xtcProbability, 0),
		xtcThreshold: withDefault(numberChecks.xtcThreshold, 0.1),
		mirostat: withDefault(mirostat, 0),
		mirostatTau: withDefault(numberChecks.mirostatTau, 5),
		mirostatEta: withDefault(numberChecks.mirostatEta, 0.1),
		repeatPenalty: withDefault(numberChecks.repeatPenalty, 1),
		frequencyPenalty: withDefault(numberChecks.frequencyPenalty, 0),
		presencePenalty: withDefault(numberChecks.presencePenalty, 0),
		penaltyWindow: withDefault(numberChecks.penaltyWindow, 64),
		dryMultiplier: withDefault(numberChecks.dryMultiplier, 0),
		dryBase: withDefault(numberChecks.dryBase, 1.75),
		dryAllowedLength: withDefault(numberChecks.dryAllowedLength, 2),
		dryPenaltyLastN: withDefault(numberChecks.dryPenaltyLastN, 64),
		drySequenceBreakers: withDefault(sequenceBreakers, ['\n', ':', '"', '*']),
		logitBias: withDefault(logitBias(vocabularySize), []),
		seed: withDefault(numberChecks.seed, () => Math.floor(Math.random() * 2 ** 32)),
		grammar: withDefault(grammar, ''),
		logprobs: withDefault<number | null>(numberChecks.logprobs, null),
		...formatChecks,
		draft: withDefault(draft, { mode: 'auto', size: mostDrafted } as const),
		prediction: optional(tokenInput(vocabularySize)),
		renderSpecial: withDefault(boolean, false),
		onPrefill: optional(callback<(done: number, total: number) => void>()),
		signal: optional(abortSignal),
	} satisfies Record<keyof GenerateOptions, Check<unknown>>;
}

// The names do not depend on the model.
optionsOf('generate', checksFor({ vocabularySize: 0 }));

export interface ReadGenerateOptions {
	/** Without the prediction, which may be a text that is no tokens yet. */
	native: Omit<NativeGenerateOptions, 'tokens'>;
	prediction: string | Int32Array | undefined;
	seed: number;
	/** How the text's value is read; undefined where the text is no JSON. */
	readObject: ReadObject<unknown> | undefined;
	onPrefill: ((done: number, total: number) => void) | undefined;
	signal: AbortSignal | undefined;
}

export function readGenerateOptions(
	given: unknown,
	model: { readonly info: { readonly vocabularySize: number } },
): ReadGenerateOptions {
	const read = readOptions(checksFor(model.info), given, 'generate');
	const { maxTokens, stop, renderSpecial, logprobs, draft, prediction, onPrefill, signal, ...other } = read;
	const { grammar, jsonSchema, json, schema, ...sampler } = other;
	const format = readOutputFormat({ grammar, jsonSchema, json, schema });
	return {
		native: {
			maxTokens,
			stop,
			renderSpecial,
			logprobs,
			draft,
			prediction: null,
			sampler: { ...sampler, grammar: format.grammar, grammarRoot: 'root' },
		},
		prediction,
		seed: sampler.seed,
		readObject: format.read,
		onPrefill,
		signal,
	};
}
