import type { NativeSession } from './addon.js';
import { asyncDispose } from './async-dispose.js';
import { Chat, type ChatOptions } from './chat.js';
import { awaitNative, callNative, RepriseError } from './errors.js';
import { type GenerateOptions, readGenerateOptions } from './generate-options.js';
import type { Model } from './model.js';
import { abortSignal, type Check, callback, filePath, integer, optional, readOptions } from './options.js';
import { Generation } from './stream.js';
import { concatTokens, contextTokens, innerTokens, type TokenInput } from './tokens.js';

export interface PrefillOptions {
	/** Called with tokens done and tokens to do. */
	onProgress?: (done: number, total: number) => void;
	/** Ends it within one batch: the promise rejects with `ABORTED`, and what was computed is kept. */
	signal?: AbortSignal;
}

export interface PrefillResult {
	/** Tokens of the whole context. */
	promptTokens: number;
	/** Of these, tokens that were already computed. */
	reusedTokens: number;
	/** Milliseconds. */
	prefillMs: number;
}

const prefillChecks = {
	onProgress: optional(callback<(done: number, total: number) => void>()),
	signal: optional(abortSignal),
} satisfies Record<keyof PrefillOptions, Check<unknown>>;

interface Activity {
	name: string;
	/** Whether it changes the history. */
	changes: boolean;
	done: Promise<unknown>;
}

/**
 * A context of a model: token history and KV cache as one thing.
 *
 * One call at a time changes the history: while it runs, others reject with `SESSION_BUSY`. Calls that leave the
 * history as it is (`fork`, `save`, references) may be made at once, and are done one after another. Every method
 * rejects with `DISPOSED` after `dispose()`.
 */
export class Session {
	readonly model: Model;
	readonly #native: NativeSession;
	readonly #activities = new Set<Activity>();
	#disposed = false;

	/** Sessions come from `model.createSession` and `session.fork`. */
	constructor(model: Model, native: NativeSession) {
		this.model = model;
		this.#native = native;
	}

	/**
	 * Makes the history equal to `prompt`, the whole context. What it shares with the history from the start on
	 * is kept, and only the rest is computed.
	 *
	 * Rejects with `PROMPT_EMPTY`, `CONTEXT_OVERFLOW`, `TEXT_INVALID` or `OPTION_INVALID`.
	 */
	async prefill(prompt: TokenInput, options?: PrefillOptions): Promise<PrefillResult> {
		const { onProgress = null, signal } = readOptions(prefillChecks, options, 'prefill');
		const tokens = this.#contextTokens(prompt);
		return this.#exclusive('computing a prompt', () =>
			this.#abortable(signal, (aborted) => this.#native.prefill(tokens, onProgress, aborted)),
		);
	}

	/** Computes `addition` after the history. Rejects as `prefill` does. */
	async append(addition: TokenInput, options?: PrefillOptions): Promise<PrefillResult> {
		const { onProgress = null, signal } = readOptions(prefillChecks, options, 'append');
		const tokens = this.#innerTokens(addition, 'addition');
		return this.#exclusive('computing a prompt', async () => {
			const history = await this.#native.history();
			const whole = history.length === 0 ? this.#contextTokens(addition) : concatTokens(history, tokens);
			return this.#abortable(signal, (aborted) => this.#native.prefill(whole, onProgress, aborted));
		});
	}

	/**
	 * Generates after `prompt`, the whole context, or after the history where there is none. What the prompt shares
	 * with the history from the start on is not computed again.
	 *
	 * Throws `OPTION_INVALID`, `TEXT_INVALID`, `PROMPT_EMPTY`, `SESSION_BUSY` or `DISPOSED` at once. The
	 * generation rejects with `PROMPT_EMPTY` (no prompt and no history), `CONTEXT_OVERFLOW`, `GRAMMAR_INVALID`
	 * (also where no token goes on as the grammar wants it), `OPTION_INVALID` (`logitBias` bans every token) or
	 * `DECODE_FAILED` (also where the model computes no number); what was committed stays in the history.
	 */
	generate(prompt?: TokenInput | null, options?: GenerateOptions): Generation {
		this.#requireIdle();
		const read = readGenerateOptions(options, this.model);
		const tokens = prompt === undefined || prompt === null ? null : this.#contextTokens(prompt);
		const { signal, onPrefill = null } = read;
		return new Generation(
			(onChunk) =>
				this.#exclusive('generating', () =>
					this.#abortable(signal, (aborted) =>
						this.#native.generate({ tokens, ...read.native }, onChunk, onPrefill, aborted),
					),
				),
			() => this.#native.abort(),
			read.seed,
		);
	}

	/** A conversation in this session, by the model's chat template. Throws `TEMPLATE_MISSING` or `TEMPLATE_INVALID`. */
	chat(options?: ChatOptions): Chat {
		this.#requireUsable();
		return new Chat(this, options);
	}

	/** The committed tokens. */
	async history(): Promise<Int32Array> {
		this.#requireUsable();
		return awaitNative(() => this.#native.history());
	}

	/** Drops the history from `length` tokens on. Rejects with `OPTION_INVALID` where there are fewer. */
	async rollback(length: number): Promise<void> {
		this.#requireUsable();
		integer(0, 2 ** 31 - 1)(length, 'length');
		await this.#exclusive('rolling back', () => this.#native.rollback(length));
	}

	/**
	 * A session with the same history that shares this one's cache: nothing is computed again. Both go on
	 * independently, and generate at once in shared passes. Rejects with `SEQUENCES_EXHAUSTED`.
	 */
	async fork(): Promise<Session> {
		const native = await this.#shared('forking', () => this.#native.fork());
		return new Session(this.model, native);
	}

	/**
	 * Adds a text that outputs may repeat, such as a document being discussed: drafted from, never computed. Beyond
	 * `referenceTokens` the oldest are forgotten.
	 */
	async addReference(reference: TokenInput): Promise<void> {
		const tokens = this.#innerTokens(reference, 'reference');
		await this.#shared('adding a reference', () => this.#native.addReference(tokens));
	}

	async clearReferences(): Promise<void> {
		await this.#shared('clearing references', () => this.#native.clearReferences());
	}

	/**
	 * Writes history and cache to a file, which replaces an older one when it is whole; through a symbolic link, the
	 * file that it leads to. A new file only its user can read. Rejects with `STATE_IO`.
	 */
	async save(path: string | URL): Promise<void> {
		const file = filePath(path, 'path');
		await this.#shared('saving', () => this.#native.save(file));
	}

	/**
	 * Takes history and cache from a file. Rejects with `STATE_IO`, `STATE_MISMATCH` (another model, other weights of
	 * the same or other cache types) or `CONTEXT_OVERFLOW`, and then leaves the session as it was.
	 */
	async load(path: string | URL): Promise<void> {
		const file = filePath(path, 'path');
		await this.#exclusive('loading', () => this.#native.load(file));
	}

	/** Milliseconds of a verify pass by its rows (tokens) at the present length, as measured so far. */
	async costTable(): Promise<Array<{ rows: number; ms: number }>> {
		this.#requireUsable();
		return awaitNative(() => this.#native.costTable());
	}

	/** Aborts what is running, waits for its end, and frees the session. A second call does nothing. */
	async dispose(): Promise<void> {
		if (this.#disposed) return;
		this.#disposed = true;
		if (this.#activities.size > 0) {
			this.#native.abort();
			await Promise.allSettled([...this.#activities].map(({ done }) => done));
		}
		callNative(() => this.#native.dispose());
	}

	async [asyncDispose](): Promise<void> {
		await this.dispose();
	}

	#contextTokens(prompt: unknown): Int32Array {
		this.#requireUsable();
		return contextTokens(this.model)(prompt, 'prompt');
	}

	#innerTokens(value: unknown, name: string): Int32Array {
		this.#requireUsable();
		return innerTokens(this.model)(value, name);
	}

	/** Runs a native call that changes the history. Everything up to the call itself happens before it returns. */
	async #exclusive<T>(name: string, call: () => Promise<T>): Promise<T> {
		this.#requireIdle();
		return this.#run(name, true, call);
	}

	/** Runs a native call that leaves the history as it is; the addon takes them in their order. */
	async #shared<T>(name: string, call: () => Promise<T>): Promise<T> {
		this.#requireUsable();
		this.#refuseDuring([...this.#activities].find(({ changes }) => changes));
		return this.#run(name, false, call);
	}

	async #run<T>(name: string, changes: boolean, call: () => Promise<T>): Promise<T> {
		const activity = { name, changes, done: awaitNative(call) };
		this.#activities.add(activity);
		try {
			return await activity.done;
		} finally {
			this.#activities.delete(activity);
		}
	}

	/** The addon takes an abort for the calls it has: one that came before is told to the call itself. */
	async #abortable<T>(signal: AbortSignal | undefined, call: (aborted: boolean) => Promise<T>): Promise<T> {
		const abort = () => this.#native.abort();
		signal?.addEventListener('abort', abort, { once: true });
		try {
			return await call(signal?.aborted ?? false);
		} finally {
			signal?.removeEventListener('abort', abort);
		}
	}

	#requireUsable(): void {
		if (this.#disposed) throw new RepriseError('DISPOSED', 'The session was disposed; create another');
	}

	#requireIdle(): void {
		this.#requireUsable();
		const [activity] = this.#activities;
		this.#refuseDuring(activity);
	}

	#refuseDuring(activity: Activity | undefined): void {
		if (!activity) return;
		throw new RepriseError(
			'SESSION_BUSY',
			`The session is ${activity.name}; await that, abort it, or use a fork of the session`,
		);
	}
}
