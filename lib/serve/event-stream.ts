import type { Context } from 'hono';
import { type ApiErrorBody, toApiError } from './api-error.js';
import { servePackages } from './serve-packages.js';
import type { Call } from './service.js';

/** Writes the events of a stream; each waits until the client has room for it. */
export type Send = (data: object) => Promise<void>;

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
		try {
			await write(async (data) => {
				if (stream.aborted) throw new Error('The client has gone');
				await stream.writeSSE({ data: JSON.stringify(data) });
			});
			await stream.writeSSE({ data: '[DONE]' });
		} catch (error) {
			failure = toApiError(signal.aborted ? signal.reason : error).body;
			if (!stream.aborted) await stream.writeSSE({ data: JSON.stringify(failure) });
		} finally {
			end(failure);
		}
	});
}
