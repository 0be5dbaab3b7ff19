import OpenAI from 'openai';
import type { Model } from '../../../lib/index.js';
import { type Server, type ServerOptions, startServer } from '../../../lib/serve/server.js';

export const modelName = 'small';

/** A server of the library's own code on a free port of the loopback interface. */
export const serving = (model: Model, options: Partial<ServerOptions> = {}): Promise<Server> =>
	startServer(model, {
		name: modelName,
		host: '127.0.0.1',
		port: 0,
		parallel: 4,
		queue: 64,
		keep: 8,
		timeoutMs: 60_000,
		apiKeys: [],
		corsOrigins: [],
		bodyBytes: 2 ** 25,
		session: { threads: 1, contextLength: 4096 },
		template: {},
		...options,
	});

/** OpenAI's own client, which tries nothing again. */
export const openAi = ({ url }: Server, apiKey = 'none'): OpenAI =>
	new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

export function post(
	{ url }: Server,
	path: string,
	body: unknown,
	init: RequestInit = {},
): Promise<Response> {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const headers = { 'Content-Type': 'application/json', ...init.headers };
	return fetch(url + path, { method: 'POST', body: text, ...init, headers });
}

/** The figure of a line of `/metrics`. */
export async function metric({ url }: Server, line: string): Promise<number> {
	const text = await (await fetch(`${url}/metrics`)).text();
	const found = text.split('\n').find((one) => one.startsWith(`${line} `));
	if (found === undefined) throw new Error(`There is no ${line} among the metrics`);
	return Number(found.slice(line.length + 1));
}

/** What `use` gives of a server that is closed after it. */
export async function withServer<T>(
	model: Model,
	options: Partial<ServerOptions>,
	use: (server: Server) => Promise<T>,
): Promise<T> {
	const server = await serving(model, options);
	try {
		return await use(server);
	} finally {
		await server.close();
	}
}
