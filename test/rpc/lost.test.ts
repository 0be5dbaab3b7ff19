import { afterAll, expect, test } from 'vitest';
import { loadModel, type Model, type Session } from '../../lib/index.js';
import { ask, problem } from '../support/chatml.js';
import { embeddedModel } from '../support/models.js';
import { killWorkers, startWorker, type WorkerProcess } from '../support/workers.js';

const local = await loadModel(embeddedModel);
afterAll(async () => {
	await local.dispose();
	await killWorkers();
});

const settings = { contextLength: 2048, threads: 1 };
const endless = { maxTokens: 1500, draft: 'off', temperature: 1.5, seed: 1 } as const;

interface Setting {
	worker: WorkerProcess;
	model: Model;
	session: Session;
}

async function setUp(): Promise<Setting> {
	const worker = await startWorker();
	const model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
	return { worker, model, session: await model.createSession(settings) };
}

async function tearDown({ worker, model, session }: Setting): Promise<void> {
	await session.dispose();
	await model.dispose();
	await worker.kill();
}

const unavailable = (endpoint: string) => ({
	code: 'WORKER_UNAVAILABLE',
	message: expect.stringContaining(endpoint),
});

test('a worker that dies in mid-generation ends it with an error; the rest of the process goes on', async () => {
	const setting = await setUp();
	const { worker, model, session } = setting;
	const fork = await session.fork();
	const elsewhere = await local.createSession(settings);
	const generation = session.generate(ask(problem), endless);
	let text = '';
	const read = (async () => {
		for await (const chunk of generation) {
			if (text === '') await worker.kill();
			text += chunk.text;
		}
	})();
	await expect(read).rejects.toMatchObject(unavailable(worker.endpoint));
	await expect(generation.result).rejects.toMatchObject(unavailable(worker.endpoint));
	expect(text).not.toBe('');

	// What is lost, and what remains.
	await expect(session.generate('more').result).rejects.toThrow(/given up\. Their histories remain/);
	await expect(fork.generate('more').result).rejects.toMatchObject(unavailable(worker.endpoint));
	await expect(session.save('/tmp/never-written.state')).rejects.toMatchObject(unavailable(worker.endpoint));
	await expect(model.createSession(settings)).rejects.toMatchObject(unavailable(worker.endpoint));
	const history = await session.history();
	expect(model.detokenize(history)).toContain(text.slice(0, 10));

	expect((await elsewhere.generate(ask(problem), { maxTokens: 5 }).result).text).not.toBe('');
	await elsewhere.dispose();
	await fork.dispose();
	await tearDown(setting);

	const again = await setUp();
	expect((await again.session.generate(ask(problem), { maxTokens: 5 }).result).text).not.toBe('');
	await tearDown(again);
});

test('a worker that dies between two generations is noticed at the next', async () => {
	const setting = await setUp();
	await setting.session.generate(ask(problem), { maxTokens: 5 }).result;
	await setting.worker.kill();
	const next = setting.session.generate('more', { maxTokens: 5 }).result;
	await expect(next).rejects.toMatchObject(unavailable(setting.worker.endpoint));
	await tearDown(setting);
});

test('a worker that dies in a prefill, in a save or in a load of a state', async () => {
	for (const call of [
		(session: Session) => session.prefill(ask(problem).repeat(8)),
		(session: Session) => session.save('/tmp/never-written.state'),
	]) {
		const setting = await setUp();
		await setting.session.generate(ask(problem), { maxTokens: 5 }).result;
		setting.worker.process.kill('SIGKILL');
		await setting.worker.kill();
		await expect(call(setting.session)).rejects.toMatchObject(unavailable(setting.worker.endpoint));
		await tearDown(setting);
	}
});

test('a worker that dies while the model is loaded', async () => {
	const worker = await startWorker();
	const loading = loadModel(embeddedModel, {
		rpc: [worker.endpoint],
		onProgress: () => void worker.process.kill('SIGKILL'),
	});
	await loading.then(
		// It may die when all is there.
		async (model) => {
			await worker.kill();
			await expect(model.createSession(settings)).rejects.toMatchObject(unavailable(worker.endpoint));
			await model.dispose();
		},
		(error) => expect(error).toMatchObject(unavailable(worker.endpoint)),
	);
});

test('an abort comes through where a worker hangs, after ten seconds, and so does a dispose', async () => {
	const setting = await setUp();
	const { worker, model, session } = setting;
	const other = await model.createSession(settings);
	const controller = new AbortController();
	const generation = session.generate(ask(problem), { ...endless, signal: controller.signal });
	for await (const _ of generation) break;
	const running = session.generate(ask(problem), { ...endless, signal: controller.signal });
	await new Promise((resolve) => setTimeout(resolve, 50));
	await worker.stop();
	// By then the next pass waits for the worker: an abort between two passes does not.
	await new Promise((resolve) => setTimeout(resolve, 1000));
	const began = Date.now();
	controller.abort();
	const { finishReason } = await running.result;
	expect(finishReason).toBe('aborted');
	expect(Date.now() - began).toBeLessThan(15_000);
	await expect(session.generate('more').result).rejects.toMatchObject(unavailable(worker.endpoint));
	await other.dispose();
	await tearDown(setting);
});

test('a worker that only hesitates is not lost', async () => {
	const setting = await setUp();
	const running = setting.session.generate(ask(problem), { maxTokens: 200, draft: 'off' });
	await new Promise((resolve) => setTimeout(resolve, 20));
	setting.worker.process.kill('SIGSTOP');
	setTimeout(() => setting.worker.process.kill('SIGCONT'), 1500);
	expect((await running.result).text).not.toBe('');
	await tearDown(setting);
});
