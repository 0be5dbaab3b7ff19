import { randomBytes } from 'node:crypto';
import type { Admission } from '../conversations/admission.js';
import type { Conversations, Lease, Wish } from '../conversations/conversations.js';
import type { Model } from '../model.js';
import { ApiError, badRequest } from './api-error.js';
import type { ServerMetrics } from './server-metrics.js';

/** What the routes of a server share. */
export interface Service {
	readonly model: Model;
	/** What the model is called. */
	readonly name: string;
	/** null where the model does not generate, as one for embeddings. */
	readonly conversations: Conversations | null;
	readonly admission: Admission;
	readonly metrics: ServerMetrics;
	/** Replies at a time, which no request may go beyond. */
	readonly parallel: number;
	/** When the server began, in seconds since 1970. */
	readonly created: number;
	/** The seconds that a request may take. */
	readonly timeoutMs: number;
	/** Fires when the server ends. */
	readonly closing: AbortSignal;
}

/** A request on its way through a route. */
export interface Call {
	/** When it came, in seconds since 1970. */
	readonly created: number;
	/** Fires where the client has gone, the time is up, or the server ends. */
	readonly signal: AbortSignal;
	/** Ends it, since the client has gone. */
	readonly abort: () => void;
	/** Says that a stream has ended: with an error, or with null. */
	readonly end: (error: ApiError | null) => void;
}

/** Why a request was ended that took too long. */
export const timedOut = (timeoutMs: number): ApiError =>
	new ApiError(
		504,
		'timeout_error',
		`The request took longer than ${timeoutMs / 1000} s; ask for fewer tokens, or start the server with a longer --timeout`,
		'timeout',
	);

export const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString('base64url')}`;

/** Throws where a request wants another model, or more replies than the server generates at a time. */
export function requireServed(service: Service, model: string | undefined, count: number): void {
	if (model !== undefined && model !== service.name && !anyModel.includes(model))
		throw new ApiError(
			404,
			'invalid_request_error',
			`There is no model "${model}" here; this server has "${service.name}"`,
			'model_not_found',
			'model',
		);
	if (count > service.parallel)
		throw new ApiError(
			400,
			'invalid_request_error',
			`Expected at most ${service.parallel} replies for n but received ${count}; start the server with a greater --parallel`,
			'invalid_value',
			'n',
		);
}

/** Names that stand for whatever model there is. */
const anyModel: readonly string[] = ['default'];

/** Waits for a turn and computes the prompt, which is counted. Rejects where the model does not generate. */
export async function begin(service: Service, wish: Wish, signal: AbortSignal): Promise<Lease> {
	if (!service.conversations)
		throw badRequest(
			`The model of this server does not generate (${service.model.info.generationFault}); ask /v1/embeddings, or /v1/rerank where it ranks`,
			'unsupported_by_model',
		);
	const lease = await service.conversations.lease(wish, signal);
	service.metrics.countPrompt(lease.prompt);
	return lease;
}
