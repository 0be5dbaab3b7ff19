import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel, type Session, type SessionOptions } from '../lib/index.js';
import { ask, problem } from './support/chatml.js';
import { copyPrompt, createEndlessSession, endless } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';

const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());

const openSession = (options?: SessionOptions) =>
	model.createSession({ contextLength: 512, threads: 1, ...options });
const promptTokens = [...model.tokenize(copyPrompt, { parseSpecial: true })];

describe('prefill', () => {
	test('makes the history equal to the prompt', async () => {
		await using session = await openSession();
		const result = await session.prefill(copyPrompt);
		expect([...(await session.history())]).toEqual(promptTokens);
		expect(result).toMatchObject({ promptTokens: promptTokens.length, reusedTokens: 0 });
	});

	test('reuses the longest common prefix with the history', async () => {
		await using session = await openSession();
		await session.prefill(promptTokens);
		const changed = [...promptTokens.slice(0, 20), 5, 6, 7];
		expect(await session.prefill(changed)).toMatchObject({ promptTokens: 23, reusedTokens: 20 });
		expect([...(await session.history())]).toEqual(changed);
	});

	test('reports its progress up to all tokens', async () => {
		await using session = await model.createSession({ contextLength: 512, threads: 1, batchSize: 64 });
		const reports: Array<[number, number]> = [];
		const long = Array.from({ length: 5 }).flatMap(() => promptTokens);
		await session.prefill(long, { onProgress: (done, total) => reports.push([done, total]) });
		const done = reports.map(([tokens]) => tokens);
		expect(done.length).toBeGreaterThan(1);
		expect(done).toEqual(done.toSorted((a, b) => a - b));
		expect(done.at(-1)).toBe(reports.at(-1)?.[1]);
	});

	test('what onProgress throws is how it ends, and leaves the session usable', async () => {
		await using session = await openSession({ batchSize: 8 });
		const mine = new Error('mine');
		const onProgress = () => {
			throw mine;
		};
		await expect(session.prefill(copyPrompt, { onProgress })).rejects.toMatchObject({
			code: 'ABORTED',
			message: 'onProgress threw: mine',
			cause: mine,
		});
		expect((await session.generate(copyPrompt).result).finishReason).toBe('end');
	});

	test('an aborted one rejects with ABORTED and leaves the session usable', async () => {
		await using session = await openSession();
		await expect(session.prefill(copyPrompt, { signal: AbortSignal.abort() })).rejects.toMatchObject({
			code: 'ABORTED',
		});
		expect((await session.generate(copyPrompt).result).finishReason).toBe('end');
	});
});

describe('a generation', () => {
	test('ends with what onPrefill throws, and its family goes on', async () => {
		await using session = await openSession({ batchSize: 8 });
		await session.prefill('The red');
		await using fork = await session.fork();
		const other = fork.generate(null, { maxTokens: 8 });
		const onPrefill = () => {
			throw null;
		};
		const failed = session.generate(copyPrompt, { onPrefill });
		await expect(failed.result).rejects.toMatchObject({ code: 'ABORTED', message: 'onPrefill threw: null' });
		await expect(other.result).resolves.toBeDefined();
		expect((await session.generate(copyPrompt).result).finishReason).toBe('end');
	});
});

describe('append', () => {
	test('goes on after the history, of which nothing is computed again', async () => {
		await using session = await openSession();
		await session.prefill('The red');
		const result = await session.append(' box');
		const parts = [...model.tokenize('The red'), ...model.tokenize(' box')];
		expect([...(await session.history())]).toEqual(parts);
		expect(result.reusedTokens).toBe(model.tokenize('The red').length - 1);
	});

	test('begins a context where there is no history', async () => {
		await using session = await openSession();
		await session.append(copyPrompt);
		expect([...(await session.history())]).toEqual(promptTokens);
	});
});

describe('rollback', () => {
	test('cuts the history, and what follows is as if the rest had never been', async () => {
		await using session = await openSession();
		const first = await session.generate(copyPrompt).result;
		await session.rollback(promptTokens.length);
		expect([...(await session.history())]).toEqual(promptTokens);
		expect((await session.generate().result).text).toBe(first.text);
	});

	test('to more than the history is an error that names its length', async () => {
		await using session = await openSession();
		await session.prefill([1, 2, 3]);
		await expect(session.rollback(4)).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(/0…3 .*received 4/),
		});
		expect(await session.history()).toHaveLength(3);
	});
});

describe('fork', () => {
	test('has the same history and goes on independently', async () => {
		await using session = await openSession();
		await session.prefill(copyPrompt);
		await using fork = await session.fork();
		const said = await fork.generate().result;
		expect(said.metrics.reusedTokens).toBeGreaterThanOrEqual(promptTokens.length - 1);
		expect([...(await session.history())]).toEqual(promptTokens);
		expect((await session.generate().result).text).toBe(said.text);
	});

	test('lives on when its parent is disposed', async () => {
		const session = await openSession();
		await session.prefill(copyPrompt);
		await using fork = await session.fork();
		await session.dispose();
		expect((await fork.generate().result).finishReason).toBe('end');
	});

	test('more of them than maxSequences allows is an error', async () => {
		await using session = await model.createSession({ contextLength: 64, threads: 1, maxSequences: 2 });
		await using fork = await session.fork();
		await expect(fork.fork()).rejects.toMatchObject({ code: 'SEQUENCES_EXHAUSTED' });
	});
});

test('a reference is drafted from until it is cleared', async () => {
	await using session = await openSession();
	const options = { draft: { size: 8 } };
	const text = await session.generate(ask(problem), options).text();
	await session.addReference(text);
	const { metrics } = await session.generate(ask(problem), options).result;
	expect(metrics.acceptedBySource.reference).toBeGreaterThan(0);
	await session.clearReferences();
	const without = await session.generate(ask(problem), options).result;
	expect(without.metrics.draftedBySource.reference).toBe(0);
});

describe('save and load', () => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-state-'));

	test('carry history and cache to another session', async () => {
		const path = join(folder, 'état.state');
		await using session = await openSession();
		const first = await session.generate(copyPrompt, { maxTokens: 10 }).result;
		await session.save(path);
		const rest = await session.generate().result;

		await using other = await openSession();
		await other.load(path);
		expect(await other.history()).toHaveLength(promptTokens.length + first.tokens.length);
		const resumed = await other.generate().result;
		expect(resumed.text).toBe(rest.text);
		expect(resumed.metrics.reusedTokens).toBe(promptTokens.length + first.tokens.length - 1);
	});

	test('a state of another model is refused, and the session stays as it was', async () => {
		const path = join(folder, 'other.state');
		await using other = await loadModel(await randomModel('tiny-llama'));
		await using stranger = await other.createSession({ contextLength: 128, threads: 1 });
		await stranger.prefill('Hello');
		await stranger.save(path);

		await using session = await openSession();
		await session.prefill(copyPrompt);
		await expect(session.load(path)).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
		expect([...(await session.history())]).toEqual(promptTokens);
		expect((await session.generate().result).finishReason).toBe('end');
	});

	test.each([
		['a missing file', join(folder, 'missing.state')],
		['a directory', folder],
	])('%s is an error of input and output', async (_, path) => {
		await using session = await openSession();
		await expect(session.load(path)).rejects.toMatchObject({ code: 'STATE_IO' });
	});

	test('a file of other bytes is refused', async () => {
		const path = join(folder, 'bytes.state');
		writeFileSync(path, Buffer.alloc(4096, 'bytes'));
		await using session = await openSession();
		await expect(session.load(path)).rejects.toMatchObject({ code: expect.stringMatching(/^STATE_/) });
	});

	test('a place that cannot be written to is an error of input and output', async () => {
		await using session = await openSession();
		await session.prefill(copyPrompt);
		await expect(session.save(join(folder, 'missing', 'x.state'))).rejects.toMatchObject({
			code: 'STATE_IO',
		});
	});
});

test('the cost table gives a time for rising numbers of rows', async () => {
	await using session = await openSession();
	await session.prefill(copyPrompt);
	const table = await session.costTable();
	const rows = table.map((entry) => entry.rows);
	expect(rows[0]).toBe(1);
	expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b));
	for (const { ms } of table) expect(ms).toBeGreaterThan(0);
});

describe('calls that leave the history as it is', () => {
	test('may be made at once: forks', async () => {
		await using session = await openSession();
		await session.prefill(copyPrompt);
		const forks = await Promise.all([1, 2, 3, 4].map(() => session.fork()));
		const texts = await Promise.all(forks.map((fork) => fork.generate(null).text()));
		expect(new Set(texts)).toEqual(new Set([await session.generate(null).text()]));
		for (const fork of forks) await fork.dispose();
	});

	test('may be made at once: forks of a chat', async () => {
		await using session = await openSession();
		const chat = session.chat();
		await chat.send('Copy this text:\nTom asked Lena about the coins.').result;
		const forks = await Promise.all([1, 2, 3].map(() => chat.fork()));
		const again = await Promise.all(forks.map((fork) => fork.retry().text()));
		expect(again).toEqual(Array(3).fill(chat.messages.at(-1)?.content));
		for (const fork of forks) await fork.session.dispose();
	});

	test('may be made at once: references, saves and forks', async () => {
		await using session = await openSession();
		await session.prefill(copyPrompt);
		const folder = mkdtempSync(join(tmpdir(), 'reprise-session-'));
		const paths = ['a.state', 'b.state'].map((name) => join(folder, name));
		const [fork] = await Promise.all([
			session.fork(),
			...['One text', 'Another text'].map((reference) => session.addReference(reference)),
			...paths.map((path) => session.save(path)),
			session.clearReferences(),
		]);
		expect([...(await fork.history())]).toEqual([...(await session.history())]);
		await fork.dispose();
		for (const path of paths) {
			await session.load(path);
			expect([...(await session.history())]).toEqual([...promptTokens]);
		}
		rmSync(folder, { recursive: true });
	});

	test('keep the history from being changed until they are done', async () => {
		await using session = await openSession();
		await session.prefill(copyPrompt);
		const forking = session.fork();
		expect(() => session.generate(null)).toThrow(expect.objectContaining({ code: 'SESSION_BUSY' }));
		await expect(session.rollback(0)).rejects.toMatchObject({ code: 'SESSION_BUSY' });
		await (await forking).dispose();
		await session.rollback(0);
	});

	test('are waited for by dispose', async () => {
		const session = await openSession();
		await session.prefill(copyPrompt);
		const forking = Promise.all([session.fork(), session.fork()]);
		await session.dispose();
		for (const fork of await forking) await fork.dispose();
	});

	test('that fail leave the session free', async () => {
		await using session = await openSession({ maxSequences: 2 });
		await session.prefill(copyPrompt);
		const asked = await Promise.allSettled([1, 2, 3, 4].map(() => session.fork()));
		const codes = asked.map((one) => (one.status === 'rejected' ? one.reason.code : 'forked'));
		expect(new Set(codes)).toEqual(new Set(['forked', 'SEQUENCES_EXHAUSTED']));
		for (const one of asked) if (one.status === 'fulfilled') await one.value.dispose();
		expect((await session.generate(null, { maxTokens: 2 }).result).tokens.length).toBe(2);
	});
});

describe('a session that computes', () => {
	const calls: Record<string, (session: Session) => Promise<unknown>> = {
		generate: async (session) => session.generate('Again').result,
		prefill: (session) => session.prefill('Again'),
		append: (session) => session.append('Again'),
		rollback: (session) => session.rollback(0),
		fork: (session) => session.fork(),
		addReference: (session) => session.addReference('Again'),
		clearReferences: (session) => session.clearReferences(),
		save: (session) => session.save(join(tmpdir(), 'never.state')),
		load: (session) => session.load(join(tmpdir(), 'never.state')),
	};

	test.each(Object.entries(calls))('refuses %s, and goes on unharmed', async (_, call) => {
		await using session = await openSession();
		const alone = await session.generate(copyPrompt).text();
		const generation = session.generate(copyPrompt);
		await expect(call(session)).rejects.toMatchObject({ code: 'SESSION_BUSY' });
		expect(await generation.text()).toBe(alone);
	});

	test('still tells its history and costs', async () => {
		await using session = await createEndlessSession(model);
		const generation = session.generate(copyPrompt, endless(model));
		expect((await session.history()).length).toBeGreaterThanOrEqual(promptTokens.length);
		expect((await session.costTable()).length).toBeGreaterThan(0);
		generation.abort();
		expect((await generation.result).finishReason).toBe('aborted');
	});

	test('takes the next call as soon as the result is there', async () => {
		await using session = await openSession();
		await session.generate(copyPrompt).result;
		expect((await session.generate(copyPrompt).result).finishReason).toBe('end');
	});
});

describe('dispose', () => {
	const calls: Record<string, (session: Session) => Promise<unknown>> = {
		generate: async (session) => session.generate('Again').result,
		prefill: (session) => session.prefill('Again'),
		append: (session) => session.append('Again'),
		history: (session) => session.history(),
		rollback: (session) => session.rollback(0),
		fork: (session) => session.fork(),
		addReference: (session) => session.addReference('Again'),
		clearReferences: (session) => session.clearReferences(),
		save: (session) => session.save(join(tmpdir(), 'never.state')),
		load: (session) => session.load(join(tmpdir(), 'never.state')),
		costTable: (session) => session.costTable(),
		chat: async (session) => session.chat(),
	};

	test.each(Object.entries(calls))('makes %s an error', async (_, call) => {
		const session = await openSession();
		await session.dispose();
		await expect(call(session)).rejects.toMatchObject({ code: 'DISPOSED' });
	});

	test('ends the running generation, which keeps what was said', async () => {
		const session = await createEndlessSession(model);
		const generation = session.generate(copyPrompt, endless(model));
		for await (const chunk of generation) if (chunk.tokens.length > 0) break;
		const next = session.generate(copyPrompt, endless(model));
		await session.dispose();
		expect((await next.result).finishReason).toBe('aborted');
	});

	test('a second time does nothing', async () => {
		const session = await openSession();
		await session.dispose();
		await session.dispose();
	});
});
