import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type GenerateOptions, loadModel, RepriseError, type RepriseErrorCode } from '../lib/index.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel, vocabularyFile } from './support/models.js';

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 256, threads: 1 });
const text = await session.generate(copyPrompt).text();
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

// Whatever a test did wrong, everything else goes on as before.
afterEach(async () => {
	expect(await session.generate(copyPrompt).text()).toBe(text);
});

async function failure(call: () => unknown): Promise<RepriseError> {
	const error = await Promise.resolve()
		.then(call)
		.then(
			() => expect.fail('nothing was wrong with it'),
			(reason: unknown) => reason,
		);
	expect(error).toBeInstanceOf(RepriseError);
	return error as RepriseError;
}

describe('a model file', () => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-bad-'));
	const good = readFileSync(embeddedModel);

	function write(name: string, bytes: Uint8Array): string {
		const path = join(folder, name);
		writeFileSync(path, bytes);
		return path;
	}

	function otherArchitecture(): Buffer {
		const bytes = Buffer.from(good);
		const key = bytes.indexOf('general.architecture');
		bytes.write('lamma', bytes.indexOf('llama', key));
		return bytes;
	}

	const cases: Array<[name: string, path: () => string, code: RepriseErrorCode, message: RegExp]> = [
		['that is missing', () => join(folder, 'missing.gguf'), 'MODEL_NOT_FOUND', /no file .*missing\.gguf/],
		['that is a directory', () => folder, 'MODEL_INVALID', /is a directory; pass/],
		['that is empty', () => write('empty.gguf', new Uint8Array()), 'MODEL_INVALID', /empty\.gguf/],
		['cut in its header', () => write('cut.gguf', good.subarray(0, 5000)), 'MODEL_INVALID', /cut\.gguf/],
		[
			'cut in its weights',
			() => write('half.gguf', good.subarray(0, good.length / 2)),
			'MODEL_INVALID',
			/half\.gguf/,
		],
		[
			'of random bytes',
			() => write('random.gguf', Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * i * 31) % 251))),
			'MODEL_INVALID',
			/random\.gguf/,
		],
		[
			'of an unknown architecture',
			() => write('unknown.gguf', otherArchitecture()),
			'MODEL_INVALID',
			/unknown.*architecture.*lamma/,
		],
		['of a vocabulary alone', () => vocabularyFile('qwen2'), 'MODEL_VOCAB_ONLY', /vocabOnly: true/],
	];
	test.each(cases)('%s', async (_, path, code, message) => {
		const error = await failure(() => loadModel(path()));
		expect(error.code).toBe(code);
		expect(error.message).toMatch(message);
	});
});

test('a context too large for memory says how much it would take and there is', async () => {
	const error = await failure(() => model.createSession({ contextLength: 2 ** 31 - 1 }));
	expect(error.code).toBe('OUT_OF_MEMORY');
	expect(error.message).toMatch(/contextLength of 2147483647 .*MiB.*MiB.*lower contextLength/);
});

describe('a prompt', () => {
	test('longer than the context says both sizes', async () => {
		const prompt = Array.from({ length: 300 }, () => 5);
		for (const call of [() => session.generate(prompt).result, () => session.prefill(prompt)]) {
			const error = await failure(call);
			expect(error.code).toBe('CONTEXT_OVERFLOW');
			expect(error.message).toMatch(/300.*256|256.*300/);
		}
	});

	test.each([[''], [[]], [new Int32Array()]])('that is empty (%j)', async (prompt) => {
		expect((await failure(() => session.generate(prompt))).code).toBe('PROMPT_EMPTY');
		expect((await failure(() => session.prefill(prompt))).code).toBe('PROMPT_EMPTY');
	});

	test('missing where there is no history', async () => {
		await using fresh = await model.createSession({ contextLength: 64, threads: 1 });
		expect((await failure(() => fresh.generate().result)).code).toBe('PROMPT_EMPTY');
	});

	test.each([[7], [{}], [true]])('of the wrong type (%j)', async (prompt) => {
		const error = await failure(() => session.generate(prompt as unknown as string));
		expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('prompt') });
	});
});

describe('a lone surrogate', () => {
	const lone = 'ab\uD83D';
	const calls: Record<string, () => unknown> = {
		prompt: () => session.generate(lone),
		stop: () => session.generate(copyPrompt, { stop: lone }),
		prediction: () => session.generate(copyPrompt, { prediction: lone }),
		grammar: () => session.generate(copyPrompt, { grammar: lone }),
		addition: () => session.append(lone),
		reference: () => session.addReference(lone),
		content: () => session.chat().send(lone),
		system: () => session.chat({ system: lone }),
		text: () => model.tokenize(lone),
	};
	test.each(Object.entries(calls))('in %s says where it stands', async (name, call) => {
		expect(await failure(call)).toMatchObject({
			code: 'TEXT_INVALID',
			message: expect.stringMatching(new RegExp(`for ${name} .*index 2`)),
		});
	});
});

describe('an option', () => {
	const ban = Number.POSITIVE_INFINITY;
	const cases: Array<[options: Record<string, unknown>, message: string]> = [
		[{ maxTokens: 0 }, 'Expected an integer in 1…2147483647 for maxTokens but received 0'],
		[{ maxTokens: '5' }, 'Expected an integer in 1…2147483647 for maxTokens but received "5"'],
		[{ temperature: -1 }, 'Expected a number in 0…100 for temperature but received -1'],
		[{ temperature: Number.NaN }, 'Expected a number in 0…100 for temperature but received NaN'],
		[{ topK: 1.5 }, 'Expected an integer in 0…2147483647 for topK but received 1.5'],
		[{ topP: 2 }, 'Expected a number in 0…1 for topP but received 2'],
		[{ minP: null }, 'Expected a number in 0…1 for minP but received null'],
		[{ repeatPenalty: 0 }, 'Expected a number in 0.01…100 for repeatPenalty but received 0'],
		[{ seed: 2 ** 32 }, 'Expected an integer in 0…4294967295 for seed but received 4294967296'],
		[{ stop: 'x'.repeat(10_000) }, 'Expected 1…1024 characters for each string of stop but received 10000'],
		[{ stop: '' }, 'Expected 1…1024 characters for each string of stop but received 0'],
		[{ stop: [1] }, 'Expected a string or an array of strings for stop but received 1'],
		[{ stop: new Array(65).fill('a') }, 'Expected at most 64 strings for stop but received an array of 65'],
		[{ draft: 'on' }, "Expected 'auto', 'off' or { size } for draft but received \"on\""],
		[{ draft: { size: 257 } }, 'Expected an integer in 1…256 for size but received 257'],
		[{ draft: { sise: 8 } }, 'draft has no option "sise": did you mean size?'],
		[{ logitBias: { 2048: 1 } }, 'Expected token ids in 0…2047 for the keys of logitBias but received 2048'],
		[
			{ logitBias: { 7: ban } },
			'Expected a finite number or -Infinity for logitBias[7] but received Infinity',
		],
		[{ logitBias: [] }, 'Expected a Map or an object of numbers by token id for logitBias'],
		[{ grammar: '' }, 'Expected a GBNF grammar for grammar but received ""'],
		[{ prediction: [2048] }, 'Expected token ids in 0…2047 for prediction but received 2048 at index 0'],
		[{ signal: {} }, 'Expected an AbortSignal for signal but received an object (Object)'],
		[{ onPrefill: 1 }, 'Expected a function for onPrefill but received 1'],
		[{ maxToken: 5 }, 'generate has no option "maxToken": did you mean maxTokens?'],
	];
	test.each(cases)('%j of generate', async (options, message) => {
		expect(await failure(() => session.generate(copyPrompt, options as GenerateOptions))).toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining(message),
		});
	});

	test.each([
		[{ contextLength: 0 }, 'Expected an integer in 8…2147483647 for contextLength but received 0'],
		[{ threads: -2 }, `Expected an integer in 1…${availableParallelism()} for threads but received -2`],
		[{ keyType: 'f8' }, "Expected one of 'f32', 'f16', 'q8_0', 'q4_0' for keyType but received \"f8\""],
		[{ matching: 'gpu' }, "Expected one of 'auto', 'index', 'device' for matching but received \"gpu\""],
		[{ maxSequences: 257 }, 'Expected an integer in 0…256 for maxSequences but received 257'],
		[
			{ valueType: 'q8_0', flashAttention: 'off' },
			"Expected 'f32' or 'f16' for valueType without flash attention but received \"q8_0\"",
		],
		[{ ctx: 512 }, 'createSession has no option "ctx"'],
		[{ gpuLayers: 3 }, 'createSession has no option "gpuLayers": it belongs to loadModel'],
		[{ temperature: 1 }, 'createSession has no option "temperature": it belongs to generate'],
	])('%j of createSession', async (options, message) => {
		expect(await failure(() => model.createSession(options as object))).toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining(message),
		});
	});

	test.each([
		[{ gpuLayers: 1.5 }, 'Expected an integer in -1…10000 for gpuLayers but received 1.5'],
		[{ mmap: 1 }, 'Expected true or false for mmap but received 1'],
		[{ nGpuLayers: 3 }, 'loadModel has no option "nGpuLayers": did you mean gpuLayers?'],
		[{ matching: 'index' }, 'loadModel has no option "matching": it belongs to createSession'],
		[{ deviceLogits: 'on' }, 'loadModel has no option "deviceLogits": it belongs to createSession'],
	])('%j of loadModel', async (options, message) => {
		expect(await failure(() => loadModel(embeddedModel, options as object))).toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining(message),
		});
	});
});

test('two generations at once on one session', async () => {
	const first = session.generate(copyPrompt);
	expect(await failure(() => session.generate(copyPrompt))).toMatchObject({
		code: 'SESSION_BUSY',
		message: expect.stringContaining('fork'),
	});
	expect(await first.text()).toBe(text);
});

test('use after dispose says what to do', async () => {
	const disposed = await model.createSession({ contextLength: 64, threads: 1 });
	await disposed.dispose();
	expect(await failure(() => disposed.generate('a'))).toMatchObject({
		code: 'DISPOSED',
		message: expect.stringContaining('create another'),
	});
});
