import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Adapter, loadModel, type Model } from '../lib/index.js';
import { embeddedModel } from './support/models.js';
import { adapterFile, oddModel } from './support/odd-models.js';
import { run } from './support/runs.js';

const path = await adapterFile();
const base = await loadModel(await oddModel('adapter-base'), { adapters: [{ path }] });
const merged = await loadModel(await oddModel('adapter-merged'));
afterAll(async () => {
	await base.dispose();
	await merged.dispose();
});

const prompt = [3, 40, 500, 61, 7, 800, 90, 1001];

/** How probable the best tokens of the next few are. */
async function logprobsOf(model: Model, adapters?: Adapter[]): Promise<Map<number, number>> {
	const options = { contextLength: 256, threads: 1, ...(adapters && { adapters }) };
	await using session = await model.createSession(options);
	const { logprobs } = await session.generate(prompt, { maxTokens: 1, logprobs: 20 }).result;
	return new Map(logprobs[0]?.top.map(({ token, logprob }) => [token, logprob]));
}

function distance(one: Map<number, number>, other: Map<number, number>): number {
	return Math.max(...[...one].map(([token, value]) => Math.abs(value - (other.get(token) ?? -1000))));
}

describe('an adapter', () => {
	test('computes what the model with its product in the weights computes', async () => {
		const expected = await logprobsOf(merged);
		expect(distance(expected, await logprobsOf(base))).toBeLessThan(0.02);
		expect(distance(expected, await logprobsOf(base, []))).toBeGreaterThan(0.1);
	});

	test('is applied as strongly as its scale says', async () => {
		const plain = await logprobsOf(base, []);
		expect(await logprobsOf(base, [{ path, scale: 0 }])).toEqual(plain);
		expect(await logprobsOf(base, [{ path, scale: 1 }])).toEqual(await logprobsOf(base));
		const half = await logprobsOf(base, [{ path, scale: 0.5 }]);
		expect(distance(half, plain)).toBeGreaterThan(0.05);
		expect(distance(half, await logprobsOf(base))).toBeGreaterThan(0.05);
		await using weak = await loadModel(await oddModel('adapter-base'), { adapters: [{ path, scale: 0.5 }] });
		expect(await logprobsOf(weak)).toEqual(half);
	});

	test('and drafts make the text that is made without drafts', async () => {
		await using session = await base.createSession({ contextLength: 512, threads: 1 });
		const plain = await run(session, prompt, { maxTokens: 60, draft: 'off' });
		for (const size of [4, 16]) {
			const drafted = await run(session, prompt, {
				maxTokens: 60,
				draft: { size },
				prediction: plain.tokens,
			});
			expect([...drafted.tokens]).toEqual([...plain.tokens]);
			expect(drafted.metrics.accepted).toBeGreaterThan(20);
		}
		await using fork = await session.fork();
		const again = await run(fork, prompt, { maxTokens: 60, draft: 'off' });
		expect([...again.tokens]).toEqual([...plain.tokens]);
	});

	test('is part of what a saved state belongs to', async () => {
		const file = join(tmpdir(), `reprise-adapters-${process.pid}.state`);
		try {
			await using session = await base.createSession({ contextLength: 256, threads: 1 });
			await session.prefill(prompt);
			await session.save(file);
			await session.load(file);
			for (const adapters of [[], [{ path, scale: 0.5 }]]) {
				await using other = await base.createSession({ contextLength: 256, threads: 1, adapters });
				await expect(other.load(file)).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
			}
		} finally {
			rmSync(file, { force: true });
		}
	});
});

describe('no adapter', () => {
	test.each<[string, () => Promise<unknown>, string, RegExp]>([
		[
			'without a file',
			async () => loadModel(embeddedModel, { adapters: [{ path: '/nowhere/a.gguf' }] }),
			'MODEL_NOT_FOUND',
			/no file \/nowhere\/a\.gguf/,
		],
		[
			'of another architecture',
			async () =>
				loadModel(await oddModel('adapter-base'), { adapters: [{ path: await adapterFile('qwen2') }] }),
			'MODEL_INVALID',
			/as an adapter of the model: .*mismatch/,
		],
		[
			'that is a model',
			async () => loadModel(embeddedModel, { adapters: [{ path: embeddedModel }] }),
			'MODEL_INVALID',
			/as an adapter of the model: .*general\.type/,
		],
		[
			'for a vocabulary alone',
			async () => loadModel(embeddedModel, { vocabOnly: true, adapters: [{ path }] }),
			'OPTION_INVALID',
			/no adapters for a vocabulary alone/,
		],
		[
			'twice',
			async () => loadModel(embeddedModel, { adapters: [{ path }, { path, scale: 2 }] }),
			'OPTION_INVALID',
			/each adapter once for adapters/,
		],
		[
			'that the model was not loaded with',
			async () => merged.createSession({ adapters: [{ path }] }),
			'OPTION_INVALID',
			/that the model was loaded with for adapters/,
		],
		[
			'of an unknown scale',
			async () => loadModel(embeddedModel, { adapters: [{ path, scale: 101 }] }),
			'OPTION_INVALID',
			/a number in -100…100 for scale/,
		],
	])('%s', async (_, use, code, message) => {
		await expect(use()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
	});
});
