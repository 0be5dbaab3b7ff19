import {
	boolean,
	type Check,
	diskPath,
	integer,
	invalid,
	optional,
	optionsOf,
	type Read,
	readOptions,
	text,
	withDefault,
} from '../options.js';

/** How models are had from the Hugging Face Hub. What is not given comes from the hub's own variables. */
export interface HubOptions {
	/** The hub's address. Default: the variable `HF_ENDPOINT`, else `https://huggingface.co`. */
	endpoint?: string;
	/**
	 * A token for repositories that are private or gated. Default: the variable `HF_TOKEN`, else what
	 * `hf auth login` has left in the file `HF_TOKEN_PATH` or `HF_HOME/token`.
	 */
	token?: string;
	/**
	 * The folder of the files, laid out as the hub's other programs do. Default: the variable `HF_HUB_CACHE`,
	 * else `hub` in `HF_HOME`, which is `~/.cache/huggingface`.
	 */
	cacheFolder?: string | URL;
	/** Whether the cache alone is asked. Default: whether the variable `HF_HUB_OFFLINE` is 1. */
	offline?: boolean;
	/** How often a request that failed is tried again, at most, without a byte gained, 0…100. Default: 5. */
	maxRetries?: number;
	/** The milliseconds that the hub may be silent, 1…3,600,000. Default: the seconds of `HF_HUB_DOWNLOAD_TIMEOUT`, else 10,000. */
	timeoutMs?: number;
}

/** For `HF_ENDPOINT` too. */
export const endpoint: Check<string> = (value, name) => {
	const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
	if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
	throw invalid('an http or https address', name, value);
};

export const timeoutMs = integer(1, 3_600_000);

/** What a header may hold; the end of a line in a file is no part of the token. */
export const token: Check<string> = (value, name) => {
	const given = text(value, name).trim();
	if (/^[\x21-\x7e]+$/.test(given)) return given;
	throw invalid('a token without spaces', name, 'another text');
};

export const hubChecks = optionsOf('hub', {
	endpoint: optional(endpoint),
	token: optional(token),
	cacheFolder: optional(diskPath),
	offline: optional(boolean),
	maxRetries: withDefault(integer(0, 100), 5),
	timeoutMs: optional(timeoutMs),
} satisfies Record<keyof HubOptions, Check<unknown>>);

/** Checks the options, which are in the options of other calls. */
export const hubOptions: Check<Read<typeof hubChecks>> = (given) => readOptions(hubChecks, given, 'hub');
