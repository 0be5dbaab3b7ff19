import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { unlessAborted } from '../abort.js';
import { type ApiErrorBody, toApiError } from './api-error.js';
import { servePackages } from './serve-packages.js';
import type { Call } from './service.js';

/** Writes the events of a stream; each waits until the client has room for it. */
export type Send = (data: object) => Promise<void>;

/** So long a client may take to read the error that ends its stream. */
const patienceMs = 2000;

/**
 * Answers with server-sent events as OpenAI's API does: JSON in each, `[DONE]` at the end, and an error as the last one
 * where the answer fails after it has begun.
 *
 * @param context - The request.
 * @param write - Writes the events, and rejects where the answer fails.
 * @param call - Learns where the client leaves, and how the answer ends.
 */
export function eventStream(
	context: Context,
	write: (send: Send) => Promise<void>,
	{ signal, abort, end }: Call,
): Response {
	context.header('Cache-Control', 'no-store');
	context.header('X-Accel-Buffering', 'no');
	return servePackages().streamSSE(context, async (stream) => {
		stream.onAbort(abort);
		let failure: ApiErrorBody | null = null;
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
				await unlessAborted(stream.writeSSE({ data: JSON.stringify(data) }), signal);
			});
			await unlessAborted(stream.writeSSE({ data: '[DONE]' }), signal);
		} catch (error) {
			failure = toApiError(signal.aborted ? signal.reason : error).body;
			if (!stream.aborted) await stream.writeSSE({ data: JSON.stringify(failure) }).catch(() => {});
		} finally {
			signal.removeEventListener('abort', endSoon);
			clearTimeout(cut);
			end(failure);
		}
	});
}
