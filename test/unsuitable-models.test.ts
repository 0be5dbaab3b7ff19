import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { loadModel, type Model, RepriseError, type SessionOptions } from '../lib/index.js';
import {
	array,
	type Entry,
	elements,
	float32,
	parseGguf,
	string,
	uint32,
	valueTypes,
	writeGguf,
} from './fuzz/gguf-parts.js';
import { reprise } from './support/cli.js';
import { copyPrompt, noEnd } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';
import { type OddModel, oddModel } from './support/odd-models.js';
import { twoThreads } from './support/threads.js';

const bystander = await loadModel(embeddedModel);
const session = await bystander.createSession({ contextLength: 256, threads: twoThreads });
const text = await session.generate(copyPrompt).text();
const folder = mkdtempSync(join(tmpdir(), 'reprise-unsuitable-'));

// Whatever was refused, everything else goes on as before.
afterEach(async () => {
	expect(await session.generate(copyPrompt).text()).toBe(text);
});
afterAll(async () => {
	await session.dispose();
	await bystander.dispose();
	rmSync(folder, { recursive: true, force: true });
});

async function failure(call: () => Promise<unknown>): Promise<string> {
	const error = await call().then(
		() => expect.fail('nothing was wrong with it'),
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(RepriseError);
	return `${(error as RepriseError).code}: ${(error as RepriseError).message}`;
}

async function withModel<T>(path: string, use: (model: Model) => Promise<T>): Promise<T> {
	const model = await loadModel(path);
	try {
		return await use(model);
	} finally {
		await model.dispose();
	}
}

describe('a model that does not continue text', () => {
	test.each<[OddModel, RegExp]>([
		['bert', /^MODEL_INVALID: .*attention is not causal: it is an embedding model/],
		['not-causal', /^MODEL_INVALID: .*attention is not causal/],
		['dream', /^MODEL_INVALID: .*diffusion model/],
	])('makes no session: %s', async (name, message) => {
		await withModel(await oddModel(name), async (model) => {
			expect(model.info.generationFault).not.toBe('');
			expect(model.tokenize('hello').length).toBeGreaterThan(0);
			expect(await failure(() => model.createSession())).toMatch(message);
		});
	});

	test('the command line says so', async () => {
		const { status, stdout } = await reprise(['info', await oddModel('bert')]);
		expect({ status, said: /generates.*no: its attention is not causal/.test(stdout) }).toEqual({
			status: 0,
			said: true,
		});
	});

	test('info says nothing against one that does', () => {
		expect(bystander.info.generationFault).toBe('');
	});

	test('one without a vocabulary is no model', async () => {
		expect(await failure(async () => loadModel(await oddModel('no-vocabulary')))).toMatch(
			/^MODEL_INVALID: .*holds no vocabulary/,
		);
	});

	test.each([...new Set([1, twoThreads])])(
		'one whose first pass fails an assertion makes no session, with %i threads',
		(threads) =>
			oddModel('negative-epsilon').then((path) =>
				withModel(path, async (model) => {
					for (let i = 0; i < 3; i++)
						expect(await failure(() => model.createSession({ threads }))).toMatch(
							/^MODEL_INVALID: .*first pass.*eps >= 0/,
						);
				}),
			),
	);
});

describe('options that the shape of a model does not allow', () => {
	test('a context beyond its learnt positions', async () => {
		await withModel(await oddModel('gpt2'), async (model) => {
			expect(await failure(() => model.createSession({ contextLength: 257 }))).toMatch(
				/^OPTION_INVALID: Expected at most 256 for contextLength but received 257/,
			);
			const whole = await model.createSession();
			expect(await failure(() => whole.generate('hello '.repeat(500)).result)).toMatch(/^CONTEXT_OVERFLOW/);
			const { finishReason, text } = await whole.generate('hello', { logitBias: noEnd(model) }).result;
			expect(finishReason).toBe('context');
			expect(text).not.toBe('');
			await whole.dispose();
		});
	});

	const narrow: Array<[SessionOptions, RegExp]> = [
		[{ keyType: 'q8_0' }, /^OPTION_INVALID: .*for keyType but received q8_0.*heads of layer 0 have 16/],
		[{ keyType: 'q4_0', flashAttention: 'off' }, /^OPTION_INVALID: .*for keyType/],
		[{ valueType: 'q4_0' }, /^OPTION_INVALID: .*for valueType but received q4_0/],
	];
	test.each(narrow)('a quantised cache whose blocks its heads do not fill: %j', async (options, message) => {
		await withModel(await oddModel('narrow-heads'), async (model) => {
			expect(await failure(() => model.createSession(options))).toMatch(message);
			const plain = await model.createSession({ keyType: 'f32' });
			expect((await plain.generate('hello', { maxTokens: 3 }).result).tokens.length).toBeGreaterThan(0);
			await plain.dispose();
		});
	});
});

describe('batches smaller than what is to be computed', () => {
	test.each([1, 2, 3, 4, 8])(
		'of %i tokens: nine forks at once say what each says alone',
		async (batchSize) => {
			const root = await bystander.createSession({ batchSize, contextLength: 512 });
			await root.prefill(copyPrompt);
			const forks = [];
			for (let i = 0; i < 9; i++) forks.push(await root.fork());
			const texts = await Promise.all(forks.map((fork) => fork.generate(null).text()));
			expect(new Set(texts)).toEqual(new Set([text]));
			for (const fork of forks) await fork.dispose();
			await root.dispose();
		},
	);

	test.each([1, 2, 3, 8, 9, 10])('of %i tokens: a hybrid model says what it says otherwise', async (size) => {
		await withModel(await randomModel('tiny-lfm2'), async (model) => {
			const say = async (options: SessionOptions) => {
				const session = await model.createSession({ contextLength: 256, ...options });
				const { tokens } = await session.generate('The cat sat on the mat. The cat', { maxTokens: 24 })
					.result;
				await session.dispose();
				return Array.from(tokens);
			};
			const usual = await say({});
			expect(await say({ batchSize: size })).toEqual(usual);
			expect(await say({ microBatchSize: size })).toEqual(usual);
		});
	});
});

describe('a model file', () => {
	const good = parseGguf(readFileSync(embeddedModel));

	function write(entries: Entry[], tensors = good.tensors): string {
		const path = join(folder, 'model.gguf');
		writeFileSync(path, writeGguf({ ...good, entries, tensors }));
		return path;
	}

	function changed(key: string, type: number, value: Buffer): string {
		const rest = good.entries.filter((entry) => entry.key.toString() !== key);
		return write([...rest, { key: Buffer.from(key), type, value }]);
	}

	const whole = (key: string, value: number): [string, () => string] => [
		`whose ${key} is ${value}`,
		() => changed(key, valueTypes.uint32, uint32(value)),
	];
	const real = (key: string, value: number): [string, () => string] => [
		`whose ${key} is ${value}`,
		() => changed(key, valueTypes.float32, float32(value)),
	];

	test.each([24, 26, 28])(
		'with a matrix of type %i, which nothing multiplies by, is refused',
		async (type) => {
			const tensors = good.tensors.map((tensor) =>
				tensor.name.toString() === 'blk.0.ffn_down.weight' ? { ...tensor, type } : tensor,
			);
			const path = write(good.entries, tensors);
			expect(await failure(() => loadModel(path))).toMatch(/^MODEL_INVALID/);
		},
	);

	test('with a vocabulary that its RWKV tokenizer would never come to an end with is refused', async () => {
		const path = changed('tokenizer.ggml.model', valueTypes.string, string(Buffer.from('rwkv')));
		expect(await failure(() => loadModel(path))).toMatch(/^MODEL_INVALID: .*begin with a byte/);
	});

	test.each([
		['attention.head_count', 0],
		['ssm.time_step_rank', 0],
		['full_attention_interval', 0],
	])('that says %s is %i, by which llama.cpp divides, is refused', async (key, value) => {
		const path = changed(`llama.${key}`, valueTypes.uint32, uint32(value));
		expect(await failure(() => loadModel(path))).toMatch(/^MODEL_INVALID: .* says 0 for llama/);
	});

	test('with a character map shorter than it says is refused', async () => {
		const map = Buffer.concat([uint32(1000), Buffer.alloc(40)]);
		const path = changed(
			'tokenizer.ggml.precompiled_charsmap',
			valueTypes.array,
			array(0, [map], BigInt(map.length)),
		);
		expect(await failure(() => loadModel(path))).toMatch(/^MODEL_INVALID: .*precompiled_charsmap/);
	});

	test.each([
		whole('llama.block_count', 0),
		whole('llama.block_count', 2 ** 32 - 1),
		whole('llama.block_count', 100_000),
		whole('llama.rope.dimension_count', 2 ** 32 - 2),
		whole('llama.rope.dimension_count', 3),
		whole('llama.attention.head_count', 0),
		whole('llama.attention.head_count', 2 ** 32 - 1),
		whole('llama.attention.key_length', 7),
		whole('llama.expert_count', 8),
		whole('llama.expert_count', 2 ** 31),
		whole('llama.expert_used_count', 5),
		whole('llama.nextn_predict_layers', 9),
		whole('general.alignment', 4096),
		whole('general.alignment', 0),
		whole('general.alignment', 3),
		real('llama.attention.layer_norm_rms_epsilon', -1),
		real('llama.attention.layer_norm_rms_epsilon', Number.NaN),
		[
			'with two vocabulary entries of one text',
			() => {
				const key = 'tokenizer.ggml.tokens';
				const entry = good.entries.find((one) => one.key.toString() === key) as Entry;
				const { type, values } = elements(entry) as { type: number; values: Buffer[] };
				return changed(key, valueTypes.array, array(type, [...values.slice(0, -1), values[300] as Buffer]));
			},
		],
		[
			'whose tokenizer is BERT’s',
			() => changed('tokenizer.ggml.model', valueTypes.string, string(Buffer.from('bert'))),
		],
	])('%s is refused by a typed error, if it is not used as it is', async (_, path) => {
		const use = withModel(path(), async (model) => {
			const odd = await model.createSession({ contextLength: 128, threads: twoThreads });
			await odd.generate('The cat sat', { maxTokens: 8 }).result;
			await odd.dispose();
			return 'used';
		});
		const outcome = await use.catch((error: unknown) => {
			expect(error).toBeInstanceOf(RepriseError);
			return (error as RepriseError).code;
		});
		expect(['used', 'MODEL_INVALID', 'TEXT_INVALID', 'OUT_OF_MEMORY']).toContain(outcome);
	});
});
