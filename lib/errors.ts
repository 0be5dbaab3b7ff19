import { types } from 'node:util';

/** All codes of this library's errors. cpp/engine/error.h has those that the addon gives. */
export const errorCodes = [
	/** The native addon has not been built for this platform. */
	'ADDON_MISSING',
	/** The path of a model does not exist. */
	'MODEL_NOT_FOUND',
	/** Not a GGUF file that llama.cpp can load: a directory, truncated, another format, an unknown architecture. */
	'MODEL_INVALID',
	/** The model holds a vocabulary but no weights. */
	'MODEL_VOCAB_ONLY',
	'OUT_OF_MEMORY',
	/** Prompt and output do not fit the context. */
	'CONTEXT_OVERFLOW',
	/** The family's sequences are all in use: too many forks for `maxSequences`. */
	'SEQUENCES_EXHAUSTED',
	'PROMPT_EMPTY',
	/** Text that has no UTF-8 form: a lone surrogate. */
	'TEXT_INVALID',
	/** The GBNF grammar cannot be parsed or followed: it is too large, or no token goes on as it wants. */
	'GRAMMAR_INVALID',
	/** An option or argument of an unknown name, the wrong type or out of range. */
	'OPTION_INVALID',
	/** The session is computing; wait for it, abort it, or use a fork. */
	'SESSION_BUSY',
	/** Used after `dispose()`. */
	'DISPOSED',
	/** Ended by an `AbortSignal`. */
	'ABORTED',
	/** A state file of another model or of other weights, or of a session with other cache types. */
	'STATE_MISMATCH',
	/** A state file could not be read or written. */
	'STATE_IO',
	/** llama.cpp failed to compute a batch, or the model computed no number. */
	'DECODE_FAILED',
	/** The model has no chat template and none was given. */
	'TEMPLATE_MISSING',
	/** The chat template cannot be parsed, or refuses the messages. */
	'TEMPLATE_INVALID',
	/** A `tokenizer.json` that cannot be read or used. */
	'TOKENIZER_INVALID',
	/** A verifier threw, took too long, gave no verdict or could not do its work: a command that does not exist. */
	'VERIFIER_FAILED',
	/** The log to go on from was written by another strategy or for another task. */
	'LOG_MISMATCH',
	/** A failure the addon gives no code for. */
	'NATIVE_FAILED',
] as const;

export type RepriseErrorCode = (typeof errorCodes)[number];

/** Every error of this library: `code` says which, `message` what was wrong and what to do. */
export class RepriseError extends Error {
	override readonly name = 'RepriseError';
	readonly code: RepriseErrorCode;

	constructor(code: RepriseErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}

/**
 * Whether it is one, of whichever copy of this library: a process may hold one as an ES module, one as CommonJS,
 * and more in contexts of their own (Jest, `node:vm`), each with a class of its own. So `instanceof` says nothing.
 */
export function isRepriseError(error: unknown): error is RepriseError {
	return types.isNativeError(error) && error.name === 'RepriseError' && codeOf(error) !== undefined;
}

/** What went wrong in words, whatever was thrown. */
export function messageOf(error: unknown): string {
	if (types.isNativeError(error)) return error.message;
	const { message } = (error ?? {}) as { message?: unknown };
	return typeof message === 'string' ? message : String(error);
}

function codeOf(error: unknown): RepriseErrorCode | undefined {
	const { code } = (error ?? {}) as { code?: unknown };
	return errorCodes.find((known) => known === code);
}

/** The addon throws plain `Error`s with a `code`: here, and only here, they become `RepriseError`s. */
export function fromNative(error: unknown): RepriseError {
	if (isRepriseError(error)) return error;
	return new RepriseError(codeOf(error) ?? 'NATIVE_FAILED', messageOf(error), { cause: error });
}

/** Runs a synchronous native call. */
export function callNative<T>(call: () => T): T {
	try {
		return call();
	} catch (error) {
		throw fromNative(error);
	}
}

/** Runs an asynchronous native call; also what it throws before it returns its promise is rejected. */
export async function awaitNative<T>(call: () => Promise<T>): Promise<T> {
	try {
		return await call();
	} catch (error) {
		throw fromNative(error);
	}
}
