import { type AbortOptions, abortChecks, awaitAbortable, unlessStopped } from './abort.js';
import { Activities } from './activities.js';
import type { NativeChunk, NativeSession } from './addon.js';
import { asyncDispose } from './async-dispose.js';
import { Chat, type ChatOptions } from './chat.js';
import { awaitNative, callNative, RepriseError } from './errors.js';
import { type GenerateOptions, readGenerateOptions } from './generate-options.js';
import { type Generation, NativeGeneration } from './generation.js';
import { Listener } from './listener.js';
import type { Model } from './model.js';
import type { SessionPlacement } from './native-devices.js';
import { checked, diskPath, integer, readOptions } from './options.js';
import { type PrefillOptions, type PrefillResult, prefillChecks } from './prefill.js';
import type { ReadObject } from './schema/output-format.js';
import {
	concatTokens,
	contextTokens,
	innerTokens,
	type LatePrompt,
	promptInput,
	type TokenInput,
	tokenInput,
} from './tokens.js';

/**
 * A context of a model: a history of tokens and their KV cache as one thing.
 *
 * One call at a time changes the history, and others reject with `SESSION_BUSY` meanwhile. Calls that leave
 * the history as it is (`fork`, `save`, `addReference`, `clearReferences`) may be made at once, and are done
 * one after another. Every method rejects with `DISPOSED` after `dispose()`.
 *
 * A signal that is aborted makes a call reject with `ABORTED`; a generation resolves with the text up to there.
 * Calls that take no signal wait for the pass under way at most.
 */
export class Session {
	/** The model whose context this is. */
	readonly model: Model;
	readonly #native: NativeSession;
	readonly #activities: Activities;

	/** Sessions come from `model.createSession` and `session.fork`. */
	constructor(model: Model, native: NativeSession) {
		this.model = model;
		this.#native = native;
		this.#activities = new Activities(() => native.abort());
	}

	/**
	 * Makes the history equal to a prompt. What both share from the start on is kept, and only the rest is
	 * computed.
	 *
	 * An image at the end of the prompt is computed with the text that comes after it.
	 *
	 * Rejects with `PROMPT_EMPTY`, `CONTEXT_OVERFLOW`, `TEXT_INVALID`, `OPTION_INVALID`, `SESSION_BUSY`,
	 * `IMAGE_INVALID` (an image of a loaded state has to be computed, and is not at hand), `DECODE_FAILED`,
	 * `WORKER_UNAVAILABLE` (a worker was lost) or `DISPOSED`, and with `ABORTED` where the signal ends it.
	 *
	 * @param prompt - The whole context. Control tokens that a text writes out are read as these tokens.
	 * @param options - Progress and abort.
	 */
	async prefill(prompt: TokenInput | LatePrompt, options?: PrefillOptions): Promise<PrefillResult> {
		const { onProgress = null, signal } = readOptions(prefillChecks, options, 'prefill');
		const input = this.#promptInput(prompt);
		return this.#prefill((stop) => this.#tokens(input, stop), onProgress, signal);
	}

	/**
	 * Computes tokens after the history. A text is taken as it is: no space and no BOS token is added. Rejects
	 * as `prefill` does.
	 *
	 * @param addition - What comes after the history.
	 * @param options - Progress and abort.
	 */
	async append(addition: TokenInput, options?: PrefillOptions): Promise<PrefillResult> {
		const { onProgress = null, signal } = readOptions(prefillChecks, options, 'append');
		const input = this.#tokenInput(addition, 'addition', this.model.info.readsImages);
		return this.#prefill(
			async (stop) => {
				const history = await unlessStopped(this.#native.history(), stop);
				if (history?.length === 0) return this.#tokens(this.#promptInput(input), stop);
				const tokens = await unlessStopped(innerTokens(this.model, input), stop);
				return history && tokens && concatTokens(history, tokens);
			},
			onProgress,
			signal,
		);
	}

	/**
	 * Generates what comes after a prompt, or after the history where no prompt is given. What the prompt
	 * shares with the history from the start on is not computed again.
	 *
	 * Throws `OPTION_INVALID`, `SCHEMA_UNSUPPORTED`, `TEXT_INVALID`, `PROMPT_EMPTY`, `SESSION_BUSY` or `DISPOSED`
	 * at once. The generation rejects with `PROMPT_EMPTY` (no prompt and no history), `CONTEXT_OVERFLOW`, `GRAMMAR_INVALID`
	 * (also where no token goes on as the grammar wants it), `OPTION_INVALID` (`logitBias` bans every token),
	 * `IMAGE_INVALID` as `prefill` does, `TEXT_INVALID` (llama.cpp cannot turn a text into tokens, which is done off
	 * the JavaScript thread),
	 * `DECODE_FAILED` (also where the model computes no number) or `WORKER_UNAVAILABLE` (a worker was lost);
	 * what was generated before stays in the history. After an abort it resolves, with finish reason 'aborted'.
	 *
	 * @param prompt - The whole context; none or null for the history. Control tokens that a text writes out
	 * (`<|im_end|>`) are read as these tokens; a chat reads none in its messages.
	 * @param options - How the text is sampled and drafted, and where it ends.
	 */
	generate<Output = unknown>(
		prompt?: TokenInput | LatePrompt | null,
		options?: GenerateOptions<Output>,
	): Generation<Output> {
		this.#activities.requireIdle();
		const read = readGenerateOptions(options, this.model);
		const { native, prediction, onPrefill, signal, seed } = read;
		const input = prompt === undefined || prompt === null ? null : this.#promptInput(prompt);
		const stop = new AbortController();
		const progress = new Listener('onPrefill', onPrefill, () => stop.abort());
		const generate = (onChunk: (chunk: NativeChunk) => void) =>
			this.#activities.exclusive(
				'generating',
				async () => {
					const given = await this.#activities.whenTokens(async () => ({
						...native,
						tokens: input === null ? null : await this.#tokensOrHistory(input, stop.signal),
						reply: typeof input === 'function' ? (input.reply?.() ?? null) : null,
						prediction:
							prediction === undefined
								? null
								: await unlessStopped(innerTokens(this.model, prediction), stop.signal),
					}));
					return this.#native.generate(given, onChunk, progress.call, { aborted: stop.signal.aborted });
				},
				signal,
				stop,
			);
		return new NativeGeneration(
			(onChunk) => progress.during(() => generate(onChunk)),
			() => stop.abort(),
			seed,
			read.readObject as ReadObject<Output> | undefined,
		);
	}

	/**
	 * Begins a conversation in this session. Throws `TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `OPTION_INVALID` or
	 * `DISPOSED`.
	 *
	 * @param options - The template, and what the conversation begins with.
	 */
	chat(options?: ChatOptions): Chat {
		this.#activities.requireUsable();
		return new Chat(this, options);
	}

	/**
	 * The tokens of the history: all prompts and outputs up to now; the ids of images' rows are below -1. Rejects with
	 * `DISPOSED`.
	 */
	async history(): Promise<Int32Array> {
		this.#activities.requireUsable();
		await this.#activities.texts;
		return awaitNative(() => this.#native.history());
	}

	/**
	 * Drops the end of the history. Rejects with `OPTION_INVALID` where the history is shorter than `length`, or
	 * `length` is inside of an image, and with `SESSION_BUSY`, `WORKER_UNAVAILABLE` or `DISPOSED`.
	 *
	 * @param length - The number of tokens that stay.
	 */
	async rollback(length: number): Promise<void> {
		this.#activities.requireUsable();
		integer(0, 2 ** 31 - 1)(length, 'length');
		await this.#activities.exclusive('rolling back', () => this.#native.rollback(length));
	}

	/**
	 * Makes a session with the same history that shares this one's cache, so that nothing is computed again.
	 * Both go on independently; where they generate at the same time, they share passes. Rejects with
	 * `SEQUENCES_EXHAUSTED`, `SESSION_BUSY`, `WORKER_UNAVAILABLE` or `DISPOSED`, and with `ABORTED` where the
	 * signal ends it.
	 *
	 * @param options - What ends the call.
	 */
	async fork(options?: AbortOptions): Promise<Session> {
		const { signal } = readOptions(abortChecks, options, 'fork');
		const free = (fork: NativeSession) => fork.dispose();
		const fork = (stop: AbortSignal) => awaitAbortable(() => this.#native.fork(), stop, 'The fork', free);
		return new Session(this.model, await this.#activities.shared('forking', fork, signal));
	}

	/**
	 * Adds a text that outputs may repeat, such as a document that is talked about. Generations draft from it,
	 * and the model does not read it. Beyond `referenceTokens` the oldest tokens are forgotten. Rejects with
	 * `TEXT_INVALID`, `OPTION_INVALID`, `SESSION_BUSY` or `DISPOSED`.
	 *
	 * @param reference - The text or its tokens.
	 */
	async addReference(reference: TokenInput): Promise<void> {
		const input = this.#tokenInput(reference, 'reference');
		await this.#activities.shared('adding a reference', async () => {
			const tokens = await this.#activities.whenTokens(() => innerTokens(this.model, input));
			return this.#native.addReference(tokens);
		});
	}

	/** Forgets all references of this session. Rejects with `SESSION_BUSY` or `DISPOSED`. */
	async clearReferences(): Promise<void> {
		await this.#activities.shared('clearing references', () => this.#native.clearReferences());
	}

	/**
	 * Writes the history and the cache to a file, without images themselves, which replaces an older one when it is
	 * whole. A new file can
	 * be read by its user alone. Rejects with `STATE_IO`, `SESSION_BUSY`, `WORKER_UNAVAILABLE` or `DISPOSED`,
	 * and with `ABORTED` where the signal ends it: no file was begun then.
	 *
	 * @param path - The file; where it is a symbolic link, the file that it leads to is written.
	 * @param options - What ends the call.
	 */
	async save(path: string | URL, options?: AbortOptions): Promise<void> {
		const file = checked(diskPath, path, 'path');
		const { signal } = readOptions(abortChecks, options, 'save');
		const save = (stop: AbortSignal) => awaitAbortable(() => this.#native.save(file), stop, 'Saving');
		await this.#activities.shared('saving', save, signal);
	}

	/**
	 * Takes the history and the cache from a file. Rejects with `STATE_IO`, `STATE_MISMATCH` (the state is of
	 * another model, of other weights or of other cache types, or has images and the model no projector),
	 * `CONTEXT_OVERFLOW`, `SESSION_BUSY`,
	 * `WORKER_UNAVAILABLE`, `DISPOSED`, or `ABORTED` where the signal ends it, and then leaves the session as
	 * it was.
	 *
	 * @param path - A file that `save` wrote.
	 * @param options - What ends the call.
	 */
	async load(path: string | URL, options?: AbortOptions): Promise<void> {
		const file = checked(diskPath, path, 'path');
		const { signal } = readOptions(abortChecks, options, 'load');
		const load = (stop: AbortSignal) => awaitAbortable(() => this.#native.load(file), stop, 'Loading');
		await this.#activities.exclusive('loading', load, signal);
	}

	/** What a verify pass costs at the present length, by what was measured so far. Rejects with `DISPOSED`. */
	async costTable(): Promise<
		Array<{
			/** The rows (tokens) of a pass. */
			rows: number;
			/** The milliseconds that such a pass takes. */
			ms: number;
		}>
	> {
		this.#activities.requireUsable();
		await this.#activities.texts;
		return awaitNative(() => this.#native.costTable());
	}

	/**
	 * Where the model's layers, this session's cache and the logits are, and what of a pass runs on a device. The
	 * buffers of a pass grow as passes do. Rejects with `WORKER_UNAVAILABLE` or `DISPOSED`.
	 */
	async placement(): Promise<SessionPlacement> {
		this.#activities.requireUsable();
		await this.#activities.texts;
		return awaitNative(() => this.#native.placement());
	}

	/**
	 * Aborts what is running, waits for its end, and frees the session. A second call does nothing. It does not
	 * reject for what it aborts. A `fork` or `save` under way may come to its end, unless it takes longer than
	 * twelve seconds. Nor does it wait for longer than that for a pass that forks go on with, which the session
	 * then leaves later.
	 */
	async dispose(): Promise<void> {
		if (this.#activities.ended) return;
		const underWay = this.#activities.end();
		if (underWay) await underWay;
		callNative(() => this.#native.dispose());
	}

	/** `await using` disposes the session at the end of its block. */
	async [asyncDispose](): Promise<void> {
		await this.dispose();
	}

	#tokenInput(value: unknown, name: string, withImages = false): string | Int32Array {
		this.#activities.requireUsable();
		return checked(tokenInput(this.model.info.vocabularySize, withImages), value, name);
	}

	#promptInput(prompt: unknown): string | Int32Array | LatePrompt {
		this.#activities.requireUsable();
		if (typeof prompt === 'function') return prompt as LatePrompt;
		const { vocabularySize, readsImages } = this.model.info;
		return checked(promptInput(vocabularySize, readsImages), prompt, 'prompt');
	}

	/**
	 * The tokens of `input`, or null where it was stopped before they were there; a long text is then tokenized
	 * for nothing.
	 */
	#tokens(input: string | Int32Array | LatePrompt, stop: AbortSignal): Promise<Int32Array | null> {
		const tokens = typeof input === 'function' ? input(stop) : contextTokens(this.model, input);
		return unlessStopped(tokens, stop);
	}

	/**
	 * The tokens of a generation's prompt. A generation that was stopped before it has them leaves the history
	 * as it is.
	 */
	async #tokensOrHistory(
		input: string | Int32Array | LatePrompt,
		stop: AbortSignal,
	): Promise<Int32Array | null> {
		const tokens = await this.#tokens(input, stop);
		if (tokens) return tokens;
		const history = await this.#native.history();
		return history.length > 0 ? null : Int32Array.of(0);
	}

	#prefill(
		tokens: (stop: AbortSignal) => Promise<Int32Array | null>,
		onProgress: PrefillOptions['onProgress'] | null,
		signal: AbortSignal | undefined,
	): Promise<PrefillResult> {
		const stop = new AbortController();
		const progress = new Listener('onProgress', onProgress, () => stop.abort());
		const compute = async () => {
			const given = await this.#activities.whenTokens(() => tokens(stop.signal));
			if (!given)
				throw new RepriseError(
					'ABORTED',
					'The prefill was aborted; another one goes on from what the cache holds',
				);
			return this.#native.prefill(given, progress.call, { aborted: stop.signal.aborted });
		};
		return progress.during(() => this.#activities.exclusive('computing a prompt', compute, signal, stop));
	}
}
