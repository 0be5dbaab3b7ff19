import { createHash, timingSafeEqual } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { types } from 'node:util';
import type { Context, Hono } from 'hono';
import { onAbort } from '../abort.js';
import { ApiError, toApiError } from './api-error.js';
import { readPage } from './page.js';
import { chatCompletions } from './routes/chat-completions.js';
import { completions } from './routes/completions.js';
import { embeddings } from './routes/embeddings.js';
import { rerank } from './routes/rerank.js';
import { responses } from './routes/responses.js';
import { servePackages } from './serve-packages.js';
import { type Call, requireServed, type Service, timedOut } from './service.js';

/** Who may ask what. */
export interface Access {
	/** Keys of which a request must bring one; without any, none is needed. */
	readonly apiKeys: readonly string[];
	/** Origins whose pages may ask, as CORS has them; `*` stands for all. */
	readonly corsOrigins: readonly string[];
	/** The bytes of a body, at most. */
	readonly bodyBytes: number;
	/** Whether names of this machine alone may be asked for: a page of another site then has no way to ask. */
	readonly isLocal: boolean;
}

type Route = (service: Service, context: Context, call: Call) => Promise<Response>;

const posts: Readonly<Record<string, Route>> = {
	'/v1/chat/completions': chatCompletions,
	'/v1/completions': completions,
	'/v1/embeddings': embeddings,
	'/v1/rerank': rerank,
	'/v1/responses': responses,
};

/** All that a server answers. */
export function makeApp(service: Service, access: Access): Hono {
	const { Hono, bodyLimit, cors } = servePackages();
	const app = new Hono();
	if (access.corsOrigins.length > 0)
		app.use(cors({ origin: access.corsOrigins.includes('*') ? '*' : [...access.corsOrigins] }));
	if (access.isLocal)
		app.use(async ({ req }, next) => {
			requireLocal(req.header('host'));
			await next();
		});
	app.use('/v1/*', async ({ req }, next) => {
		requireKey(access.apiKeys, req.header('authorization'));
		await next();
	});
	app.use(
		bodyLimit({
			maxSize: access.bodyBytes,
			onError: () => {
				throw new ApiError(
					413,
					'invalid_request_error',
					`The body has more than ${access.bodyBytes} bytes; send less, or start the server with a greater --body-bytes`,
					'body_too_large',
				);
			},
		}),
	);

	const card = { id: service.name, object: 'model', created: service.created, owned_by: 'reprise' };
	app.get('/v1/models', (context) => context.json({ object: 'list', data: [card] }));
	app.get('/v1/models/:name{.+}', (context) => {
		requireServed(service, context.req.param('name'), 1);
		return context.json(card);
	});
	for (const [path, route] of Object.entries(posts))
		app.post(path, (context) => answer(service, context, path, route));
	app.get('/health', (context) => context.json({ status: 'ok' }));
	app.get('/metrics', async (context) => {
		const { type, text } = await service.metrics.text();
		return context.body(text, 200, { 'Content-Type': type });
	});
	const page = readPage();
	app.get('/', (context) =>
		context.html(page, 200, {
			'Content-Security-Policy':
				"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		}),
	);
	app.notFound((context) => {
		const known = Object.hasOwn(posts, context.req.path);
		const error = known
			? new ApiError(
					405,
					'invalid_request_error',
					`${context.req.path} takes POST alone`,
					'method_not_allowed',
				)
			: new ApiError(404, 'invalid_request_error', `There is no ${context.req.path} here`, 'not_found');
		return failed(context, error);
	});
	app.onError((error, context) => {
		const found = toApiError(error);
		// Those that a route has taken are counted there.
		const { path } = context.req;
		service.metrics.countRequest(Object.hasOwn(posts, path) ? path : 'other', found.status);
		return failed(context, found);
	});
	return app;
}

/** Takes a request through a route, and ends it where the client goes, the time is up or the server ends. */
async function answer(service: Service, context: Context, path: string, route: Route): Promise<Response> {
	const began = performance.now();
	const gone = new AbortController();
	const late = setTimeout(() => gone.abort(timedOut(service.timeoutMs)), service.timeoutMs);
	const leave = () =>
		gone.abort(new ApiError(499, 'client_gone_error', 'The client has gone', 'client_gone'));
	const { signal } = gone;
	const { closing } = service;
	const close = () => gone.abort(closing.reason);
	if (closing.aborted) close();
	// A signal made of both by AbortSignal.any would stay with the server's for ever.
	const unsubscribe = [onAbort(context.req.raw.signal, leave), onAbort(closing, close)];
	const count = (status: number) => {
		clearTimeout(late);
		for (const end of unsubscribe) end();
		service.metrics.countRequest(path, status, performance.now() - began);
	};
	// Each of several replies listens.
	setMaxListeners(0, signal);
	let isStream = false;
	try {
		requireJson(context.req.header('content-type'));
		const response = await route(service, context, {
			created: Math.floor(Date.now() / 1000),
			signal,
			abort: leave,
			end: (error: ApiError | null) => count(error?.status ?? 200),
		});
		isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
		if (!isStream) count(response.status);
		return response;
	} catch (error) {
		const found = toApiError(signal.aborted ? signal.reason : isSyntaxError(error) ? notJson(error) : error);
		count(found.status);
		return failed(context, found);
	}
}

function failed(context: Context, error: ApiError): Response {
	if (error.status === 429) context.header('Retry-After', '1');
	if (error.status === 401) context.header('WWW-Authenticate', 'Bearer');
	// 499 is no status that HTTP knows.
	return context.json(error.body, error.status === 499 ? 400 : error.status);
}

const isSyntaxError = (error: unknown): error is SyntaxError =>
	types.isNativeError(error) && error.name === 'SyntaxError';

const notJson = ({ message }: SyntaxError) =>
	new ApiError(400, 'invalid_request_error', `The body is no JSON: ${message}`, 'invalid_json');

/** A page of another site can send a text, but no JSON, without asking first. */
function requireJson(type: string | undefined): void {
	if (type !== undefined && /^application\/json\s*(;|$)/i.test(type)) return;
	throw new ApiError(
		415,
		'invalid_request_error',
		`Expected the Content-Type application/json but received ${type ?? 'none'}`,
		'unsupported_media_type',
	);
}

/** A name of another site may lead to this machine, too: then a page of that site would be one of this server's. */
function requireLocal(host: string | undefined): void {
	if (host === undefined || /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)) return;
	throw new ApiError(
		403,
		'invalid_request_error',
		`This server is asked by names of this machine alone, not as ${host}; start it with --host to serve others`,
		'host_not_allowed',
	);
}

function requireKey(keys: readonly string[], authorization: string | undefined): void {
	if (keys.length === 0) return;
	const given = digest(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
	// All are compared, so that the time says nothing.
	if (keys.map((key) => timingSafeEqual(digest(key), given)).includes(true)) return;
	throw new ApiError(
		401,
		'authentication_error',
		'Expected a key of this server as "Authorization: Bearer KEY"',
		'invalid_api_key',
	);
}

const digest = (text: string) => createHash('sha256').update(text).digest();
