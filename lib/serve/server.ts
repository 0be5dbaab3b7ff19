import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ServerType } from '@hono/node-server';
import type { TemplateOptions } from '../chat.js';
import { Admission } from '../conversations/admission.js';
import { Conversations } from '../conversations/conversations.js';
import { RepriseError } from '../errors.js';
import type { Model } from '../model.js';
import { defaultContextLength, type SessionOptions } from '../session-options.js';
import { ApiError } from './api-error.js';
import { type Access, makeApp } from './app.js';
import { servePackages } from './serve-packages.js';
import { ServerMetrics } from './server-metrics.js';
import type { Service } from './service.js';

/** Where a server listens, whom it serves, and how much at a time. */
export interface ServerOptions extends Omit<Access, 'isLocal'> {
	readonly name: string;
	readonly host: string;
	/** 0 takes any that is free. */
	readonly port: number;
	/** Replies at a time. */
	readonly parallel: number;
	/** Requests that wait, at most. */
	readonly queue: number;
	/** Conversations that are kept for their next turn. */
	readonly keep: number;
	readonly timeoutMs: number;
	readonly session: SessionOptions;
	readonly template: TemplateOptions;
}

/** A server that listens. */
export interface Server {
	/** Where it is reached, as `http://127.0.0.1:8080`. */
	readonly url: string;
	/** Ends what is generated, and resolves when nothing is left. */
	close(): Promise<void>;
}

/** Clients that have gone silent are cut off after so long. */
const patienceMs = 2000;

/** Serves a model over HTTP, by OpenAI's API. The model stays the caller's. */
export async function startServer(model: Model, options: ServerOptions): Promise<Server> {
	const { name, host, port, parallel, queue, timeoutMs } = options;
	const admission = new Admission(parallel, { most: queue, refusal: queueFull });
	const opened = await openConversations(model, options, admission);
	const closing = new AbortController();
	// Every request listens, and Node.js would take more than ten for a leak.
	setMaxListeners(0, closing.signal);
	const service: Service = {
		model,
		name,
		conversations: opened?.conversations ?? null,
		admission,
		metrics: new ServerMetrics(admission),
		parallel,
		created: Math.floor(Date.now() / 1000),
		timeoutMs,
		closing: closing.signal,
	};
	const { serve } = servePackages();
	const app = makeApp(service, { ...options, isLocal: isLoopback(host) });
	const http = await listening(serve({ fetch: app.fetch, hostname: host, port }), host, port);
	const { port: actual } = http.address() as AddressInfo;
	const close = async () => {
		closing.abort(new ApiError(503, 'server_error', 'The server is shutting down', 'shutting_down'));
		const closed = new Promise<void>((resolve) => http.close(() => resolve()));
		// A connection is idle when its answer has gone, and nobody says so.
		const sweeping = setInterval(() => 'closeIdleConnections' in http && http.closeIdleConnections(), 10);
		const impatient = setTimeout(
			() => 'closeAllConnections' in http && http.closeAllConnections(),
			patienceMs,
		);
		await closed;
		clearInterval(sweeping);
		clearTimeout(impatient);
		await opened?.conversations.dispose();
		await opened?.session.dispose();
	};
	return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`, close };
}

/** A session and the conversations in it; null of a model that does not generate. */
async function openConversations(model: Model, options: ServerOptions, admission: Admission) {
	if (model.info.generationFault) return null;
	const session = await model.createSession({ maxSequences: sequencesFor(options), ...options.session });
	const contextLength = options.session.contextLength ?? defaultContextLength(model.info);
	const root = session.chat(withTemplate(model, options.template));
	return {
		session,
		conversations: new Conversations(root, { admission, keep: options.keep, contextLength }),
	};
}

/** Each reply has one, each prompt, and each conversation that is kept; the rest are for trees of drafts. */
const sequencesFor = ({ parallel, keep }: ServerOptions): number => Math.max(64, 2 * parallel + keep + 16);

const queueFull = (waiting: number) =>
	new ApiError(
		429,
		'rate_limit_error',
		`${waiting} requests are waiting already; try again later`,
		'queue_full',
	);

/** A model without a chat template serves all else. */
function withTemplate({ info }: Model, template: TemplateOptions): TemplateOptions {
	if (info.chatTemplate || template.template !== undefined) return template;
	const reason = 'the model has none; start the server with --template, or ask /v1/completions';
	return { ...template, template: `{{ raise_exception('${reason}') }}` };
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

async function listening(server: ServerType, host: string, port: number): Promise<ServerType> {
	await new Promise<void>((resolve, reject) => {
		server.once('listening', resolve);
		server.once('error', (cause: Error) =>
			reject(
				new RepriseError(
					'OPTION_INVALID',
					`Cannot listen on ${host}:${port}: ${cause.message}; pass another host or port`,
					{
						cause,
					},
				),
			),
		);
	});
	return server;
}
