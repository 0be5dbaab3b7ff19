import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { reprise } from '../support/cli.js';
import { embeddedModel } from '../support/models.js';
import { killWorkers, startWorker } from '../support/workers.js';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterAll(async () => {
	for (const socket of sockets) socket.destroy();
	for (const server of servers) server.close();
	await killWorkers();
});

/** A peer on a free port that does this to each client. */
function peer(greet: (socket: Socket) => void): Promise<string> {
	const server = createServer((socket) => {
		sockets.push(socket.on('error', () => {}));
		greet(socket);
	});
	servers.push(server);
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as { port: number }).port}`));
	});
}

const u64 = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);

describe('loadModel refuses', () => {
	test.each([
		['here', /HOST:PORT, .* for rpc\[0\] but received "here"/],
		['127.0.0.1:0', /for rpc\[0\]/],
		['127.0.0.1:99999', /a port in 1…65535, for rpc\[0\] but received "127\.0\.0\.1:99999"/],
		['[::1]:50052', /for rpc\[0\]/],
		[':50052', /for rpc\[0\]/],
	])('%s as a worker', async (endpoint, message) => {
		await expect(loadModel(embeddedModel, { rpc: [endpoint] })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(message),
		});
	});

	test('a worker that is named twice', async () => {
		await expect(loadModel(embeddedModel, { rpc: ['h:1', 'h:01'] })).rejects.toThrow(/each worker once/);
	});

	test('an array with a hole', async () => {
		const rpc: string[] = ['h:1'];
		rpc.length = 2;
		await expect(loadModel(embeddedModel, { rpc })).rejects.toThrow(/for rpc\[1\] but received undefined/);
	});

	test('workers beside an empty list of devices', async () => {
		const loading = loadModel(embeddedModel, { rpc: ['h:1'], devices: [] });
		await expect(loading).rejects.toThrow(/devices with rpc but received none: leave devices out/);
	});

	test('workers for a vocabulary alone', async () => {
		await expect(loadModel(embeddedModel, { rpc: ['h:1'], vocabOnly: true })).rejects.toThrow(/no rpc/);
	});
});

describe('a worker is unavailable where', () => {
	const load = (endpoint: string) => loadModel(embeddedModel, { rpc: [endpoint] });

	test.each<[string, () => Promise<string>, RegExp]>([
		['nothing listens', async () => '127.0.0.1:1', /refused/],
		['the host has no address', async () => 'no-such-host.invalid:50052', /no-such-host\.invalid:50052: /],
		[
			'the peer is another kind of server',
			() => peer((socket) => socket.write('SSH-2.0-x\r\n')),
			/no RPC server/,
		],
		[
			'its protocol is another one',
			() =>
				peer((socket) => socket.write(Buffer.concat([u64(28), Buffer.from([6, 1, 0]), Buffer.alloc(25)]))),
			/version 6\.1\.0 in place of/,
		],
		[
			'it has too many devices',
			() =>
				peer((socket) => {
					const hello = Buffer.concat([u64(28), Buffer.from([7, 0, 0]), Buffer.alloc(25)]);
					socket.write(Buffer.concat([hello, u64(4), Buffer.from([255, 255, 255, 255])]));
				}),
			/4294967295 devices/,
		],
	])('%s', async (_, start, reason) => {
		const endpoint = await start();
		await expect(load(endpoint)).rejects.toMatchObject({
			code: 'WORKER_UNAVAILABLE',
			message: expect.stringMatching(reason),
		});
		await expect(load(endpoint)).rejects.toThrow(endpoint);
	});

	// Whoever is first decides what the system says of it: the end of what is read, a broken pipe, or a reset.
	const greeting = Buffer.concat([u64(28), Buffer.from([7, 0, 0]), Buffer.alloc(25)]);
	test.each<[string, (socket: Socket, hangUp: () => void) => void]>([
		['at once', (_, hangUp) => hangUp()],
		['at the first byte', (socket, hangUp) => socket.once('data', hangUp)],
		['after half of a greeting', (socket, hangUp) => socket.write(greeting.subarray(0, 20), hangUp)],
		['after the greeting', (socket, hangUp) => socket.write(greeting, hangUp)],
	])('it hangs up %s, with a reset or without', async (_, greet) => {
		const closing = await peer((socket) => greet(socket, () => socket.destroy()));
		const resetting = await peer((socket) => greet(socket, () => socket.resetAndDestroy()));
		for (const endpoint of Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? closing : resetting)))
			await expect(load(endpoint)).rejects.toMatchObject({
				code: 'WORKER_UNAVAILABLE',
				message: expect.stringMatching(/it (closed|reset) the connection;/),
			});
	});

	test('it hangs in the handshake, after ten seconds', async () => {
		const began = Date.now();
		await expect(load(await peer((socket) => socket.write('x')))).rejects.toMatchObject({
			code: 'WORKER_UNAVAILABLE',
			message: expect.stringMatching(/did not answer in time/),
		});
		expect(Date.now() - began).toBeLessThan(15_000);
	});
});

test('reprise worker says why it cannot listen', async () => {
	const { endpoint } = await startWorker();
	const { status, stderr } = await reprise(['worker', '--listen', endpoint]);
	expect(status).toBe(1);
	expect(stderr).toContain(`for --listen but received ${endpoint}: Address already in use`);
});

test('reprise worker says which devices there are', async () => {
	const { status, stderr } = await reprise(['worker', '--device', 'nowhere']);
	expect(status).toBe(1);
	expect(stderr).toMatch(/Expected one of .*CPU.* for --device but received nowhere/);
});

test('a worker has one name in a process, until its models are gone', async () => {
	const { endpoint } = await startWorker();
	const other = endpoint.replace('127.0.0.1', 'localhost');
	const began = Date.now();
	const refused = (rpc: string[], received: string) =>
		expect(loadModel(embeddedModel, { rpc })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(
				`but received "${received}": this process is connected to that worker as`,
			),
		});
	await refused([endpoint, other], other);
	await using model = await loadModel(embeddedModel, { rpc: [other] });
	await refused([endpoint], endpoint);
	await model.dispose();
	await (await loadModel(embeddedModel, { rpc: [endpoint] })).dispose();
	expect(Date.now() - began).toBeLessThan(5000);
});

test('loads of a peer that says nothing end together: with the first that fails, or when they are aborted', async () => {
	const endpoint = await peer(() => {});
	const began = Date.now();
	const waiting = Array.from({ length: 3 }, () => loadModel(embeddedModel, { rpc: [endpoint] }));
	const failed = Promise.all(
		waiting.map((loading) => expect(loading).rejects.toMatchObject({ code: 'WORKER_UNAVAILABLE' })),
	);
	const signal = AbortSignal.timeout(300);
	await Promise.all(
		Array.from({ length: 3 }, () =>
			expect(loadModel(embeddedModel, { rpc: [endpoint], signal })).rejects.toMatchObject({
				code: 'ABORTED',
			}),
		),
	);
	expect(Date.now() - began).toBeLessThan(3000);
	await failed;
	expect(Date.now() - began).toBeLessThan(15_000);
});

test('clients that say nothing hold a worker for some seconds', async () => {
	const worker = await startWorker();
	const silent = connect(Number(worker.endpoint.split(':')[1]), '127.0.0.1');
	sockets.push(silent.on('error', () => {}));
	await once(silent, 'connect');
	await (await loadModel(embeddedModel, { rpc: [worker.endpoint] })).dispose();
	expect(worker.lines).toContainEqual(
		expect.stringMatching(/went: no handshake: it did not answer in time$/),
	);
});

test('a client that sends what it should not ends neither the worker nor its other clients', async () => {
	const worker = await startWorker();
	const port = Number(worker.endpoint.split(':')[1]);
	const hello = Buffer.concat([Buffer.from([14]), u64(24), Buffer.alloc(24)]);
	const messages = [
		Buffer.from('GET / HTTP/1.1\r\n\r\n'),
		Buffer.concat([hello, Buffer.from([200])]),
		// A tensor to set whose message has as many bytes as there are.
		Buffer.concat([hello, Buffer.from([6]), Buffer.alloc(8, 0xff), Buffer.alloc(64)]),
		// A graph of four billion nodes, and one of a tensor that has no type.
		Buffer.concat([hello, Buffer.from([10]), u64(12), Buffer.alloc(4), Buffer.alloc(8, 0xff)]),
		Buffer.concat([hello, Buffer.from([11]), u64(296), Buffer.alloc(296, 0xff)]),
	];
	for (const message of messages)
		await new Promise<void>((resolve) => {
			const socket = connect(port, '127.0.0.1', () => socket.end(message));
			socket.on('error', () => {}).on('close', () => resolve());
			socket.resume();
		});
	const model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
	await model.dispose();
	expect(worker.process.exitCode).toBeNull();
});

test.each([
	['SIGINT', 130],
	['SIGTERM', 143],
] as const)('%s ends a worker that serves a client', async (signal, code) => {
	const worker = await startWorker();
	const model = await loadModel(embeddedModel, { rpc: [worker.endpoint] });
	const gone = new Promise((resolve) => worker.process.once('exit', resolve));
	worker.process.kill(signal);
	expect(await gone).toBe(code);
	await expect(model.createSession({ threads: 1 })).rejects.toMatchObject({ code: 'WORKER_UNAVAILABLE' });
	await model.dispose();
});
