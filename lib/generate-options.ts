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
	readOptions,
	text,
	withDefault,
} from './options.js';
import { isTokenId, type TokenInput, tokenInput } from './tokens.js';

export interface GenerateOptions {
	/** Most tokens to say, 1…2³¹-1. Default: 1024. */
	maxTokens?: number;
	/**
	 * Ends the text before any of these strings: up to 64 of them, 1…1024 characters each. One that holds the text of
	 * a control token, as `<|im_end|>`, is found though that token is not shown; a part of such a text is found only
	 * where it is shown. Default: none.
	 */
	stop?: string | readonly string[];
	/** 0 always takes the best token; above, samples from probabilities flattened by it, up to 100. Default: 0. */
	temperature?: number;
	/** Sample among the best k tokens only; 0 is off. Default: 0. */
	topK?: number;
	/** Sample among the fewest tokens that hold this share of the probability; 1 is off. Default: 1. */
	topP?: number;
	/** Sample among tokens at least this times as probable as the best; 0 is off. Default: 0. */
	minP?: number;
	/** Divides the scores of tokens said lately; 1 is off. Default: 1. */
	repeatPenalty?: number;
	/** Lowers a token's score by this for every time it was said lately, -100…100; 0 is off. Default: 0. */
	frequencyPenalty?: number;
	/** Lowers the score of tokens said lately by this, -100…100; 0 is off. Default: 0. */
	presencePenalty?: number;
	/** How many tokens back the penalties look, at most the context's length. Default: 64. */
	penaltyWindow?: number;
	/** Added to the scores of tokens, by token id; -Infinity bans one. Default: none. */
	logitBias?: ReadonlyMap<number, number> | Readonly<Record<number, number>>;
	/** The sampler's seed, 0…2³²-1; the result says which was used. Default: a random one. */
	seed?: number;
	/**
	 * A GBNF grammar with a rule `root` that the text must follow, control tokens included: what the grammar says is
	 * in the text, be it said as a control token or spelt. Parentheses may be nested 256 deep, and repetitions and
	 * literals may come to 1,000,000 characters. Where the text is complete and the end is banned the generation ends.
	 * Default: none.
	 */
	grammar?: string;
	/**
	 * 'auto' drafts as much as pays by the measured cost of a pass; 'off' decodes token by token; `{ size }`
	 * drafts that many tokens a pass, 1…256, wherever there are as many to propose. Default: 'auto'.
	 */
	draft?: 'auto' | 'off' | { readonly size: number };
	/** What the output will probably be like, such as the text before an edit: drafted from. Default: none. */
	prediction?: TokenInput;
	/** Write control tokens such as end-of-turn out in the text. Default: false. */
	renderSpecial?: boolean;
	/** Called while the prompt is computed, with tokens done and to do. What it throws ends the generation: it rejects with `ABORTED`. */
	onPrefill?: (done: number, total: number) => void;
	/** Ends the generation within one pass; it resolves with what was said, and finish reason 'aborted'. */
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
	topK: integer(0, 2 ** 31 - 1),
	topP: number(0, 1),
	minP: number(0, 1),
	repeatPenalty: number(0.01, 100),
	frequencyPenalty: number(-100, 100),
	presencePenalty: number(-100, 100),
	penaltyWindow: integer(0, 2 ** 31 - 1),
	seed: integer(0, 2 ** 32 - 1),
	draftSize: integer(1, 256),
};

function checksFor({ vocabularySize }: { readonly vocabularySize: number }) {
	return {
		maxTokens: withDefault(numberChecks.maxTokens, defaultMaxTokens),
		stop: withDefault(stopStrings, []),
		temperature: withDefault(numberChecks.temperature, 0),
		topK: withDefault(numberChecks.topK, 0),
		topP: withDefault(numberChecks.topP, 1),
		minP: withDefault(numberChecks.minP, 0),
		repeatPenalty: withDefault(numberChecks.repeatPenalty, 1),
		frequencyPenalty: withDefault(numberChecks.frequencyPenalty, 0),
		presencePenalty: withDefault(numberChecks.presencePenalty, 0),
		penaltyWindow: withDefault(numberChecks.penaltyWindow, 64),
		logitBias: withDefault(logitBias(vocabularySize), []),
		seed: withDefault(numberChecks.seed, () => Math.floor(Math.random() * 2 ** 32)),
		grammar: withDefault(grammar, ''),
		draft: withDefault(draft, { mode: 'auto', size: mostDrafted } as const),
		prediction: optional(tokenInput(vocabularySize)),
		renderSpecial: withDefault(boolean, false),
		onPrefill: optional(callback<(done: number, total: number) => void>()),
		signal: optional(abortSignal),
	} satisfies Record<keyof GenerateOptions, Check<unknown>>;
}

export interface ReadGenerateOptions {
	/** Without the prediction, which may be a text that is no tokens yet. */
	native: Omit<NativeGenerateOptions, 'tokens'>;
	prediction: string | Int32Array | undefined;
	seed: number;
	onPrefill: ((done: number, total: number) => void) | undefined;
	signal: AbortSignal | undefined;
}

export function readGenerateOptions(
	given: unknown,
	model: { readonly info: { readonly vocabularySize: number } },
): ReadGenerateOptions {
	const read = readOptions(checksFor(model.info), given, 'generate');
	const { maxTokens, stop, renderSpecial, draft, prediction, onPrefill, signal, ...sampler } = read;
	return {
		native: {
			maxTokens,
			stop,
			renderSpecial,
			draft,
			prediction: null,
			sampler: { ...sampler, grammarRoot: 'root' },
		},
		prediction,
		seed: sampler.seed,
		onPrefill,
		signal,
	};
}
