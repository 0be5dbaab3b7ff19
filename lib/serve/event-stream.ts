import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { SSEMessage } from 'hono/streaming';
import { unlessAborted } from '../abort.js';
import { type ApiError, type ApiErrorBody, toApiError } from './api-error.js';
import { servePackages } from './serve-packages.js';
import type { Call } from './service.js';

/** Writes the events of a stream; each waits until the client has room for it. */
export type Send = (data: object) => Promise<void>;

/** So long a client may take to read the error that ends its stream. */
const patienceMs = 2000;

/** How a stream's events are written. */
interface EventStyle {
	/** Of data, what is sent. `place` is the number of events before it. */
	message(data: object, place: number): SSEMessage;
	/** The data of the event that says why the answer has failed. */
	failure(error: ApiErrorBody): object;
	/** What follows the last event. */
	readonly last: string | null;
}

/** Events without a name, as those of chats and completions are. */
const unnamed: EventStyle = {
	message: (data) => ({ data: JSON.stringify(data) }),
	failure: (error) => error,
	last: '[DONE]',
};

/** Events that have their type for a name and are counted, as those of `/v1/responses` are. */
export const named: EventStyle = {
	message: (data, place) => ({
		...('type' in data && { event: String(data.type) }),
		data: JSON.stringify({ ...data, sequence_number: place }),
	}),
	failure: ({ error: { code, message, param } }) => ({ type: 'error', code, message, param }),
	last: null,
};

/**
 * Answers with server-sent events as OpenAI's API does: JSON in each, and an error as the last one where the answer
 * fails after it has begun.
 *
 * @param context - The request.
 * @param write - Writes the events, and rejects where the answer fails.
 * @param call - Learns where the client leaves, and how the answer ends.
 * @param style - How events are written.
 */
export function eventStream(
	context: Context,
	write: (send: Send) => Promise<void>,
	{ signal, abort, end }: Call,
	style = unnamed,
): Response {
	context.header('Cache-Control', 'no-store');
	context.header('X-Accel-Buffering', 'no');
	return servePackages().streamSSE(context, async (stream) => {
		stream.onAbort(abort);
		let failure: ApiError | null = null;
		let sent = 0;
		const next = (data: object) => style.message(data, sent++);
		// Where the client reads nothing, no error can be written either.
		let cut: NodeJS.Timeout | undefined;
		const { outgoing } = context.env as HttpBindings;
		const endSoon = () => {
			cut = setTimeout(() => outgoing.destroy(), patienceMs);
		};
		signal.addEventListener('abort', endSoon, { once: true });
		try {
			await write(async (data) => {
				if (stream.aborted) throw new Error('The client has gone');
				// A client that reads nothing any more would hold the session for ever.
				await unlessAborted(stream.writeSSE(next(data)), signal);
			});
			if (style.last !== null) await unlessAborted(stream.writeSSE({ data: style.last }), signal);
		} catch (error) {
			failure = toApiError(signal.aborted ? signal.reason : error);
			if (!stream.aborted) await stream.writeSSE(next(style.failure(failure.body))).catch(() => {});
		} finally {
			signal.removeEventListener('abort', endSoon);
			clearTimeout(cut);
			end(failure);
		}
	});
}
