import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel, type Model } from '../../lib/index.js';
import type { Server, ServerOptions } from '../../lib/serve/server.js';
import { formModel } from '../support/models.js';
import { metric, modelName, openAi, post, serving, withServer } from './support/server.js';

let model: Model;
beforeAll(async () => {
	model = await loadModel(formModel);
	const logit_bias = Object.fromEntries(model.info.endTokens.map((token) => [token, -100]));
	endless = { ...hello, logit_bias, max_tokens: 100_000 };
});
afterAll(() => model.dispose());

const on = <T>(options: Partial<ServerOptions>, use: (server: Server) => Promise<T>) =>
	withServer(model, options, use);

const path = '/v1/chat/completions';
const hello = { model: modelName, messages: [{ role: 'user', content: 'Hello' }] };
/** It does not come to an end by itself. */
let endless: object;
const roomy = { session: { threads: 1, contextLength: 120_000 } };

async function until(what: () => Promise<boolean>): Promise<void> {
	while (!(await what())) await sleep(5);
}

const running = (server: Server) => metric(server, 'reprise_replies_running');

describe('who may ask', () => {
	test('a key is needed where the server has keys, for what is not its health', async () => {
		await on({ apiKeys: ['one', 'two'] }, async (server) => {
			for (const key of ['three', '', 'onetwo']) {
				const response = await post(server, path, hello, { headers: { Authorization: `Bearer ${key}` } });
				expect(response.status).toBe(401);
				expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
			}
			expect((await post(server, path, hello)).status).toBe(401);
			expect(
				(await openAi(server, 'two').chat.completions.create({ ...hello, max_tokens: 2 } as never)).choices,
			).toHaveLength(1);
			expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok' });
		});
	});

	test('on the loopback interface another name than this machine’s is refused', async () => {
		await on({}, async (server) => {
			const status = await new Promise((resolve, reject) => {
				httpRequest(server.url + path, { headers: { Host: 'evil.example' } }, ({ statusCode }) =>
					resolve(statusCode),
				)
					.on('error', reject)
					.end();
			});
			expect(status).toBe(403);
		});
	});

	test('pages of other origins may ask where they are named', async () => {
		const headers = { Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' };
		await on({}, async (server) => {
			const response = await fetch(server.url + path, { method: 'OPTIONS', headers });
			expect(response.headers.get('access-control-allow-origin')).toBeNull();
		});
		await on({ corsOrigins: ['https://example.org'] }, async (server) => {
			const response = await fetch(server.url + path, { method: 'OPTIONS', headers });
			expect(response.headers.get('access-control-allow-origin')).toBe('https://example.org');
		});
	});
});

describe('what is no request', () => {
	test.each([
		['no JSON', '{', 400],
		['nothing', '', 400],
		['null', 'null', 400],
		['a list', '[]', 400],
		['a number', '7', 400],
		['JSON nested very deep', '['.repeat(100_000), 400],
		['an object nested very deep', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, 400],
		[
			'a schema nested very deep',
			JSON.stringify({ ...hello, response_format: 'x' }).replace(
				'"x"',
				`{"type":"json_schema","json_schema":{"name":"a","schema":${'{"items":'.repeat(5000)}{}${'}'.repeat(5000)}}}`,
			),
			400,
		],
		['a grammar that is none', { ...hello, grammar: 'root ::= (' }, 400],
		['a prototype', '{"__proto__":{"messages":[]}}', 400],
		['a body that is too large', { ...hello, user: 'x'.repeat(70_000) }, 413],
	])('%s is refused', async (_, body, status) => {
		await on({ bodyBytes: 65_536 + (status === 400 ? 1_000_000 : 0) }, async (server) => {
			const response = await post(server, path, body);
			expect(response.status).toBe(status);
			expect(await response.json()).toMatchObject({
				error: { message: expect.any(String), type: 'invalid_request_error' },
			});
			expect((await post(server, path, { ...hello, max_tokens: 2 })).status).toBe(200);
		});
	});

	test.each([
		['GET', path, 405],
		['POST', '/v1/nothing', 404],
		['GET', '/v1/models/%E0%A4%A', 404],
		['DELETE', '/health', 404],
	])('%s %s is refused', async (method, where, status) => {
		await on({}, async ({ url }) => {
			const response = await fetch(url + where, { method });
			expect(response.status).toBe(status);
			expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
		});
	});

	test('bytes that are no HTTP leave the server as it was', async () => {
		await on({}, async (server) => {
			const { port } = new URL(server.url);
			await new Promise<void>((resolve) => {
				const socket = connect(Number(port), '127.0.0.1', () => socket.write('\0\xff nonsense\r\n\r\n'));
				socket
					.on('close', () => resolve())
					.on('error', () => {})
					.resume();
			});
			expect((await fetch(`${server.url}/health`)).status).toBe(200);
		});
	});
});

describe('replies end', () => {
	test('where the client goes, within a pass', async () => {
		await on(roomy, async (server) => {
			for (const stream of [true, false]) {
				const gone = new AbortController();
				const asked = post(server, path, { ...endless, stream }, { signal: gone.signal });
				asked.catch(() => {});
				await until(async () => (await running(server)) === 1);
				gone.abort();
				await until(async () => (await running(server)) === 0);
			}
		});
	});

	test('when their time is up', async () => {
		await on({ ...roomy, timeoutMs: 50 }, async (server) => {
			const response = await post(server, path, endless);
			expect(response.status).toBe(504);
			expect(await response.json()).toMatchObject({ error: { code: 'timeout', type: 'timeout_error' } });
			const streamed = await (await post(server, path, { ...endless, stream: true })).text();
			expect(streamed.trimEnd().split('\n').at(-1)).toContain('"code":"timeout"');
			expect(streamed).not.toContain('[DONE]');
		});
	});

	/** A client that asks, and reads no byte of the answer. */
	const unread = (server: Server, request: object) => {
		const { port } = new URL(server.url);
		const body = JSON.stringify({ ...request, stream: true, n: 4, logprobs: true, top_logprobs: 20 });
		const socket = connect(Number(port), '127.0.0.1');
		socket.pause();
		socket.on('error', () => {});
		socket.write(
			`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
		);
		return socket;
	};

	test('with their last token, though the client has read nothing', async () => {
		await on(roomy, async (server) => {
			const socket = unread(server, { ...endless, max_tokens: 1500 });
			await until(async () => (await running(server)) === 4);
			await until(async () => (await running(server)) === 0);
			expect((await post(server, path, { ...hello, max_tokens: 2 })).status).toBe(200);
			socket.destroy();
			// It was cut off while there was more to read.
			const cut = `reprise_requests_total{route="${path}",status="499"}`;
			await until(async () => (await metric(server, cut).catch(() => 0)) === 1);
		});
	});

	test('where the client reads nothing any more, when their time is up', async () => {
		await on({ ...roomy, timeoutMs: 2500 }, async (server) => {
			const socket = unread(server, endless);
			await until(async () => (await running(server)) === 4);
			await until(async () => (await running(server)) === 0);
			const requests = `reprise_requests_total{route="${path}",status="504"}`;
			await until(async () => (await metric(server, requests).catch(() => 0)) === 1);
			expect((await post(server, path, { ...hello, max_tokens: 2 })).status).toBe(200);
			socket.destroy();
		});
	});

	test('when the server is closed', async () => {
		const server = await serving(model, roomy);
		const asked = post(server, path, endless);
		await until(async () => (await running(server)) === 1);
		await server.close();
		const response = await asked;
		expect(await response.json()).toMatchObject({ error: { code: 'shutting_down' } });
		expect(response.status).toBe(503);
		await expect(fetch(`${server.url}/health`)).rejects.toThrow();
	});
});

test('beyond the queue requests get 429, and those in it their turn', async () => {
	await on({ ...roomy, parallel: 1, queue: 2 }, async (server) => {
		const gone = new AbortController();
		post(server, path, endless, { signal: gone.signal }).catch(() => {});
		await until(async () => (await running(server)) === 1);
		const waiting = [1, 2].map(() => post(server, path, { ...hello, max_tokens: 2 }));
		await until(async () => (await metric(server, 'reprise_requests_waiting')) === 2);
		const refused = await post(server, path, hello);
		expect(refused.status).toBe(429);
		expect(refused.headers.get('retry-after')).toBe('1');
		expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'queue_full' } });
		gone.abort();
		expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
	});
});

test('a client that goes while it waits makes room for others', async () => {
	await on({ ...roomy, parallel: 1, queue: 1 }, async (server) => {
		const [first, second] = [new AbortController(), new AbortController()];
		post(server, path, endless, { signal: first.signal }).catch(() => {});
		await until(async () => (await running(server)) === 1);
		post(server, path, hello, { signal: second.signal }).catch(() => {});
		await until(async () => (await metric(server, 'reprise_requests_waiting')) === 1);
		second.abort();
		await until(async () => (await metric(server, 'reprise_requests_waiting')) === 0);
		first.abort();
	});
});
