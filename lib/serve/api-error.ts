import { types } from 'node:util';
import { isRepriseError, messageOf, type RepriseErrorCode } from '../errors.js';

/** The kinds of errors that OpenAI's API knows. */
type ApiErrorType =
	| 'invalid_request_error'
	| 'authentication_error'
	| 'rate_limit_error'
	| 'server_error'
	| 'timeout_error'
	| 'client_gone_error';

/** An error in the shape of OpenAI's API. */
export interface ApiErrorBody {
	readonly error: {
		readonly message: string;
		readonly type: ApiErrorType;
		readonly param: string | null;
		readonly code: string | null;
	};
}

/** What a request is answered where it cannot be served. */
export class ApiError extends Error {
	override readonly name = 'ApiError';
	/** 499, which nobody reads, where the client has gone: as nginx counts it. */
	readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 499 | 500 | 503 | 504;
	readonly type: ApiErrorType;
	readonly code: string | null;
	readonly param: string | null;

	constructor(
		status: ApiError['status'],
		type: ApiErrorType,
		message: string,
		code: string | null = null,
		param: string | null = null,
	) {
		super(message);
		this.status = status;
		this.type = type;
		this.code = code;
		this.param = param;
	}

	get body(): ApiErrorBody {
		const { message, type, param, code } = this;
		return { error: { message, type, param, code } };
	}
}

export const badRequest = (
	message: string,
	code: string | null = null,
	param: string | null = null,
): ApiError => new ApiError(400, 'invalid_request_error', message, code, param);

/** What a client sent is at fault; of all other errors the server is. */
const ofRequests: Partial<Record<RepriseErrorCode, string>> = {
	OPTION_INVALID: 'invalid_value',
	TEXT_INVALID: 'invalid_value',
	IMAGE_INVALID: 'invalid_image',
	PROMPT_EMPTY: 'invalid_value',
	SCHEMA_UNSUPPORTED: 'invalid_schema',
	GRAMMAR_INVALID: 'invalid_grammar',
	TEMPLATE_INVALID: 'invalid_messages',
	TEMPLATE_MISSING: 'no_chat_template',
	CONTEXT_OVERFLOW: 'context_length_exceeded',
	MODEL_INVALID: 'unsupported_by_model',
};

/** What the library's errors advise is said of its own options; here it is fields and flags that do the same. */
const words: ReadonlyArray<[library: RegExp, request: string]> = [
	[/pass one that does as the option template\b/, 'start the server with one that does as --template'],
	[/create the session with a larger contextLength/, 'start the server with a larger --context-length'],
	[/pass a JPEG, PNG, GIF or BMP file, or its pixels/, 'send a JPEG, PNG, GIF or BMP file'],
	[/\btoolChoice\b/g, 'tool_choice'],
	[/, or truncate: true/, ''],
	[/use rank, pass pooling, or load/, 'ask /v1/rerank, or serve'],
	[
		/pass reasoning: \{ budget: 0 \}, which ends it at once, or another template/,
		'start the server with another --template',
	],
	[/\bjsonSchema\b/g, 'the schema'],
	[/\bgrammar, json, the schema or schema\b/, 'grammar and no format'],
	[/\bmaxTokens\b/g, 'the tokens of the reply'],
];

const inWordsOfRequests = (message: string): string =>
	words.reduce((said, [library, request]) => said.replace(library, request), message);

/** Such an image is in order, and no other will be read either. */
const projectorFailed = /load (the model|it) again|use another model/;

/** Whether it is one, of whichever copy of this library; see `isRepriseError`. */
function isApiError(error: unknown): error is ApiError {
	return types.isNativeError(error) && error.name === 'ApiError';
}

/** What a request is answered where `error` was thrown. */
export function toApiError(error: unknown): ApiError {
	if (isApiError(error)) return error;
	if (!isRepriseError(error)) return new ApiError(500, 'server_error', messageOf(error), 'internal_error');
	if (error.code === 'IMAGE_INVALID' && projectorFailed.test(error.message))
		return new ApiError(500, 'server_error', error.message, 'projector_failed');
	const code = ofRequests[error.code];
	if (code !== undefined)
		return badRequest(
			inWordsOfRequests(error.message),
			code,
			/\bfor ([a-z_]+(?:[.[][\w.[\]]*)?) but received/.exec(error.message)?.[1] ?? null,
		);
	if (error.code === 'DISPOSED')
		return new ApiError(503, 'server_error', 'The server is shutting down', 'shutting_down');
	return new ApiError(500, 'server_error', error.message, error.code.toLowerCase());
}
