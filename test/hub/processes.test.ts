import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { downloadModel } from '../../lib/index.js';
import { reprise } from '../support/cli.js';
import { type Answer, fallsSilentAfter, sha256, TestHub } from '../support/hub.js';
import { filesOf, freshCaches } from '../support/hub-cache.js';

const content = readFileSync(fileURLToPath(new URL('../../models/reprise-2m.gguf', import.meta.url)));
const name = 'hf:reprise/small/small.gguf';
const oid = sha256(content);

const hub = await TestHub.start();
hub.commit('reprise/small', { 'small.gguf': content });
const cache = freshCaches(hub);

/** Sends the content over about two seconds, so that others come meanwhile. */
const sendsSlowly: Answer = (response, { range }, all) => {
	const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
	const rest = all.subarray(start);
	response.writeHead(start > 0 ? 206 : 200, {
		'content-length': rest.length,
		...(start > 0 && { 'content-range': `bytes ${start}-${all.length - 1}/${all.length}` }),
	});
	const send = (from: number) => {
		if (from >= rest.length) return response.end();
		response.write(rest.subarray(from, from + 100_000));
		setTimeout(send, 45, from + 100_000);
		return response;
	};
	send(0);
};

const whole = () => readFileSync(join(cache(), 'models--reprise--small', 'blobs', oid)).equals(content);

test('of two processes that download a file at once one does it, and both have it', async () => {
	hub.always('content', sendsSlowly);
	const outcomes = await Promise.all([reprise(['pull', name]), reprise(['pull', name])]);
	for (const { status, stderr, stdout } of outcomes) {
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		expect(readFileSync(stdout.trim()).equals(content)).toBe(true);
	}
	expect(hub.asked('content')).toHaveLength(1);
	expect(filesOf(cache()).filter((path) => /incomplete|tmp|\.reprise$/.test(path))).toEqual([]);
});

test('four calls of one process share a download, and a call that is aborted leaves it to the others', async () => {
	hub.always('content', sendsSlowly);
	const controllers = [1, 2, 3, 4].map(() => new AbortController());
	const calls = controllers.map(({ signal }) => downloadModel(name, { signal }));
	setTimeout(() => controllers[0]?.abort(), 700);
	const outcomes = await Promise.allSettled(calls);
	expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
	expect(whole()).toBe(true);
});

test('a process that is killed in the middle leaves what the next goes on from at once', async () => {
	hub.next('content', fallsSilentAfter(2_000_000));
	const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
	const child = spawn(process.execPath, ['--import', 'tsx', main, 'pull', name], { stdio: 'ignore' });
	const partial = join(cache(), 'models--reprise--small', 'blobs', `${oid}.incomplete`);
	while (!existsSync(partial) || statSync(partial).size < 1_000_000)
		await new Promise((resolve) => setTimeout(resolve, 20));
	child.kill('SIGKILL');
	await once(child, 'exit');
	const { size } = statSync(partial);
	const begun = performance.now();
	await downloadModel(name);
	expect(performance.now() - begun).toBeLessThan(5000);
	expect(hub.asked('content').at(-1)?.range).toBe(`bytes=${size}-`);
	expect(whole()).toBe(true);
});

test('a writer that has lost its lock checks what is on the disk', async () => {
	const lock = join(cache(), '.locks', 'models--reprise--small', `${oid}.reprise`);
	const partial = join(cache(), 'models--reprise--small', 'blobs', `${oid}.incomplete`);
	let isDone = false;
	hub.next('content', sendsSlowly);
	const { truncate } = await import('node:fs/promises');
	await downloadModel(name, {
		onDownload: ({ doneBytes }) => {
			if (isDone || doneBytes < 2_000_000) return;
			isDone = true;
			rmSync(lock);
			void truncate(partial, 100);
		},
	});
	expect(isDone).toBe(true);
	expect(whole()).toBe(true);
});
