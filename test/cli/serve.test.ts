import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serveFlags } from '../../lib/cli/serve.js';
import { asDataUrl, bmp } from '../support/bmp.js';
import { type CliOutcome, reprise } from '../support/cli.js';
import { embeddedModel, randomModel, randomProjector } from '../support/models.js';

/** Serves until `use` is through with it, and then ends it by a signal. */
async function serve(
	args: readonly string[],
	use: (url: string, pid: number) => Promise<unknown>,
	signal: NodeJS.Signals = 'SIGTERM',
	model = embeddedModel,
): Promise<CliOutcome> {
	let used: Promise<unknown> = Promise.resolve();
	const outcome = await reprise(['serve', model, '--port', '0', '--threads', '1', ...args], {
		onOutput: (pid, text) => {
			const url = /^listening on (\S+)$/m.exec(text)?.[1] ?? '';
			used = use(url, pid).finally(() => process.kill(pid, signal));
			used.catch(() => {});
		},
	});
	await used;
	return outcome;
}

const ask = (url: string, body: object, key?: string) =>
	fetch(`${url}/v1/chat/completions`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', ...(key && { Authorization: `Bearer ${key}` }) },
		body: JSON.stringify({ messages: [{ role: 'user', content: 'Copy this text:\nMara.' }], ...body }),
	});

describe('reprise serve', () => {
	test.each([
		['SIGTERM', 143],
		['SIGINT', 130],
	] as const)('answers until %s ends it, and what was generated then', async (signal, exitCode) => {
		let late: Promise<Response> | undefined;
		const { status, stdout, stderr } = await serve(
			['--alias', 'small', '--context-length', '60000'],
			async (url) => {
				const reply = (await (await ask(url, { max_tokens: 5 })).json()) as { model: string };
				expect(reply.model).toBe('small');
				late = ask(url, { max_tokens: 50_000, temperature: 5 });
				late.catch(() => {});
				const running = async () => /replies_running 1\n/.test(await (await fetch(`${url}/metrics`)).text());
				while (!(await running()));
			},
			signal,
		);
		expect({ status, stderr }).toEqual({ status: exitCode, stderr: '' });
		expect(stdout).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
		expect((await late)?.status).toBe(503);
	});

	test('asks for the key that it was given', async () => {
		const { status } = await serve(['--api-key', 'secret'], async (url) => {
			expect((await ask(url, {})).status).toBe(401);
			expect((await ask(url, { max_tokens: 1 }, 'secret')).status).toBe(200);
		});
		expect(status).toBe(143);
	});

	test('reads images with a projector', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'reprise-serve-'));
		const template = join(folder, 'template.jinja');
		writeFileSync(template, '{% for message in messages %}{{ message.content }}\n{% endfor %}');
		const image = { type: 'image_url', image_url: { url: asDataUrl(bmp(1)) } };
		const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] }];
		const { status } = await serve(
			['--projector', await randomProjector('mlp'), '--template', template],
			async (url) => {
				const response = await ask(url, { messages, max_tokens: 1 });
				const answer = (await response.json()) as { usage?: { prompt_tokens: number } };
				expect(answer).toMatchObject({ usage: { prompt_tokens: expect.any(Number) } });
				expect(answer.usage?.prompt_tokens).toBeGreaterThan(16);
			},
			'SIGTERM',
			await randomModel('tiny-llama'),
		);
		rmSync(folder, { recursive: true, force: true });
		expect(status).toBe(143);
	});

	test('warns where others can reach it and no key is asked for', async () => {
		const { stderr } = await serve(['--host', '0.0.0.0'], async () => {});
		expect(stderr).toMatch(/whoever reaches http:\/\/0\.0\.0\.0:\d+ can use this model; pass --api-key/);
	});

	test('says that a port is taken', async () => {
		const taken = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => taken.once('listening', resolve));
		const { port } = taken.address() as { port: number };
		const { status, stderr } = await reprise(['serve', embeddedModel, '--port', String(port)]);
		taken.close();
		expect(status).toBe(1);
		expect(stderr).toMatch(
			/^reprise: Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*; pass another host or port\n$/,
		);
	});

	test.each([
		['--port', '70000'],
		['--parallel', '0'],
		['--timeout', '0'],
		['--cors-origin', 'example.org'],
		['--api-key', ''],
		['--alias', ''],
	])('%s %s is refused', async (flag, value) => {
		const { status, stderr } = await reprise(['serve', embeddedModel, flag, value]);
		expect(status).toBe(1);
		expect(stderr).toContain(flag);
	});

	test('the help has every flag', async () => {
		const { stdout } = await reprise(['serve', '--help']);
		for (const { flags } of Object.values(serveFlags)) expect(stdout).toContain(flags.split(' ')[0]);
	});
});
