import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { devices, loadModel, type Model, type Session } from '../../lib/index.js';
import { ask, problem } from '../support/chatml.js';
import { runFixture } from '../support/fixture.js';
import { freezeAfter } from '../support/frozen-proxy.js';
import { embeddedModel } from '../support/models.js';
import { killWorkers, startWorker, type WorkerProcess } from '../support/workers.js';

afterAll(killWorkers);

const settings = { contextLength: 1024, threads: 1 };
/** The ten seconds that a worker may be silent after an abort, and as much as a busy machine may add. */
const patienceMs = 15_000;
/** What waits for no worker, on a busy machine. */
const atOnceMs = 5000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Setting {
	worker: WorkerProcess;
	model: Model;
	session: Session;
}

/** A session with a history on a worker that then stops answering. */
async function hung(): Promise<Setting> {
	const worker = await startWorker();
	const model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
	const session = await model.createSession(settings);
	await session.prefill(ask(problem));
	await worker.stop();
	return { worker, model, session };
}

async function tearDown({ worker, model, session }: Setting): Promise<void> {
	await session.dispose();
	await model.dispose();
	await worker.kill();
}

/** How long `work` takes, and the longest time that the JavaScript thread was blocked meanwhile. */
async function timed(work: () => Promise<unknown>): Promise<{ ms: number; blockedMs: number }> {
	const began = performance.now();
	let last = began;
	let blockedMs = 0;
	const timer = setInterval(() => {
		blockedMs = Math.max(blockedMs, performance.now() - last);
		last = performance.now();
	}, 50);
	await work();
	clearInterval(timer);
	blockedMs = Math.max(blockedMs, performance.now() - last);
	return { ms: performance.now() - began, blockedMs };
}

/** What llama.cpp asks a worker before it fits the layers of a model is shorter. */
const bytesBeforeFitting = 1000;

const unavailable = { code: 'WORKER_UNAVAILABLE' };
const file = join(tmpdir(), `never-written-${process.pid}.state`);

describe.concurrent('on a worker that hangs', () => {
	test('createSession is ended by its signal, and with it all that waits for the worker', async () => {
		const setting = await hung();
		const { model } = setting;
		const controller = new AbortController();
		const aborted = model.createSession({ ...settings, signal: controller.signal });
		const others = [model.createSession(settings), model.createSession(settings)];
		const unended = Promise.race([aborted, ...others]).catch(() => 'ended');
		expect(await Promise.race([unended, pause(1500).then(() => 'waits')])).toBe('waits');
		const { ms, blockedMs } = await timed(async () => {
			controller.abort('enough');
			await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
		});
		expect(ms).toBeLessThan(patienceMs);
		expect(blockedMs).toBeLessThan(atOnceMs);
		for (const other of others) await expect(other).rejects.toMatchObject(unavailable);
		expect((await timed(() => tearDown(setting))).ms).toBeLessThan(atOnceMs);
	}, 60_000);

	test('a session that comes up after the abort is freed, and the worker is not lost', async () => {
		const setting = await hung();
		const { model, worker } = setting;
		const controller = new AbortController();
		const making = model.createSession({ ...settings, signal: controller.signal });
		await pause(500);
		controller.abort();
		setTimeout(() => worker.process.kill('SIGCONT'), 1000);
		const { ms } = await timed(() => expect(making).rejects.toMatchObject({ code: 'ABORTED' }));
		expect(ms).toBeGreaterThan(800);
		expect(ms).toBeLessThan(8000);
		const next = await model.createSession(settings);
		expect((await next.generate(ask(problem), { maxTokens: 3 }).result).tokens).toHaveLength(3);
		await next.dispose();
		await tearDown(setting);
	}, 60_000);

	test.each<[string, (session: Session, signal: AbortSignal) => Promise<unknown>]>([
		['save', (session, signal) => session.save(file, { signal })],
		['append', (session, signal) => session.append(problem.repeat(9), { signal })],
		['prefill', (session, signal) => session.prefill(`${problem} Why?`, { signal })],
	])(
		'%s is ended by its signal',
		async (_, call) => {
			const setting = await hung();
			const controller = new AbortController();
			const calling = call(setting.session, controller.signal);
			await pause(1000);
			const { ms, blockedMs } = await timed(async () => {
				controller.abort();
				await expect(calling).rejects.toMatchObject({ code: 'ABORTED' });
			});
			expect(ms).toBeLessThan(patienceMs);
			expect(blockedMs).toBeLessThan(atOnceMs);
			expect(existsSync(file)).toBe(false);
			await tearDown(setting);
		},
		60_000,
	);

	test('load is ended by its signal', async () => {
		const worker = await startWorker();
		const model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
		const session = await model.createSession({ ...settings, contextLength: 4096 });
		const state = join(tmpdir(), `hung-${process.pid}.state`);
		await session.prefill(Int32Array.from({ length: 4000 }, (_, i) => i % 2000));
		await session.save(state);
		await worker.stop();
		const controller = new AbortController();
		// What a load sends waits once the buffers of the network are full.
		const loadAll = async () => {
			for (let i = 0; i < 100; i++) await session.load(state, { signal: controller.signal });
		};
		const loading = loadAll();
		await pause(2000);
		controller.abort();
		const { ms } = await timed(() => expect(loading).rejects.toMatchObject({ code: 'ABORTED' }));
		expect(ms).toBeGreaterThan(8000);
		expect(ms).toBeLessThan(patienceMs);
		await tearDown({ worker, model, session });
	}, 60_000);

	test('a fork that waits behind a save is ended at once; the save goes on waiting', async () => {
		const setting = await hung();
		const { session } = setting;
		const saving = session.save(file);
		const saved = saving.then(
			() => 'written',
			(error) => error.code,
		);
		const controller = new AbortController();
		const fork = session.fork({ signal: controller.signal });
		await pause(500);
		const { ms } = await timed(async () => {
			controller.abort();
			await expect(fork).rejects.toMatchObject({ code: 'ABORTED' });
		});
		expect(ms).toBeLessThan(atOnceMs);
		// It is aborted by the disposal when that has waited for it.
		const disposal = await timed(() => session.dispose());
		expect(disposal.ms).toBeLessThan(12_000 + patienceMs);
		expect(disposal.blockedMs).toBeLessThan(atOnceMs);
		expect(await saved).toBe('ABORTED');
		await tearDown(setting);
	}, 60_000);

	test('an idle session and its model are disposed of', async () => {
		const setting = await hung();
		const { ms } = await timed(async () => {
			await setting.session.dispose();
			await setting.model.dispose();
		});
		expect(ms).toBeLessThan(patienceMs);
		await setting.worker.kill();
	}, 60_000);

	test('a fork is disposed of while another one waits in the pass that both share', async () => {
		const setting = await hung();
		const { session } = setting;
		setting.worker.process.kill('SIGCONT');
		const fork = await session.fork();
		const endless = { maxTokens: 900, draft: 'off' } as const;
		const both = [session.generate('Once', endless), fork.generate('Twice', endless)];
		for (const one of both) for await (const _ of one) break;
		const again = [session.generate('Once', endless), fork.generate('Twice', endless)];
		await pause(50);
		await setting.worker.stop();
		await pause(500);
		expect((await timed(() => fork.dispose())).ms).toBeLessThan(12_000 + patienceMs);
		await session.dispose();
		for (const one of again) expect((await one.result).finishReason).toBe('aborted');
		await tearDown(setting);
	}, 60_000);

	test('loads are ended by their own signals, one in the handshake, in the fitting, or behind a fitting', async () => {
		const worker = await startWorker();
		const other = await startWorker();
		const handshake = await freezeAfter(1, other.endpoint);
		const fitting = await freezeAfter(bytesBeforeFitting, worker.endpoint);
		const load = (endpoint: string) => {
			const controller = new AbortController();
			const loading = loadModel(embeddedModel, { rpc: [endpoint], signal: controller.signal });
			return async () => {
				controller.abort();
				await expect(loading).rejects.toMatchObject({ code: 'ABORTED' });
			};
		};
		const abortFitting = load(fitting.endpoint);
		await fitting.frozen;
		const abortBehind = load(other.endpoint);
		await pause(1000);
		expect((await timed(abortBehind)).ms).toBeLessThan(atOnceMs);
		const abortHandshake = load(handshake.endpoint);
		await handshake.frozen;
		expect((await timed(abortHandshake)).ms).toBeLessThan(atOnceMs);
		expect((await timed(abortFitting)).ms).toBeLessThan(patienceMs);
		fitting.close();
		handshake.close();
	}, 60_000);

	test('devices is ended by its signal', async () => {
		const worker = await startWorker();
		// A model has the connection, so that the worker is not greeted but asked for its memory.
		const model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
		await worker.stop();
		const controller = new AbortController();
		const listing = devices({ rpc: [worker.endpoint], signal: controller.signal });
		await pause(1000);
		controller.abort();
		const { ms } = await timed(() => expect(listing).rejects.toMatchObject({ code: 'ABORTED' }));
		expect(ms).toBeGreaterThan(8000);
		expect(ms).toBeLessThan(patienceMs);
		await model.dispose();
		await worker.kill();
	}, 60_000);

	test('process.exit ends a plan of where a model would be', async () => {
		const worker = await startWorker();
		const fitting = await freezeAfter(bytesBeforeFitting, worker.endpoint);
		const outcome = runFixture('exit-mid-plan', { args: [fitting.endpoint] });
		await fitting.frozen;
		const { ms } = await timed(async () => expect((await outcome).status).toBe(7));
		expect(ms).toBeLessThan(patienceMs);
		fitting.close();
	}, 60_000);

	test('process.exit ends the process once, whatever waits for two workers', async () => {
		const workers = [await startWorker(), await startWorker()];
		const args = workers.map(({ endpoint, process }) => `${endpoint}/${process.pid}`);
		const { status, signal, stdout, stderr } = await runFixture('exit-while-workers-hang', { args });
		expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: '' });
		expect(Date.now() - Number(stdout)).toBeLessThan(patienceMs);
	}, 60_000);

	test('a thread of Node is terminated', async () => {
		const worker = await startWorker();
		const script = new URL('../fixtures/thread-on-a-worker.mjs', import.meta.url);
		const thread = new Worker(script, { workerData: worker.endpoint });
		await new Promise((resolve) => thread.once('message', resolve));
		await worker.stop();
		thread.postMessage('go');
		await pause(1000);
		expect((await timed(() => thread.terminate())).ms).toBeLessThan(patienceMs);
	}, 60_000);
});
