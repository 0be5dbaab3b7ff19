import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ServerProcess } from '../../lib/bench/arms/server-process.js';
import { descendants, isRunning } from '../support/processes.js';

/** A script that starts a program and waits for it, as wrappers do; it says a word. */
function wrapper(): string {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-wrapper-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'server');
	writeFileSync(path, '#!/bin/sh\nsleep 600 &\necho ready\nwait\n');
	chmodSync(path, 0o755);
	return path;
}

async function start(signal: AbortSignal): Promise<ServerProcess> {
	let said = () => {};
	const heard = new Promise<void>((resolve) => {
		said = resolve;
	});
	const server = new ServerProcess(wrapper(), [], signal, () => said());
	await heard;
	return server;
}

describe.skipIf(process.platform === 'win32')('a server that is a script', () => {
	test('ends with what it has started', async () => {
		const server = await start(new AbortController().signal);
		const started = descendants(server.pid);
		expect(started.filter(isRunning)).toHaveLength(1);
		await server.stop();
		expect([server.pid, ...started].filter(isRunning)).toEqual([]);
	});

	test('ends with it at an abort, too', async () => {
		const controller = new AbortController();
		const server = await start(controller.signal);
		const started = descendants(server.pid);
		controller.abort();
		await server.ended;
		expect([server.pid, ...started].filter(isRunning)).toEqual([]);
		expect(server.fault).toMatchObject({ code: 'ABORTED' });
	});
});
