import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addon } from '../lib/addon.js';
import { devices, type LoadModelOptions, loadModel, type Model, type SessionOptions } from '../lib/index.js';
import { readLoadOptions } from '../lib/load-options.js';
import { readSessionRoom } from '../lib/session-options.js';
import { reprise } from './support/cli.js';
import { embeddedModel, randomModel } from './support/models.js';
import { oddModel } from './support/odd-models.js';
import { watchGraphs } from './support/watched-proxy.js';
import { killWorkers, startWorker } from './support/workers.js';

// No graphics processor is needed here: the processor that a worker lends is a device as well, and takes layers,
// cache and logits as one does.
const workers = [0, 1].map(() =>
	addon.startWorker({ listen: '127.0.0.1:0', devices: ['CPU'], threads: 1, cacheFolder: '' }, () => {}),
);
const rpc = workers.map(({ endpoint }) => endpoint);
const freeBytes = workers[0]?.devices[0]?.freeBytes ?? 0;
afterAll(async () => {
	for (const worker of workers) worker.stop();
	await killWorkers();
	await Promise.all(workers.map(({ ended }) => ended));
});

const prompt = 'Mara found a red box. Tom found a blue box. Mara found a';
const options = { maxTokens: 48, temperature: 0 } as const;

async function textOf(model: Model): Promise<string> {
	await using session = await model.createSession({ contextLength: 512 });
	return session.generate(prompt, options).text();
}

const load = (more: LoadModelOptions = {}, path = embeddedModel) => loadModel(path, { rpc, ...more });
const names: string[] = [];
let local = '';

beforeAll(async () => {
	await using onProcessor = await loadModel(embeddedModel, { devices: [] });
	local = await textOf(onProcessor);
	await using model = await load();
	names.push(...model.info.placement.devices.slice(1).map(({ device }) => device));
});

describe('the devices of workers', () => {
	test('have their addresses for names, and are listed with their memory', async () => {
		expect(names).toEqual(rpc);
		const listed = (await devices({ rpc })).devices.filter(({ type }) => type === 'remote');
		expect(listed.map(({ name }) => name)).toEqual(rpc);
		for (const { backend, description, totalBytes } of listed) {
			expect(backend).toBe('RPC');
			expect(description).toMatch(/^device of the worker /);
			expect(totalBytes).toBeGreaterThan(2 ** 28);
		}
		await expect(devices({ rpc: ['127.0.0.1:1'] })).rejects.toMatchObject({ code: 'WORKER_UNAVAILABLE' });
	});

	test('are numbered where a worker has several, each of which can be named', async () => {
		const worker = addon.startWorker(
			{ listen: '127.0.0.1:0', devices: ['CPU', 'CPU'], threads: 1, cacheFolder: '' },
			() => {},
		);
		const { endpoint } = worker;
		for (const name of [`${endpoint}#1`, `${endpoint}#2`]) {
			await using model = await loadModel(embeddedModel, { rpc: [endpoint], devices: [name] });
			expect(model.info.placement.devices[1]).toMatchObject({ device: name, layers: 6 });
			expect(await textOf(model)).toBe(local);
		}
		const unnumbered = loadModel(embeddedModel, { rpc: [endpoint], devices: [endpoint] });
		await expect(unnumbered).rejects.toThrow(
			`names that devices({ rpc }) gives for devices but received "${endpoint}": there are ${endpoint}#1, ${endpoint}#2`,
		);
		worker.stop();
		await worker.ended;
	});

	test.each(['127.0.0.1:50052', 'RPC0'])('are not known by themselves, such as %s', async (name) => {
		await expect(loadModel(embeddedModel, { devices: [name] })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining(
				"needs the worker's address in the option rpc, such as rpc: ['127.0.0.1:50052']",
			),
		});
	});

	test('are printed by reprise info, with a model or without', async () => {
		for (const path of [[], [embeddedModel]]) {
			const worker = await startWorker();
			const { stdout } = await reprise(['info', ...path, '--rpc', worker.endpoint]);
			expect(stdout).toMatch(/^device CPU /m);
			expect(stdout).toMatch(
				new RegExp(
					`^device ${worker.endpoint} +device of the worker ${worker.endpoint} \\(remote, RPC\\), [\\d.]+ MiB`,
					'm',
				),
			);
			await worker.kill();
		}
	});
});

const refused = (more: LoadModelOptions, message: string, code = 'OPTION_INVALID') =>
	expect(load(more)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });

describe('a model on two devices', () => {
	test('has its layers, its cache and its logits there, and says the same', async () => {
		await using model = await load();
		const { placement, layers } = model.info;
		expect(placement).toMatchObject({ whole: true, logits: names[1] });
		const [processor, first, second] = placement.devices;
		expect(processor).toMatchObject({ device: 'CPU', layers: 0 });
		expect(first?.layers).toBeGreaterThan(0);
		expect((first?.layers ?? 0) + (second?.layers ?? 0)).toBe(layers + 1);
		expect(await textOf(model)).toBe(local);
		await using session = await model.createSession({ contextLength: 512 });
		const cached = await session.placement();
		const bytesOfLayer = 512 * 2 * 2 * 32 * 2;
		// The output, the last of the layers, has no cache.
		expect(cached.devices.map(({ cacheBytes }) => cacheBytes / bytesOfLayer)).toEqual([
			0,
			first?.layers,
			(second?.layers ?? 0) - 1,
		]);
	});

	test('can be on one of them alone, in any order, or in shares', async () => {
		const [first, second] = names as [string, string];
		const layers = async (more: LoadModelOptions) => {
			await using model = await load(more);
			expect(await textOf(model)).toBe(local);
			return model.info.placement.devices.slice(1).map((share) => [share.device, share.layers]);
		};
		expect(await layers({ devices: [second] })).toEqual([[second, 6]]);
		expect(await layers({ splitMode: 'none' })).toEqual([[first, 6]]);
		expect(await layers({ devices: [second, first], tensorSplit: [2, 1] })).toEqual([
			[second, 4],
			[first, 2],
		]);
		expect(await layers({ tensorSplit: [0, 1] })).toEqual([
			[first, 0],
			[second, 6],
		]);
	});

	test('can have a part of every tensor on each', async () => {
		await using model = await load({ splitMode: 'tensor' });
		expect(model.info.placement).toMatchObject({ logits: `Meta(${names.join(',')})`, whole: true });
		expect(await textOf(model)).toBe(local);
		await expect(model.createSession({ flashAttention: 'off' })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining("Expected 'auto' or 'on' for flashAttention with splitMode 'tensor'"),
		});
	});

	test('can have some of its layers alone there, counted as gpuLayers counts them', async () => {
		await using model = await load({ gpuLayers: 3 });
		const { whole, devices } = model.info.placement;
		expect(whole).toBe(false);
		expect(devices[0]?.layers).toBe(3);
		expect(devices.slice(1).reduce((sum, share) => sum + share.layers, 0)).toBe(3);
		expect(await textOf(model)).toBe(local);
	});

	test('can have none there', async () => {
		await using model = await load({ gpuLayers: 0 });
		expect(model.info.placement).toMatchObject({ logits: 'CPU', whole: false });
		expect(await textOf(model)).toBe(local);
	});
});

describe('what reprise info plans', () => {
	const rooms: SessionOptions[] = [
		{},
		{ contextLength: 256, flashAttention: 'off' },
		{ contextLength: 256, keyType: 'q8_0', valueType: 'q8_0' },
		{ contextLength: 512, microBatchSize: 64, fullSlidingWindow: false },
	];
	const models: Array<[name: string, path: () => Promise<string>]> = [
		['tiny-edit-1m', async () => embeddedModel],
		['tiny-gemma3', () => randomModel('tiny-gemma3')],
		['tiny-mamba', () => randomModel('tiny-mamba')],
		['tiny-moe', () => randomModel('tiny-moe')],
	];

	/** Compares the plan with the session, and says whether that leaves its logits on a device. */
	async function compare(path: string, options: LoadModelOptions, rooms: SessionOptions[]): Promise<boolean> {
		let deviceLogits = false;
		await using model = await loadModel(path, options);
		for (const room of rooms) {
			await using session = await model.createSession(room);
			const { devices, logits, whole, ...features } = await session.placement();
			const { native } = readLoadOptions(options);
			const { promise } = addon.planModel(path, { ...native, roomFor: readSessionRoom(room) });
			const planned = await promise;
			expect(planned).toEqual({ devices, logits, whole });
			deviceLogits ||= features.deviceLogits;
		}
		return deviceLogits;
	}

	test.each(models)('is what a session of %s has, byte by byte', async (_, path) => {
		// Vocabularies of 2048 leave no logits on devices.
		for (const options of [{ rpc }, { rpc, gpuLayers: 2 }, { devices: [] }])
			expect(await compare(await path(), options, rooms)).toBe(false);
	});

	test('has the logits of a large vocabulary on the device', async () => {
		const path = await oddModel('large-vocabulary');
		expect(await compare(path, { rpc: rpc.slice(0, 1) }, [{ contextLength: 64 }])).toBe(true);
	});
});

describe('what does not fit the devices is refused', () => {
	test('an option at a time', async () => {
		const [first, second] = names as [string, string];
		await refused({ devices: ['nowhere'] }, `but received "nowhere": there are ${first}, ${second}`);
		await refused({ splitMode: 'row' }, `for splitMode but received 'row': the backend of ${first} cannot`);
		await refused({ devices: [first], splitMode: 'layer' }, `there is ${first} alone; leave the option out`);
		await refused({ devices: [first, second], splitMode: 'none' }, 'Expected one of the devices for devices');
		await refused({ tensorSplit: [1] }, 'Expected 2 numbers for tensorSplit but received 1 number:');
		await refused({ devices: [second], tensorSplit: [1] }, `there is ${second} alone`);
		await refused({ splitMode: 'none', tensorSplit: [1, 1] }, 'Expected no shares for tensorSplit');
		await refused({ splitMode: 'tensor', tensorSplit: [3, 1] }, 'device 2 of 2 would have none of blk.');
	});

	test('also parts of tensors that cannot be parted', async () => {
		const tensors = async (path: string) => expect(load({ splitMode: 'tensor' }, path)).rejects;
		const refusal = "Expected 'layer' or 'none' for splitMode but received 'tensor': ";
		await (await tensors(await randomModel('tiny-mamba'))).toMatchObject({
			code: 'OPTION_INVALID',
			message: `${refusal}llama.cpp cannot split the tensors of mamba`,
		});
		// Dense or with experts: their attention is 256 wide, a single block of Q4_K.
		for (const shape of ['tiny-wide', 'tiny-moe'] as const)
			await (await tensors(await randomModel(shape))).toMatchObject({
				code: 'OPTION_INVALID',
				message: expect.stringContaining(`${refusal}the rows of blk.0.attn_output.weight are a single`),
			});
		await using experts = await load({ splitMode: 'tensor' }, await oddModel('mixture'));
		expect(experts.info.placement.whole).toBe(true);
	});
});

describe('experts', () => {
	test('stay with the processor, of all layers or of the first', async () => {
		const path = await randomModel('tiny-moe');
		const bytes = async (cpuMoe: boolean | number) => {
			await using model = await load({ cpuMoe }, path);
			const { placement, layers } = model.info;
			expect(placement.whole).toBe(cpuMoe === false);
			expect(placement.devices.slice(1).reduce((sum, share) => sum + share.layers, 0)).toBe(layers + 1);
			await using session = await model.createSession({ contextLength: 256 });
			const { metrics } = await session.generate([1, 2, 3], { maxTokens: 8 }).result;
			expect(metrics.outputTokens).toBeGreaterThan(0);
			return placement.devices[0]?.weightBytes ?? 0;
		};
		const none = await bytes(false);
		const half = await bytes(2);
		const all = await bytes(true);
		// Eight experts of three matrices of 256 × 256, in Q4_K's 4.5 bits.
		const experts = (8 * 3 * 256 * 256 * 4.5) / 8;
		// The processor packs them, which takes a little more.
		expect((half - none) / (2 * experts)).toBeCloseTo(1, 1);
		expect(all - none).toBe(2 * (half - none));
		expect(await bytes(100)).toBe(all);
	});
});

describe("gpuLayers 'auto'", () => {
	/** So many tokens of context that the caches of about `share` of the layers fill the device. */
	const lengthFor = (share: number) => Math.floor((share * freeBytes) / (2 * 2 * 32 * 4) / 5 / 256) * 256;

	test('leaves layers to the processor where the session of roomFor would not fit beside them', async () => {
		const contextLength = lengthFor(0.9);
		const roomFor = { contextLength, keyType: 'f32', valueType: 'f32' } as const;
		const [first] = names as [string];
		await using model = await load({ devices: [first], roomFor });
		const layers = model.info.placement.devices[1]?.layers ?? 0;
		expect(layers).toBeGreaterThan(0);
		expect(layers).toBeLessThan(6);
		expect(await textOf(model)).toBe(local);
		await refused(
			{ roomFor: { ...roomFor, contextLength: 2 * contextLength }, tensorSplit: [1, 1] },
			'do not fit into the devices as tensorSplit and cpuMoe place them',
			'OUT_OF_MEMORY',
		);
	});
});

test('what the protocol cannot describe is computed here', async () => {
	const [first] = names as [string];
	await using model = await load({ devices: [first] });
	// The scores of one head are 4 GiB, and it has four.
	const rows = { microBatchSize: 32_768, batchSize: 32_768, flashAttention: 'off' } as const;
	await using session = await model.createSession({ contextLength: 32_768, ...rows });
	expect((await session.generate('Mara', { maxTokens: 4 }).result).metrics.outputTokens).toBe(4);
});

describe('an abort', () => {
	test('lets a device compute no micro batch after the one under way', async () => {
		const worker = addon.startWorker(
			{ listen: '127.0.0.1:0', devices: ['CPU'], threads: 1, cacheFolder: '' },
			() => {},
		);
		let graphs = 0;
		let abortAt = Number.POSITIVE_INFINITY;
		const controller = new AbortController();
		// The micro batch whose graph this is has not reached the device, so it is the one under way.
		const proxy = await watchGraphs(worker.endpoint, () => {
			if (++graphs === abortAt) controller.abort();
		});
		try {
			await using model = await loadModel(await randomModel('tiny-wide'), { rpc: [proxy.endpoint] });
			await using session = await model.createSession({
				contextLength: 1024,
				batchSize: 1024,
				microBatchSize: 32,
			});
			const tokens = Int32Array.from({ length: 961 }, (_, at) => 3 + ((at * 37) % 1500));
			// The whole prompt is one llama_decode.
			graphs = 0;
			await session.prefill(tokens);
			expect(graphs).toBeGreaterThan(25); // The last may still be on its way.
			await session.rollback(0);
			graphs = 0;
			abortAt = 5;
			const { signal } = controller;
			await expect(session.prefill(tokens, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
			expect(graphs).toBe(5);
			const { reusedTokens } = await session.prefill(tokens);
			expect(reusedTokens).toBeLessThanOrEqual(5 * 32);
		} finally {
			worker.stop();
			proxy.close();
			await worker.ended;
		}
	});
});
