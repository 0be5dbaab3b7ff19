import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { URL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { asyncDispose } from './async-dispose.js';
import { RepriseError } from './errors.js';
import type { DetokenizeOptions, TokenizeOptions } from './model.js';
import {
	boolean,
	type Check,
	filePath,
	optional,
	optionsOf,
	readOptions,
	text,
	withDefault,
} from './options.js';
import { startThread } from './own-thread.js';
import { tokenIds } from './tokens.js';

/**
 * How a text becomes tokens. The `tokenizer.json` says which control tokens are read in a text, so there is
 * no `parseSpecial`.
 */
export type TokenizerOptions = Pick<TokenizeOptions, 'addSpecial'>;

/** How a tokenizer is loaded. */
export interface LoadTokenizerOptions {
	/** The path of the `tokenizer_config.json`. Default: the one beside the tokenizer, if there is one. */
	config?: string | URL;
}

const loadChecks = optionsOf('loadTokenizer', { config: optional(filePath) } satisfies Record<
	keyof LoadTokenizerOptions,
	Check<unknown>
>);
const tokenizeChecks = { addSpecial: withDefault(boolean, false) } satisfies Record<
	keyof TokenizerOptions,
	Check<unknown>
>;
const detokenizeChecks = { renderSpecial: withDefault(boolean, false) } satisfies Record<
	keyof DetokenizeOptions,
	Check<unknown>
>;

type Method = 'encode' | 'count' | 'decode';
interface Answer {
	id: number;
	value?: unknown;
	error?: string;
}
interface Pending {
	resolve: (value: unknown) => void;
	reject: (error: RepriseError) => void;
}

/**
 * Loads a Hugging Face `tokenizer.json` in a worker thread, to count and prepare text off the main thread
 * where no GGUF is at hand. Rejects with `TOKENIZER_INVALID` or `OPTION_INVALID`.
 *
 * @param path - The `tokenizer.json`.
 * @param options - Where its configuration is.
 */
export async function loadTokenizer(path: string | URL, options?: LoadTokenizerOptions): Promise<Tokenizer> {
	const file = resolve(filePath(path, 'path'));
	const { config } = readOptions(loadChecks, options, 'loadTokenizer');
	requireFile(file);
	const beside = join(dirname(file), 'tokenizer_config.json');
	const configPath = config === undefined ? (existsSync(beside) ? beside : null) : resolve(config);
	if (configPath !== null) requireFile(configPath);
	const tokenizer = new Tokenizer(file, file, configPath);
	await whenLoaded(tokenizer);
	return tokenizer;
}

/** Throws where `path` is no regular file: reading a pipe would wait for its other end. */
function requireFile(path: string): void {
	if (!existsSync(path))
		throw new RepriseError(
			'TOKENIZER_INVALID',
			`There is no file ${path}; pass the path of a tokenizer.json`,
		);
	if (!statSync(path).isFile())
		throw new RepriseError(
			'TOKENIZER_INVALID',
			`${path} is not a regular file; pass the path of a tokenizer.json`,
		);
}

/** Settles once a tokenizer's worker has read the files. */
let whenLoaded: (tokenizer: Tokenizer) => Promise<void>;

/** A tokenizer in a worker thread, which ends with the process or at `dispose()`. */
export class Tokenizer {
	static {
		whenLoaded = (tokenizer) => tokenizer.#loaded;
	}

	readonly #loaded: Promise<void>;
	#vocabularySize = 0;
	readonly #worker: Worker;
	readonly #pending = new Map<number, Pending>();
	#calls = 0;
	#ended: RepriseError | null = null;

	/** Tokenizers come from `loadTokenizer`. */
	constructor(name: string, path: string, configPath: string | null) {
		this.#worker = startThread('tokenizer-worker', import.meta.url, { workerData: { path, configPath } });
		this.#worker.on('message', (answer: Answer) => this.#settle(answer));
		this.#worker.on('error', (error) => this.#end(invalidTokenizer(name, error.message)));
		this.#loaded = this.#expect(0).then(
			(size) => {
				this.#vocabularySize = Number(size);
			},
			async (error: RepriseError) => {
				await this.dispose();
				throw invalidTokenizer(name, error.message);
			},
		);
	}

	/** The number of tokens in the vocabulary, added tokens included. */
	get vocabularySize(): number {
		return this.#vocabularySize;
	}

	/**
	 * Turns a text into token ids. Rejects with `TEXT_INVALID`, `OPTION_INVALID`, `TOKENIZER_INVALID` or
	 * `DISPOSED`.
	 *
	 * @param value - The text.
	 * @param options - Whether control tokens are added.
	 */
	async tokenize(value: string, options?: TokenizerOptions): Promise<Int32Array> {
		const { addSpecial } = readOptions(tokenizeChecks, options, 'tokenize');
		return (await this.#call('encode', text(value, 'text'), addSpecial)) as Int32Array;
	}

	/**
	 * Counts the tokens of a text. Rejects as `tokenize` does.
	 *
	 * @param value - The text.
	 * @param options - Whether control tokens are added.
	 */
	async count(value: string, options?: TokenizerOptions): Promise<number> {
		const { addSpecial } = readOptions(tokenizeChecks, options, 'count');
		return (await this.#call('count', text(value, 'text'), addSpecial)) as number;
	}

	/**
	 * Turns tokens into a text. Rejects with `OPTION_INVALID`, `TOKENIZER_INVALID` or `DISPOSED`.
	 *
	 * @param tokens - The token ids.
	 * @param options - Whether control tokens are written out.
	 */
	async detokenize(tokens: readonly number[] | Int32Array, options?: DetokenizeOptions): Promise<string> {
		const { renderSpecial } = readOptions(detokenizeChecks, options, 'detokenize');
		const ids = tokenIds(this.vocabularySize)(tokens, 'tokens');
		return (await this.#call('decode', ids, renderSpecial)) as string;
	}

	/** Ends the worker; calls still waiting reject with `DISPOSED`. A second call does nothing. */
	async dispose(): Promise<void> {
		this.#end(new RepriseError('DISPOSED', 'The tokenizer was disposed; load it again'));
		await this.#worker.terminate();
	}

	/** `await using` disposes the tokenizer at the end of its block. */
	async [asyncDispose](): Promise<void> {
		await this.dispose();
	}

	/** `special`: whether control tokens are added to a text, or written out of one. */
	async #call(method: Method, input: string | Int32Array, special: boolean): Promise<unknown> {
		if (this.#ended) throw this.#ended;
		const id = ++this.#calls;
		const answer = this.#expect(id);
		this.#worker.postMessage({ id, method, input, special });
		return answer;
	}

	/** Waits for the worker's answer to call `id`. Only a call that waits keeps the process alive. */
	#expect(id: number): Promise<unknown> {
		this.#worker.ref();
		return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
	}

	#settle({ id, value, error }: Answer): void {
		const call = this.#pending.get(id);
		this.#pending.delete(id);
		if (this.#pending.size === 0) this.#worker.unref();
		if (error === undefined) call?.resolve(value);
		else call?.reject(new RepriseError('TOKENIZER_INVALID', error));
	}

	#end(error: RepriseError): void {
		this.#ended ??= error;
		for (const { reject } of this.#pending.values()) reject(this.#ended);
		this.#pending.clear();
	}
}

function invalidTokenizer(path: string, reason: string): RepriseError {
	return new RepriseError(
		'TOKENIZER_INVALID',
		`${path} is not a tokenizer that can be used (${reason.split('\n')[0]}); pass a Hugging Face tokenizer.json`,
	);
}
