import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devices, loadModel, type Model, type Session } from '../lib/index.js';
import { embeddedModel } from './support/models.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-abort-'));
const settings = { contextLength: 512, threads: 1 };
const prompt = 'Once upon a time';

let model: Model;
beforeAll(async () => {
	model = await loadModel(embeddedModel);
});
afterAll(() => model.dispose());

/** An error of the library after `signal` was aborted. */
const aborted = (cause: unknown) => ({ name: 'RepriseError', code: 'ABORTED', cause });

/** Like an AbortSignal, but it tells of its abort as often as it is asked to. */
class RepeatingSignal extends EventTarget {
	aborted = false;
	readonly reason = 'again';
	tell(): void {
		this.aborted = true;
		this.dispatchEvent(new Event('abort'));
	}
}

describe('createSession', () => {
	test('with a signal that was aborted before rejects with ABORTED', async () => {
		const signal = AbortSignal.abort('too late');
		await expect(model.createSession({ ...settings, signal })).rejects.toMatchObject(aborted('too late'));
	});

	test('refuses what is no signal', async () => {
		const creating = model.createSession({ signal: {} as AbortSignal });
		await expect(creating).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		const loading = loadModel(embeddedModel, { roomFor: { signal: AbortSignal.abort() } as object });
		await expect(loading).rejects.toThrow(/roomFor has no option "signal"/);
	});

	test('is ended by its own signal alone, and the others are made', async () => {
		const controllers = [1, 2, 3, 4].map(() => new AbortController());
		const made = controllers.map(({ signal }) => model.createSession({ ...settings, signal }));
		controllers[1]?.abort('this one');
		const [first, second, ...others] = await Promise.allSettled(made);
		expect(second).toMatchObject({ status: 'rejected', reason: aborted('this one') });
		for (const one of [first, ...others]) {
			if (one?.status !== 'fulfilled') throw one?.reason;
			expect((await one.value.generate(prompt, { maxTokens: 2 }).result).tokens).toHaveLength(2);
			await one.value.dispose();
		}
		for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
	});

	test('takes a signal that tells of its abort twice, also when all is over', async () => {
		const signal = new RepeatingSignal();
		const making = model.createSession({ ...settings, signal: signal as unknown as AbortSignal });
		signal.tell();
		signal.tell();
		await expect(making).rejects.toMatchObject(aborted('again'));
		signal.tell();
	});

	test('has given the session away when its signal is aborted later', async () => {
		const controller = new AbortController();
		await using session = await model.createSession({ ...settings, signal: controller.signal });
		controller.abort();
		expect((await session.generate(prompt, { maxTokens: 2 }).result).finishReason).toBe('length');
	});

	test('can be aborted, or not, while its model is disposed', async () => {
		const other = await loadModel(embeddedModel);
		const controller = new AbortController();
		const ended = other.createSession({ ...settings, signal: controller.signal });
		const made = other.createSession(settings);
		const disposed = other.dispose();
		controller.abort();
		await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
		await disposed;
		await (await made).dispose();
	});

	test('frees what an abort leaves, as often as that happens', async () => {
		const cycle = async () => {
			const controller = new AbortController();
			const making = model.createSession({ contextLength: 2 ** 16, threads: 1, signal: controller.signal });
			setTimeout(() => controller.abort(), 5 * Math.random());
			await making.then(
				(session) => session.dispose(),
				(error) => expect(error).toMatchObject({ code: 'ABORTED' }),
			);
		};
		for (let i = 0; i < 5; i++) await cycle();
		const before = process.memoryUsage().rss;
		for (let i = 0; i < 30; i++) await cycle();
		// Each context has 160 MB.
		expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
	});
});

test('devices rejects with ABORTED where the signal was aborted before, and takes one that is not', async () => {
	await expect(devices({ signal: AbortSignal.abort('before') })).rejects.toMatchObject(aborted('before'));
	expect((await devices({ signal: new AbortController().signal })).backends).toContain('CPU');
});

describe('a signal that throws', () => {
	const throwing = (method: 'addEventListener' | 'removeEventListener') =>
		({
			aborted: false,
			addEventListener: () => {},
			removeEventListener: () => {},
			[method]: () => {
				throw 'not today';
			},
		}) as unknown as AbortSignal;
	const refused = {
		name: 'RepriseError',
		code: 'OPTION_INVALID',
		message: 'Expected an AbortSignal for signal but its addEventListener threw: not today',
		cause: 'not today',
	};

	test('where it is listened to refuses a call before anything begins', async () => {
		const signal = throwing('addEventListener');
		await expect(devices({ rpc: ['127.0.0.1:1'], signal })).rejects.toMatchObject(refused);
		await expect(loadModel(embeddedModel, { signal })).rejects.toMatchObject(refused);
		await expect(model.createSession({ ...settings, signal })).rejects.toMatchObject(refused);
		await using session = await model.createSession(settings);
		await expect(session.prefill(prompt, { signal })).rejects.toMatchObject(refused);
		await expect(session.fork({ signal })).rejects.toMatchObject(refused);
		await expect(session.generate(prompt, { signal }).result).rejects.toMatchObject(refused);
		expect((await session.generate(prompt, { maxTokens: 2 }).result).tokens).toHaveLength(2);
	});

	test('where it is left keeps no call from its result', async () => {
		const signal = throwing('removeEventListener');
		expect((await devices({ signal })).backends).toContain('CPU');
		await using session = await model.createSession({ ...settings, signal });
		expect((await session.prefill(prompt, { signal })).promptTokens).toBeGreaterThan(0);
		await using fork = await session.fork({ signal });
		expect(await fork.history()).toEqual(await session.history());
	});
});

test('a callback may throw what has no text', async () => {
	const thrown = Object.create(null);
	const onProgress = () => {
		throw thrown;
	};
	const loading = loadModel(embeddedModel, { onProgress });
	await expect(loading).rejects.toSatisfy((error) => error.code === 'ABORTED' && error.cause === thrown);
});

describe('a call of a session', () => {
	let session: Session;
	const states = join(folder, 'a.state');
	beforeAll(async () => {
		session = await model.createSession({ contextLength: 4096, microBatchSize: 2048, threads: 1 });
		await session.prefill(prompt);
		await session.save(states);
	});
	afterAll(() => session.dispose());

	const calls: Array<[string, (signal: AbortSignal) => Promise<unknown>]> = [
		['fork', (signal) => session.fork({ signal })],
		['save', (signal) => session.save(join(folder, 'never'), { signal })],
		['load', (signal) => session.load(states, { signal })],
		['chat.fork', (signal) => session.chat({ template: 'x' }).fork({ signal })],
	];

	test.each(calls)('%s rejects with ABORTED where the signal was aborted before', async (_, call) => {
		await expect(call(AbortSignal.abort('before'))).rejects.toMatchObject(aborted('before'));
		expect(existsSync(join(folder, 'never'))).toBe(false);
	});

	test.each(calls)('%s rejects with ABORTED where the signal is aborted before its turn', async (_, call) => {
		const history = await session.history();
		await using fork = await session.fork();
		// One pass of so many tokens takes the family's thread a tenth of a second.
		const busy = fork.prefill(Int32Array.from({ length: 2000 }, (_, i) => i));
		await new Promise((resolve) => setTimeout(resolve, 20));
		const controller = new AbortController();
		const calling = call(controller.signal);
		controller.abort('meanwhile');
		await expect(calling).rejects.toMatchObject(aborted('meanwhile'));
		expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
		await busy;
		expect(existsSync(join(folder, 'never'))).toBe(false);
		expect(await session.history()).toEqual(history);
	});

	test('ends alone of several that wait', async () => {
		const controllers = [1, 2, 3].map(() => new AbortController());
		const forks = controllers.map(({ signal }) => session.fork({ signal }));
		controllers[1]?.abort();
		const ends = await Promise.allSettled(forks);
		expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		for (const end of ends) if (end.status === 'fulfilled') await end.value.dispose();
	});

	test('a save under way comes to its end where the session is disposed', async () => {
		const other = await model.createSession(settings);
		await other.prefill(prompt);
		const file = join(folder, 'whole');
		const saving = other.save(file);
		await other.dispose();
		await saving;
		expect(existsSync(file)).toBe(true);
	});
});
