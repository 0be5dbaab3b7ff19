import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { downloadModel, loadModel } from '../../lib/index.js';
import { redirectsInCircles, refuses, sends, TestHub } from '../support/hub.js';
import { freshCaches } from '../support/hub-cache.js';

const content = readFileSync(fileURLToPath(new URL('../../models/tiny-edit-1m.gguf', import.meta.url)));
const file = 'tiny-edit-1m.Q4_K_M.gguf';
const name = `hf:reprise/tiny/${file}`;

const hub = await TestHub.start();
hub.commit('reprise/tiny', { [file]: content });
const cache = freshCaches(hub);

const host = () => new URL(hub.endpoint).host;
const few = { hub: { maxRetries: 1, timeoutMs: 300 } };

/** What `downloadModel` rejects with. */
async function refusal(of = name, options = few): Promise<{ code: string; message: string }> {
	const error = await downloadModel(of, options).catch((reason: unknown) => reason);
	expect(error).toMatchObject({ name: 'RepriseError' });
	return error as { code: string; message: string };
}

describe('the hub', () => {
	test('that does not have the repository says so to who has a token', async () => {
		process.env.HF_TOKEN = 'hf_abc';
		expect(await refusal('hf:reprise/none')).toMatchObject({
			code: 'MODEL_NOT_FOUND',
			message: `reprise/none on ${host()} does not exist (404): check the name`,
		});
	});

	test('keeps that from others, and the error names both reasons and HF_TOKEN', async () => {
		const message = `There is no reprise/none on ${host()}, or it is private (401): check the name; set HF_TOKEN to a token that may read it`;
		expect(await refusal('hf:reprise/none')).toMatchObject({ code: 'HUB_DENIED', message });
	});

	test('that wants its terms accepted is said to, where the content is refused', async () => {
		const gated = refuses(403, 'GatedRepo', 'Access to model reprise/tiny is restricted');
		hub.always('resolve', gated);
		const page = `reprise/tiny is gated (403): accept its terms at ${hub.endpoint}/reprise/tiny, and`;
		expect(await refusal()).toMatchObject({
			code: 'HUB_DENIED',
			message: `${page} set HF_TOKEN to a token that may read it`,
		});
		process.env.HF_TOKEN = 'hf_abc';
		expect((await refusal()).message).toBe(`${page} the token that was given has no access to it`);
	});

	test('that does not have the revision, the file or the tag says what there is', async () => {
		expect(await refusal('hf:reprise/tiny@v9')).toMatchObject({
			code: 'MODEL_NOT_FOUND',
			message: expect.stringContaining('has no such revision (404)'),
		});
		expect((await refusal('hf:reprise/tiny/tiny-edit-1m.Q4_K_S.gguf')).message).toContain(
			`did you mean ${file}?`,
		);
		expect((await refusal('hf:reprise/tiny:Q4_K_S')).message).toContain('did you mean Q4_K_M?');
	});

	test.each([500, 502, 503, 504, 429, 408])('that answers %i once is asked again', async (status) => {
		hub.next('revision', refuses(status));
		hub.next('tree', refuses(status));
		hub.next('content', refuses(status));
		await downloadModel(name);
		expect(hub.requests.map(({ kind }) => kind)).toEqual([
			...['revision', 'revision', 'tree', 'tree'],
			...['resolve', 'content', 'resolve', 'content'],
		]);
	});

	test('that goes on with 500 is given up', async () => {
		hub.always('revision', refuses(500));
		expect(await refusal()).toMatchObject({
			code: 'HUB_UNAVAILABLE',
			message: `The hub at ${hub.endpoint} failed (500), 2 times in a row`,
		});
		expect(hub.requests).toHaveLength(2);
	});

	test('that asks for patience is given it, by seconds and by a date', async () => {
		// A date has whole seconds, so it is a second less ahead at most.
		const waits = [() => '1', () => new Date(Date.now() + 3000).toUTCString()];
		for (const after of waits) {
			hub.next('revision', refuses(429, undefined, 'Too many requests', { 'retry-after': after() }));
			const begun = performance.now();
			await downloadModel(name);
			expect(performance.now() - begun).toBeGreaterThan(950);
			rmSync(cache(), { recursive: true });
		}
	});

	test('that asks for more than minutes is not waited for', async () => {
		hub.always('revision', refuses(429, undefined, 'Too many requests', { 'retry-after': '3600' }));
		expect(await refusal()).toMatchObject({
			code: 'HUB_UNAVAILABLE',
			message: expect.stringMatching(/has had too many requests \(429\), and asks to wait 3600 s$/),
		});
	});

	test('that always has too many requests is given up', async () => {
		hub.always('revision', refuses(429, undefined, 'Too many requests', { 'retry-after': '0' }));
		expect((await refusal()).code).toBe('HUB_UNAVAILABLE');
		expect(hub.requests).toHaveLength(2);
	});

	test('that redirects in circles is not followed for ever', async () => {
		hub.always('resolve', redirectsInCircles);
		expect(await refusal()).toMatchObject({
			code: 'HUB_UNAVAILABLE',
			message: 'The hub redirects without end',
		});
	});

	test('that is silent is given up', async () => {
		hub.always('tree', () => {});
		expect((await refusal()).message).toMatch(/said nothing for 0\.3 s, 2 times in a row$/);
	});

	test('that is not there is named', async () => {
		const free = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => free.once('listening', resolve));
		const endpoint = `http://127.0.0.1:${(free.address() as AddressInfo).port}`;
		await new Promise((resolve) => free.close(resolve));
		expect(await refusal(name, { hub: { ...few.hub, endpoint } } as typeof few)).toMatchObject({
			code: 'HUB_UNAVAILABLE',
			message: expect.stringMatching(
				/^The hub at http:\/\/127\.0\.0\.1:\d+ cannot be reached, or broke off: .*ECONNREFUSED/,
			),
		});
	});

	test.each([
		['no JSON', '<html>'],
		['no listing', '{}'],
		['null', 'null'],
	])('that answers with %s is said to', async (_, text) => {
		hub.always('tree', (response) =>
			response.writeHead(200, { 'content-type': 'application/json' }).end(text),
		);
		expect(await refusal()).toMatchObject({
			code: 'HUB_UNAVAILABLE',
			message: expect.stringContaining('gave an answer that cannot be read'),
		});
	});

	test('that gives no commit is said to', async () => {
		hub.always('revision', (response) =>
			response.writeHead(200, { 'content-type': 'application/json' }).end('{"sha":"../../x"}'),
		);
		expect((await refusal()).message).toContain('gave no commit for the revision main');
	});

	test('whose listing goes on at another hub is not followed there', async () => {
		hub.always('tree', (response) => {
			response.setHeader('link', `<${hub.delivery}/next>; rel="next"`);
			response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
		});
		expect((await refusal()).message).toContain('leads to another hub');
	});
});

describe('a token', () => {
	const authorizations = () =>
		new Set(hub.requests.map(({ kind, authorization }) => `${kind} ${authorization}`));
	const withToken = (token: string) =>
		new Set([
			`revision Bearer ${token}`,
			`tree Bearer ${token}`,
			`resolve Bearer ${token}`,
			// Another host delivers, and its address says who may have it.
			'content undefined',
		]);

	test('comes from HF_TOKEN, and the hub alone gets it', async () => {
		process.env.HF_TOKEN = 'hf_env';
		await downloadModel(name);
		expect(authorizations()).toEqual(withToken('hf_env'));
	});

	test('comes from the file that a login leaves', async () => {
		mkdirSync(dirname(cache()), { recursive: true });
		writeFileSync(join(dirname(cache()), 'token'), 'hf_file\n');
		await downloadModel(name);
		expect(authorizations()).toEqual(withToken('hf_file'));
	});

	test('comes from the option first', async () => {
		process.env.HF_TOKEN = 'hf_env';
		await downloadModel(name, { hub: { token: 'hf_option' } });
		expect(authorizations()).toEqual(withToken('hf_option'));
	});

	test('that no header can hold is refused, and not shown', async () => {
		process.env.HF_TOKEN = 'hf secret\n';
		const { code, message } = await refusal();
		expect(code).toBe('OPTION_INVALID');
		expect(message).toMatch(/HF_TOKEN/);
		expect(message).not.toMatch(/secret/);
	});
});

describe('without the hub', () => {
	test('what is in the cache is taken where offline mode is on, by the variable or the option', async () => {
		const { path } = await downloadModel(name);
		hub.requests.length = 0;
		expect((await downloadModel('hf:reprise/tiny', { hub: { offline: true } })).path).toBe(path);
		process.env.HF_HUB_OFFLINE = '1';
		expect((await downloadModel('hf:reprise/tiny:Q4_K_M')).path).toBe(path);
		await using model = await loadModel(name);
		expect(model.info.architecture).toBe('llama');
		expect(hub.requests).toEqual([]);
	});

	test('what is not in the cache is refused where offline mode is on', async () => {
		process.env.HF_HUB_OFFLINE = '1';
		expect(await refusal()).toMatchObject({
			code: 'MODEL_NOT_CACHED',
			message: expect.stringMatching(
				/^hf:reprise\/tiny\/tiny-edit-1m\.Q4_K_M\.gguf is not in the cache at .*HF_HUB_OFFLINE=0/,
			),
		});
		await expect(loadModel(name)).rejects.toMatchObject({ code: 'MODEL_NOT_CACHED' });
		expect(hub.requests).toEqual([]);
	});

	test('what is in the cache is taken where the hub fails, after one try', async () => {
		const { path } = await downloadModel(name);
		hub.requests.length = 0;
		hub.always('revision', refuses(503));
		expect((await downloadModel(name)).path).toBe(path);
		expect(hub.requests).toHaveLength(1);
	});

	test('a split model of which a part is missing is not in the cache', async () => {
		const parts = {
			'm-00001-of-00002.gguf': Buffer.alloc(2000, 1),
			'm-00002-of-00002.gguf': Buffer.alloc(2000, 2),
		};
		hub.commit('reprise/parts', parts);
		const { parts: paths } = await downloadModel('hf:reprise/parts');
		rmSync(paths[1] as string);
		expect(
			(await refusal('hf:reprise/parts', { hub: { offline: true } } as unknown as typeof few)).code,
		).toBe('MODEL_NOT_CACHED');
	});
});

describe('the options of the hub', () => {
	test.each([
		[{ endpoint: 'ftp://x' }, /an http or https address for endpoint/],
		[{ endpoint: 5 }, /an http or https address for endpoint/],
		[{ token: '' }, /a token without spaces for token/],
		[{ offline: 1 }, /true or false for offline/],
		[{ maxRetries: -1 }, /an integer in 0…100 for maxRetries/],
		[{ timeoutMs: 0 }, /for timeoutMs/],
		[{ cacheFolder: 5 }, /the path of a file for cacheFolder/],
		[{ endpoints: '' }, /hub has no option "endpoints": did you mean endpoint\?/],
		[5, /an object for the options of hub/],
	])('%j are refused', async (options, message) => {
		const error = { code: 'OPTION_INVALID', message: expect.stringMatching(message) };
		await expect(downloadModel(name, { hub: options as object })).rejects.toMatchObject(error);
		// Also where nothing is downloaded.
		await expect(loadModel('a-file.gguf', { hub: options as object })).rejects.toMatchObject(error);
	});

	test('of the environment are checked too', async () => {
		process.env.HF_ENDPOINT = 'huggingface.co';
		expect((await refusal()).message).toMatch(/an http or https address for HF_ENDPOINT/);
		process.env.HF_ENDPOINT = hub.endpoint;
		process.env.HF_HUB_DOWNLOAD_TIMEOUT = 'soon';
		expect((await refusal(name, {} as typeof few)).message).toMatch(/HF_HUB_DOWNLOAD_TIMEOUT/);
	});

	test('say where the cache is', async () => {
		const elsewhere = join(dirname(cache()), 'elsewhere');
		expect((await downloadModel(name, { hub: { cacheFolder: elsewhere } })).path).toContain(elsewhere);
		process.env.HF_HUB_CACHE = join(dirname(cache()), 'by-variable');
		expect((await downloadModel(name)).path).toContain('by-variable');
	});
});

test('a content that the hub itself sends needs no redirect', async () => {
	hub.next('resolve', sends(content));
	await downloadModel(name);
	expect(hub.asked('content')).toEqual([]);
});

test('a name that is none is refused', async () => {
	await expect(loadModel('hf:reprise')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	await expect(downloadModel('model.gguf')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	await expect(downloadModel(5 as unknown as string)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
	await expect(loadModel('./hf:reprise/tiny')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
});
