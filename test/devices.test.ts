import { availableParallelism } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { devices, loadModel } from '../lib/index.js';
import { readSessionOptions } from '../lib/session-options.js';
import { reprise } from './support/cli.js';
import { embeddedModel, randomModel } from './support/models.js';

// What holds on every machine; this one may have no device but its processor. Devices that take layers are in
// test/devices-of-workers.test.ts.
const { backends, devices: found } = await devices();
const others = found.filter(({ type }) => type !== 'cpu' && type !== 'accelerator');
const model = await loadModel(embeddedModel, { devices: [] });
afterAll(() => model.dispose());

const refused = (options: object, message: string | RegExp) =>
	expect(loadModel(embeddedModel, options)).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
	});

describe('devices()', () => {
	test('lists the processor with its memory, and its backend', () => {
		const processor = found.find(({ type }) => type === 'cpu');
		expect(processor).toMatchObject({ name: 'CPU', backend: 'CPU' });
		expect(processor?.description).not.toBe('');
		expect(processor?.totalBytes).toBeGreaterThan(2 ** 28);
		expect(processor?.freeBytes).toBeLessThanOrEqual(processor?.totalBytes ?? 0);
		expect(backends).toContain('CPU');
	});

	test('names each device once', () => {
		expect(new Set(found.map(({ name }) => name)).size).toBe(found.length);
	});
});

describe('reprise info without a model', () => {
	test('lists backends and devices', async () => {
		const { status, stdout } = await reprise(['info']);
		expect(status).toBe(0);
		expect(stdout).toMatch(/^backends +.*CPU/m);
		expect(stdout).toMatch(/^device CPU +.+ \(cpu, CPU\), [\d.]+ MiB of [\d.]+ MiB free$/m);
	});

	test('with --json prints what devices() gives', async () => {
		const { stdout } = await reprise(['info', '--json']);
		const printed = JSON.parse(stdout);
		expect(printed.backends).toEqual(backends);
		expect(printed.devices.map(({ name }: { name: string }) => name)).toEqual(found.map(({ name }) => name));
	});

	test.each([['--devices', 'none'], ['--context-length', '64'], ['--no-full-sliding-window']])(
		'refuses %s, which is about a model',
		async (...flags) => {
			const { status, stderr } = await reprise(['info', ...flags]);
			expect(status).toBe(1);
			expect(stderr).toContain(`Expected a model with ${flags[0]}`);
		},
	);
});

describe('an option that names or splits devices is refused', () => {
	test.each<[options: object, message: string]>([
		[{ gpuLayers: 'all' }, `Expected 'auto' or an integer of at least -1 for gpuLayers but received "all"`],
		[{ gpuLayers: -2 }, 'Expected an integer in -1…10000 for gpuLayers but received -2'],
		[
			{ devices: 'CUDA0' },
			'Expected an array of names that devices() gives for devices but received "CUDA0"',
		],
		[{ devices: ['A', 'A'] }, 'Expected each device once for devices but received "A"'],
		[{ devices: [0] }, 'Expected a string for a name in devices but received 0'],
		[{ devices: ['CPU'] }, 'Expected devices beside the processor for devices but received "CPU"'],
		[{ devices: ['nowhere'] }, 'Expected names that devices() gives for devices but received "nowhere"'],
		[{ devices: [], gpuLayers: 3 }, 'Expected 0 for gpuLayers but received 3: devices is an empty list'],
		[{ devices: [], splitMode: 'layer' }, "Expected 'none' for splitMode but received 'layer'"],
		[{ devices: [], tensorSplit: [1, 1] }, 'Expected no shares for tensorSplit but received 2 numbers'],
		[{ splitMode: 'halves' }, "Expected one of 'none', 'layer', 'row', 'tensor' for splitMode"],
		[{ tensorSplit: [] }, 'Expected an array with a number for each device for tensorSplit'],
		[{ tensorSplit: [0, 0] }, 'Expected a share above 0 for tensorSplit but received 0'],
		[{ tensorSplit: [1e-300, 0] }, 'Expected a share above 0 for tensorSplit but received 1e-300'],
		[{ tensorSplit: [1, -1] }, 'for a share in tensorSplit but received -1'],
		[{ tensorSplit: [1, Number.NaN] }, 'for a share in tensorSplit but received NaN'],
		[{ gpuLayers: 0, splitMode: 'layer' }, 'Expected no splitMode for gpuLayers 0 but received "layer"'],
		[{ cpuMoe: 'all' }, 'Expected true, false or a number of layers for cpuMoe but received "all"'],
		[{ cpuMoe: -1 }, 'Expected an integer in 0…10000 for cpuMoe but received -1'],
		[{ cpuMoe: true }, 'Expected false for cpuMoe but received true: the model has no experts'],
		[{ roomFor: 4096 }, 'Expected the options of createSession for roomFor but received 4096'],
		[{ roomFor: { contextLenght: 9 } }, 'roomFor has no option "contextLenght": did you mean contextLength?'],
		[{ roomFor: {}, gpuLayers: -1 }, "Expected 'auto', which leaves room for a session, for gpuLayers with"],
		[{ vocabOnly: true, devices: [] }, 'Expected no devices for a vocabulary alone'],
		[{ vocabOnly: true, gpuLayers: 2 }, 'Expected no gpuLayers for a vocabulary alone but received 2'],
	])('%j', async (options, message) => {
		await refused(options, message);
	});

	test.skipIf(others.length > 0)('also a number of layers, where no device could take them', async () => {
		await refused(
			{ gpuLayers: 3 },
			/^Expected 0, -1 or 'auto' for gpuLayers but received 3: there is no device/,
		);
		for (const gpuLayers of [-1, 0, 'auto'] as const) {
			await using loaded = await loadModel(embeddedModel, { gpuLayers });
			expect(loaded.info.placement.whole).toBe(false);
		}
	});
});

describe('where a model is', () => {
	test('says that of a model on the processor', async () => {
		const { placement, layers, sizeBytes } = model.info;
		expect(placement).toMatchObject({ logits: 'CPU', whole: false });
		expect(placement.devices).toMatchObject([
			// The output is one of them.
			{ device: 'CPU', layers: layers + 1, cacheBytes: 0, computeBytes: 0 },
		]);
		// The head, whose weights are those of the embedding, lies there packed once more.
		expect(placement.devices[0]?.weightBytes).toBeGreaterThanOrEqual(sizeBytes);
	});

	test('a session adds its cache and what its passes compute in', async () => {
		await using session = await model.createSession({ contextLength: 512 });
		const placement = await session.placement();
		expect(placement).toMatchObject({ logits: 'CPU', whole: false, graphReuse: true });
		const [share] = placement.devices;
		// Keys and values of 512 tokens in 16 bits, for each layer's two heads of 32.
		expect(share?.cacheBytes).toBe(512 * model.info.layers * 2 * 2 * 32 * 2);
		expect(share?.computeBytes).toBeGreaterThan(0);
	});

	test('reprise info says it without loading the weights, and takes the session into account', async () => {
		const cache = async (...flags: string[]) => {
			const { stdout } = await reprise(['info', embeddedModel, '--json', '--devices', 'none', ...flags]);
			return JSON.parse(stdout).placement.devices[0].cacheBytes;
		};
		const short = await cache('--context-length', '512');
		expect(await cache('--context-length', '1024')).toBe(2 * short);
		expect(await cache('--context-length', '512', '--key-type', 'f32', '--value-type', 'f32')).toBe(
			2 * short,
		);
		const { stdout } = await reprise(['info', embeddedModel, '--devices', 'none']);
		expect(stdout).toMatch(/^on CPU +6 of 6 layers, logits: [\d.]+ MiB of weights, [\d.]+ MiB of cache/m);
	});
});

test('llama.cpp names no size for this model, so info counts its weights', () => {
	expect(model.info.description).toMatch(/^llama 1\.2M F16$/);
});

test('experts can be kept back where there is nothing to keep them from', async () => {
	await using experts = await loadModel(await randomModel('tiny-moe'), { cpuMoe: 2 });
	expect(experts.info.placement.devices[0]).toMatchObject({ device: 'CPU' });
});

test('a session has one thread where devices compute all but the embeddings', () => {
	const threads = (whole: boolean) =>
		readSessionOptions(
			{},
			{ trainedContextLength: 0, sizeBytes: 1e9, placement: { devices: [], logits: 'X', whole } },
		).native.threads;
	expect(threads(true)).toBe(1);
	if (availableParallelism() > 1) expect(threads(false)).toBeGreaterThan(1);
});
