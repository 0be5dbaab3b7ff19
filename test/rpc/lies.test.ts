import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { devices, loadModel } from '../../lib/index.js';
import { type Lies, LyingWorker } from '../support/lying-worker.js';
import { embeddedModel } from '../support/models.js';

const all = 2n ** 64n - 1n;
const folder = mkdtempSync(join(tmpdir(), 'reprise-lies-'));

afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, Lies, RegExp]>([
	['an alignment that is no power of two', { alignment: 3n }, /malformed/],
	['an alignment of a gibibyte', { alignment: 2n ** 30n }, /malformed/],
	['no room for any buffer', { maxBufferSize: 0n }, /malformed/],
	['more memory than there is', { totalBytes: all }, /says that it has 18446744073709551615 bytes/],
	['a smaller buffer than it was asked for', { bufferSize: 1n }, /gave a buffer of 1 bytes in place of/],
	['an endless buffer', { bufferSize: all }, /gave a buffer of 18446744073709551615 bytes/],
	['no address', { address: 0n }, /no address for a buffer/],
	['an odd address', { address: 1n }, /no address for a buffer/],
	['the last address', { address: all - 63n }, /no address for a buffer/],
	['no memory for a tensor', { tensorSize: 0n }, /says that a tensor of \d+ bytes takes 0/],
	['endless memory for a tensor', { tensorSize: 2n ** 62n }, /says that a tensor of \d+ bytes takes 4611/],
])('a worker that has %s is at fault, not the file', async (_, lies, message) => {
	const worker = await LyingWorker.start(lies);
	const loading = loadModel(embeddedModel, { rpc: [worker.endpoint] });
	await expect(loading).rejects.toMatchObject({
		code: 'WORKER_UNAVAILABLE',
		message: expect.stringMatching(message),
	});
	await expect(loading).rejects.toThrow(worker.endpoint);
	worker.stop();
});

test('a worker whose memory is full gets no layers', async () => {
	const worker = await LyingWorker.start({ freeBytes: 0n });
	await using model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
	expect(model.info.placement).toMatchObject({ logits: 'CPU', whole: false });
	worker.stop();
});

test.each([1n, 4096n])(
	'a session on a worker with buffers of %s bytes at most is saved, loaded and forked',
	async (maxBufferSize) => {
		const worker = await LyingWorker.start({ maxBufferSize });
		await using model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
		await using session = await model.createSession({ contextLength: 64 });
		await session.generate('The cat', { maxTokens: 4 }).result;
		const history = await session.history();
		const path = join(folder, `${maxBufferSize}.state`);
		await session.save(path);
		await session.load(path);
		await using fork = await session.fork();
		expect(await fork.history()).toEqual(history);
		worker.stop();
	},
);

test('of more devices than llama.cpp takes, some must be named', async () => {
	const worker = await LyingWorker.start({ devices: 17 });
	const rpc = [worker.endpoint];
	const name = (number: number) => `${worker.endpoint}#${number}`;
	const remote = (await devices({ rpc })).devices.filter(({ type }) => type === 'remote');
	expect(remote.map((device) => device.name)).toEqual(Array.from({ length: 17 }, (_, at) => name(at + 1)));
	await expect(loadModel(embeddedModel, { rpc })).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringMatching(/Expected at most \d+ for devices but received 17: .*name those/),
	});
	await using model = await loadModel(embeddedModel, { rpc, devices: [name(3), name(17)] });
	expect(model.info.placement.devices.slice(1).map(({ device }) => device)).toEqual([name(3), name(17)]);
	await using session = await model.createSession({ contextLength: 64 });
	expect((await session.placement()).whole).toBe(true);
	worker.stop();
});
