import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel, type Model } from '../lib/model.js';
import type { SessionOptions } from '../lib/session-options.js';
import { Choices } from './support/choices.js';
import { noEnd } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';
import { ForkLog, run } from './support/runs.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-states-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);

const headerBytes = 72;

/**
 * The checksum of state files, FNV-1a of 64 bits by words in place of bytes, the last filled with zeros. A file that was
 * made up, not damaged, has the right one.
 */
function withChecksum(bytes: Buffer): Buffer {
	bytes.writeBigUInt64LE(0n, headerBytes - 8);
	let hash = 0xcbf29ce484222325n;
	const words = Buffer.alloc(Math.ceil(bytes.length / 8) * 8);
	bytes.copy(words);
	for (let at = 0; at < words.length; at += 8)
		hash = BigInt.asUintN(64, (hash ^ words.readBigUInt64LE(at)) * 0x100000001b3n);
	bytes.writeBigUInt64LE(hash, headerBytes - 8);
	return bytes;
}

describe('a damaged state file', () => {
	test('is refused, whichever bit of its header was flipped, and the session stays as it was', async () => {
		await using model = await loadModel(embeddedModel);
		await using session = await model.createSession({ contextLength: 256 });
		await session.prefill('Once upon a time there was a red box.');
		const history = await session.history();
		await session.save(path('whole'));
		const whole = readFileSync(path('whole'));
		for (let bit = 0; bit < 8 * headerBytes; bit++) {
			const bytes = Buffer.from(whole);
			bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
			writeFileSync(path('damaged'), bytes);
			await expect(session.load(path('damaged')), `bit ${bit}`).rejects.toMatchObject({
				code: expect.stringMatching(/^STATE_/),
			});
		}
		expect(await session.history()).toEqual(history);
		const { metrics } = await session.generate(null, { maxTokens: 1 }).result;
		expect(metrics.reusedTokens).toBe(history.length - 1);
	});

	test.each([
		[
			'of version 2',
			(bytes: Buffer) => bytes.writeUInt32LE(2, 8),
			/version 2, and this build reads version 3/,
		],
		[
			'of a later version',
			(bytes: Buffer) => bytes.writeUInt32LE(4, 12),
			/version 4, and this build reads version 3/,
		],
		['of another byte order', (bytes: Buffer) => bytes.writeUInt32BE(0x01020304, 8), /another byte order/],
	])('is refused where it is %s, and the error says so', async (_, change, message) => {
		await using model = await loadModel(embeddedModel);
		await using session = await model.createSession({ contextLength: 256 });
		await session.prefill('Once upon a time');
		await session.save(path('whole'));
		const bytes = readFileSync(path('whole'));
		change(bytes);
		writeFileSync(path('other'), withChecksum(bytes));
		await expect(session.load(path('other'))).rejects.toMatchObject({
			code: 'STATE_MISMATCH',
			message: expect.stringMatching(message),
		});
	});

	test.each(['embedded', 'tiny-lfm2'] as const)(
		'is computed again where it has a right checksum but cells without end (%s)',
		async (name) => {
			await using model = await loadModel(name === 'embedded' ? embeddedModel : await randomModel(name));
			await using session = await model.createSession({ contextLength: 256 });
			await session.prefill('Once upon a time');
			const { length } = await session.history();
			await session.save(path('whole'));
			const options = { maxTokens: 4, draft: 'off', logitBias: noEnd(model) } as const;
			const right = (await session.generate(null, options).result).tokens;
			for (let word = 0; word < 8; word++) {
				const bytes = readFileSync(path('whole'));
				bytes.writeUInt32LE(2 ** 32 - 1, headerBytes + 4 * (length + word));
				writeFileSync(path('made up'), withChecksum(bytes));
				await session.load(path('made up'));
				const { tokens, metrics } = await session.generate(null, options).result;
				if (metrics.reusedTokens === 0) expect(tokens, `word ${word}`).toEqual(right);
			}
		},
	);

	test('is refused where its checksum is right but no session can be so', async () => {
		await using model = await loadModel(embeddedModel);
		await using session = await model.createSession({ contextLength: 256 });
		await session.prefill('Once upon a time');
		const { length } = await session.history();
		await session.save(path('whole'));
		const cachedAt = headerBytes - 24;
		const changes: Array<(bytes: Buffer) => void> = [
			(bytes) => bytes.writeBigUInt64LE(BigInt(length), cachedAt),
			(bytes) => bytes.writeBigUInt64LE(2n ** 63n, cachedAt),
			(bytes) => bytes.writeInt32LE(-1, headerBytes),
			(bytes) => bytes.writeInt32LE(model.info.vocabularySize, headerBytes + 4),
		];
		for (const change of changes) {
			const bytes = readFileSync(path('whole'));
			expect(withChecksum(Buffer.from(bytes)), 'what the test takes for the checksum').toEqual(bytes);
			change(bytes);
			writeFileSync(path('made up'), withChecksum(bytes));
			await expect(session.load(path('made up'))).rejects.toMatchObject({ code: 'STATE_IO' });
		}
	});

	test('whose cells are not what its tokens need has them computed again', async () => {
		await using model = await loadModel(embeddedModel);
		await using session = await model.createSession({ contextLength: 256 });
		await session.prefill('Once upon a time there was a red box near the market.');
		const expected = await run(session, null, { maxTokens: 12, draft: 'off' });
		await session.prefill('Once upon a time there was a red box near the market.');
		await session.save(path('whole'));
		const bytes = readFileSync(path('whole'));
		// The position of the last cell of the only cache.
		const { length } = await session.history();
		const cells = headerBytes + 4 * length;
		const count = bytes.readUInt32LE(cells + 12);
		expect(count).toBe(length - 1);
		const positionAt = cells + 16 + 12 * (count - 1);
		expect(bytes.readInt32LE(positionAt)).toBe(count - 1);
		bytes.writeInt32LE(count + 7, positionAt);
		writeFileSync(path('moved'), withChecksum(bytes));
		await session.load(path('moved'));
		const after = await run(session, null, { maxTokens: 12, draft: 'off' });
		expect(after.metrics.reusedTokens).toBe(0);
		expect(after.tokens).toEqual(expected.tokens);
	});
});

const caches: Array<{
	shape: 'tiny-llama' | 'tiny-gemma3' | 'tiny-mamba' | 'tiny-lfm2';
	options: SessionOptions;
}> = [
	{ shape: 'tiny-llama', options: {} },
	{ shape: 'tiny-gemma3', options: {} },
	{ shape: 'tiny-gemma3', options: { fullSlidingWindow: false } },
	{ shape: 'tiny-mamba', options: {} },
	{ shape: 'tiny-lfm2', options: {} },
];

describe.each(caches)('a saved session of $shape with $options', ({ shape, options }) => {
	const create = (model: Model, more: SessionOptions = {}) =>
		model.createSession({
			threads: 1,
			contextLength: 128,
			keyType: 'f32',
			valueType: 'f32',
			...options,
			...more,
		});

	test.each(['error', 'shift'] as const)(
		'that has filled its context can be loaded by itself and by another (overflow %s)',
		async (overflow) => {
			await using model = await loadModel(await randomModel(shape));
			await using session = await create(model, { overflow });
			await session.prefill(Int32Array.from({ length: 20 }, (_, i) => 300 + i));
			const maxTokens = 129 - 20;
			const options = { draft: { size: 8 }, logitBias: noEnd(model) };
			await session.generate(null, { ...options, maxTokens }).result;
			const full = await session.history();
			expect(full.length).toBe(129);
			await session.save(path('full'));
			let expected = await run(session, null, { ...options, maxTokens: 20 });
			expect(expected.finishReason).toBe(overflow === 'error' ? 'context' : 'length');

			await using other = await create(model, { overflow });
			if (overflow === 'shift' && shape === 'tiny-gemma3') {
				// The file leaves out what the window hides: in place of a shift the rest is computed again.
				await other.load(path('full'));
				expected = await run(other, null, { ...options, maxTokens: 20 });
			}
			const log = new ForkLog();
			for (const one of [session, other]) {
				await one.load(path('full'));
				expect(await one.history()).toEqual(full);
				await log.compare(shape, expected, await run(one, null, { ...options, maxTokens: 20 }));
			}
			expect(log.wide).toEqual([]);
			await using small = await create(model, { overflow, contextLength: 127 });
			await expect(small.load(path('full'))).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
		},
	);

	test('goes on as a fresh one in a session of another shape, and can be rolled back there', async () => {
		await using model = await loadModel(await randomModel(shape));
		const choices = new Choices(1, shape);
		const log = new ForkLog();
		await using session = await create(model, { contextLength: 1024 });
		await using fresh = await create(model, { contextLength: 1024 });
		const generate = { draft: 'off', logitBias: noEnd(model) } as const;
		await session.prefill(Int32Array.from({ length: 250 }, () => 10 + choices.below(1000)));
		await session.generate(null, { ...generate, maxTokens: 50 }).result;
		await session.save(path('long'));
		const history = await session.history();
		for (const other of [
			{ contextLength: 320 },
			{ contextLength: 2048, maxSequences: 1 },
			{ contextLength: 512, maxSequences: 3, batchSize: 64, microBatchSize: 32 },
			{ contextLength: 512, flashAttention: 'off' },
		] as const) {
			await using one = await create(model, other);
			// Another conversation, and a fork that goes on holding cells of it.
			await one.prefill(Int32Array.from({ length: 30 }, () => 10 + choices.below(1000)));
			if (other.contextLength > 320 && !('maxSequences' in other && other.maxSequences === 1))
				await one.fork();
			await one.load(path('long'));
			expect(await one.history()).toEqual(history);
			for (const length of [history.length, 180, 70]) {
				await one.rollback(length);
				await fresh.rollback(0);
				const plain = await run(fresh, history.slice(0, length), { ...generate, maxTokens: 12 });
				const label = `${shape} in ${JSON.stringify(other)}, ${length} tokens`;
				await log.compare(label, plain, await run(one, null, { ...generate, maxTokens: 12 }));
			}
		}
		expect(log.wide).toEqual([]);
	});
});
