import { types } from 'node:util';

/**
 * The codes of this library's errors, each under its own name: `error.code === errorCodes.ABORTED`. What
 * stands at a code says when it is thrown and, after that, what to do; docs/errors.md is the same as a table.
 */
// cpp/engine/error.h has those that the addon gives.
export const errorCodes = {
	/**
	 * The native addon is not installed for this platform, or does not load on it.
	 *
	 * Do what the message says: it names the reason, the places, and the command of your package manager.
	 * docs/installing.md has more.
	 */
	ADDON_MISSING: 'ADDON_MISSING',
	/**
	 * There is no file at the path of the model; or the hub has no such repository, revision, file or tag.
	 *
	 * Check the path; it is relative to the process’s working directory. Of a name, the message says what there is.
	 */
	MODEL_NOT_FOUND: 'MODEL_NOT_FOUND',
	/**
	 * The hub must not be asked, since offline mode is on, and the cache has no model of that name, or not all of it.
	 *
	 * Download it beforehand, as with `reprise pull`, or turn offline mode off.
	 */
	MODEL_NOT_CACHED: 'MODEL_NOT_CACHED',
	/**
	 * The hub keeps the repository from whoever asks (401 or 403): it is private, gated or not there.
	 *
	 * Check the name, accept the terms on its page, and set `HF_TOKEN` to a token that may read it.
	 */
	HUB_DENIED: 'HUB_DENIED',
	/**
	 * The hub cannot be reached, is silent, fails, has had too many requests (429), or answers with what cannot be
	 * read, and went on so for as many retries as `hub.maxRetries` has.
	 *
	 * Try again later: a download goes on where it was. Check the network and `HF_ENDPOINT`.
	 */
	HUB_UNAVAILABLE: 'HUB_UNAVAILABLE',
	/**
	 * What was downloaded is of another size than the hub lists, or has another checksum. It was removed.
	 *
	 * Download it again. Where it happens again, something between here and the hub changes it.
	 */
	DOWNLOAD_INVALID: 'DOWNLOAD_INVALID',
	/**
	 * The cache of downloads could not be read or written, or the disk is full.
	 *
	 * Free some space, or set `HF_HUB_CACHE` to another folder; the message has the system’s reason.
	 */
	CACHE_IO: 'CACHE_IO',
	/**
	 * The file is no GGUF model that llama.cpp can load: a directory, a truncated or damaged file, another
	 * format or an unknown architecture.
	 *
	 * Download or convert the model anew; the message says what is wrong with it.
	 */
	MODEL_INVALID: 'MODEL_INVALID',
	/**
	 * The model holds a vocabulary but no weights, so that it cannot decode.
	 *
	 * Load a whole model; load this one with `vocabOnly: true` to tokenize with it.
	 */
	MODEL_VOCAB_ONLY: 'MODEL_VOCAB_ONLY',
	/**
	 * Memory, GPU memory or a thread could not be had.
	 *
	 * Take a smaller `contextLength`, model or cache type, or fewer sessions at once.
	 */
	OUT_OF_MEMORY: 'OUT_OF_MEMORY',
	/**
	 * The prompt does not fit the context, or what is to be kept of it does not.
	 *
	 * Shorten the prompt, or create the session with a larger `contextLength`.
	 */
	CONTEXT_OVERFLOW: 'CONTEXT_OVERFLOW',
	/**
	 * The session and its forks use all sequences of their context.
	 *
	 * Dispose of forks that are not needed, or create the session with a larger `maxSequences`.
	 */
	SEQUENCES_EXHAUSTED: 'SEQUENCES_EXHAUSTED',
	/**
	 * There is nothing to go on from: the prompt has no tokens, and so has the history.
	 *
	 * Pass a prompt of at least one token.
	 */
	PROMPT_EMPTY: 'PROMPT_EMPTY',
	/**
	 * A text has no UTF-8 form, as one with a lone surrogate, or a file holds other bytes, or a text makes the
	 * tokenizer fail.
	 *
	 * Mend the text: `text.toWellFormed()` replaces lone surrogates.
	 */
	TEXT_INVALID: 'TEXT_INVALID',
	/**
	 * An image cannot be read: it is damaged, of an unknown format or too large, there is no such file, or the model was
	 * loaded without a projector.
	 *
	 * The message says which. Pass a JPEG, PNG, GIF or BMP file or pixels, and load the model with `images`.
	 */
	IMAGE_INVALID: 'IMAGE_INVALID',
	/**
	 * The GBNF grammar cannot be parsed or followed: it is too large, or no token goes on as it wants.
	 *
	 * Mend the grammar; the message names the rule or the place.
	 */
	GRAMMAR_INVALID: 'GRAMMAR_INVALID',
	/**
	 * A JSON Schema asks for what no grammar can follow, or is too large.
	 *
	 * Write that part otherwise, or validate it yourself; the message names the place, and
	 * docs/structured-output.md what can be followed.
	 */
	SCHEMA_UNSUPPORTED: 'SCHEMA_UNSUPPORTED',
	/**
	 * An option or an argument has an unknown name, the wrong type or a value out of range.
	 *
	 * Mend the call; the message names the option and what is expected.
	 */
	OPTION_INVALID: 'OPTION_INVALID',
	/**
	 * The session is computing something else.
	 *
	 * Wait for it, abort it, or use a fork.
	 */
	SESSION_BUSY: 'SESSION_BUSY',
	/**
	 * A model, session, tokenizer or verifier is used after its `dispose()`.
	 *
	 * Dispose of things when they are not needed any more, and make new ones.
	 */
	DISPOSED: 'DISPOSED',
	/**
	 * An `AbortSignal` or a callback that threw ended a call that has no result without its end. A generation
	 * that is aborted resolves instead.
	 *
	 * Nothing is to be mended; call again when you want to.
	 */
	ABORTED: 'ABORTED',
	/**
	 * A saved state is of another model, of other weights, or of a session with other cache types, or a
	 * corpus is of another vocabulary.
	 *
	 * Load it with the model and the options that it was saved with.
	 */
	STATE_MISMATCH: 'STATE_MISMATCH',
	/**
	 * A state file or the file of a corpus could not be read or written, or is damaged.
	 *
	 * Check the path, its permissions and the space that is left; the message has the system’s reason.
	 */
	STATE_IO: 'STATE_IO',
	/**
	 * llama.cpp failed to compute a batch, or the model computed no number.
	 *
	 * Dispose of the session and make another one. Where it happens again, the model’s file is damaged or does
	 * not suit its cache types.
	 */
	DECODE_FAILED: 'DECODE_FAILED',
	/**
	 * The model has no chat template and none was given.
	 *
	 * Pass `template` to `session.chat()`, or generate from a prompt of your own.
	 */
	TEMPLATE_MISSING: 'TEMPLATE_MISSING',
	/**
	 * The chat template cannot be parsed, refuses the messages, or goes beyond the limits of steps, memory and
	 * depth.
	 *
	 * Mend the template or the messages; the message says which.
	 */
	TEMPLATE_INVALID: 'TEMPLATE_INVALID',
	/**
	 * A worker, on which layers of a model are to be or are, cannot be reached, serves another process, is
	 * none, or was lost: it ended, or the network to it was cut. What was on it is gone, and so are the sessions
	 * of its model and their forks; their histories can still be read, and other models go on.
	 *
	 * Start `reprise worker` there, of the same version, and load the model again; the message names the worker
	 * and the reason.
	 */
	WORKER_UNAVAILABLE: 'WORKER_UNAVAILABLE',
	/**
	 * A `tokenizer.json` cannot be read or used.
	 *
	 * Check the path, or take the file of another version of the model.
	 */
	TOKENIZER_INVALID: 'TOKENIZER_INVALID',
	/**
	 * A verifier threw, took too long, gave no verdict or could not do its work, as a command that does not
	 * exist.
	 *
	 * Mend the verifier: a wrong answer is a verdict, never this error. The `cause` has what it threw.
	 */
	VERIFIER_FAILED: 'VERIFIER_FAILED',
	/**
	 * The log to go on from was written by another strategy, with other options or for another task.
	 *
	 * Resume with what the log was written with, or begin without a log.
	 */
	LOG_MISMATCH: 'LOG_MISMATCH',
	/**
	 * The addon failed in a way that has no code of its own.
	 *
	 * Report it with the message, please.
	 */
	NATIVE_FAILED: 'NATIVE_FAILED',
} as const;

/** The code of an error: a key of {@link errorCodes}. */
export type RepriseErrorCode = keyof typeof errorCodes;

/** The class of every error of this library. Its `message` says what was wrong and what to do. */
export class RepriseError extends Error {
	/** The name of the class, by which copies of this library know each other's errors. */
	override readonly name = 'RepriseError';
	/** What went wrong, as a name that programs can compare. */
	readonly code: RepriseErrorCode;

	/**
	 * Makes an error; programs that use this library rarely do.
	 *
	 * @param code - What went wrong.
	 * @param message - What was wrong and what to do, in words.
	 * @param options - The `cause`, where another error led to this one.
	 */
	constructor(code: RepriseErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}

/**
 * Whether `error` is a `RepriseError`, of whichever copy of this library: a process may hold one copy as an
 * ES module, one as CommonJS, and more in contexts of their own (Jest, `node:vm`), each with a class of its
 * own. So `instanceof` says nothing.
 */
export function isRepriseError(error: unknown): error is RepriseError {
	return types.isNativeError(error) && error.name === 'RepriseError' && codeOf(error) !== undefined;
}

/** What went wrong, in words, whatever kind of value was thrown. */
export function messageOf(error: unknown): string {
	try {
		const { message } = (error ?? {}) as { message?: unknown };
		return typeof message === 'string' ? message : String(error);
	} catch {
		return `a value (${typeof error}) that has no text`;
	}
}

function codeOf(error: unknown): RepriseErrorCode | undefined {
	const { code } = (error ?? {}) as { code?: unknown };
	return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as RepriseErrorCode) : undefined;
}

/** The addon throws plain `Error`s with a `code`: here, and only here, they become `RepriseError`s. */
export function fromNative(error: unknown): RepriseError {
	if (isRepriseError(error)) return error;
	return new RepriseError(codeOf(error) ?? 'NATIVE_FAILED', messageOf(error), { cause: error });
}

/** Runs a synchronous native call, and turns what it throws into a `RepriseError`. */
export function callNative<T>(call: () => T): T {
	try {
		return call();
	} catch (error) {
		throw fromNative(error);
	}
}

/**
 * Runs an asynchronous native call, and rejects with a `RepriseError`, also where the call throws at once.
 */
export async function awaitNative<T>(call: () => Promise<T>): Promise<T> {
	try {
		return await call();
	} catch (error) {
		throw fromNative(error);
	}
}
