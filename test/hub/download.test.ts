import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type DownloadProgress, downloadModel, loadModel } from '../../lib/index.js';
import {
	breaksOffAfter,
	fallsSilentAfter,
	gitId,
	hangs,
	knowsNoRanges,
	refuses,
	sends,
	sha256,
	TestHub,
	truncatesTo,
} from '../support/hub.js';
import { filesOf, freshCaches } from '../support/hub-cache.js';
import { splitModel } from '../support/split.js';

const content = readFileSync(fileURLToPath(new URL('../../models/reprise-2m.gguf', import.meta.url)));
const file = 'reprise-2m-F16.gguf';
const oid = sha256(content);
const name = `hf:reprise/small/${file}`;

const hub = await TestHub.start();
const commit = hub.commit('reprise/small', { 'README.md': Buffer.from('# Small'), [file]: content });
const cache = freshCaches(hub);

const folder = () => join(cache(), 'models--reprise--small');
const blob = (hash = oid) => join(folder(), 'blobs', hash);

/** Leaves what an earlier download would have left. */
function leavePartial(bytes: Buffer): void {
	mkdirSync(dirname(blob()), { recursive: true });
	writeFileSync(`${blob()}.incomplete`, bytes);
}

const ranges = () => hub.asked('content').map(({ range }) => range);
/** Tries again at once are slow enough. */
const quick = { hub: { maxRetries: 2, timeoutMs: 500 } };

describe('a model that is named', () => {
	test('is loaded from the hub, and then from the cache', async () => {
		await using model = await loadModel(name);
		expect(model.info.architecture).toBe('llama');
		await using session = await model.createSession({ contextLength: 64, threads: 1 });
		expect((await session.generate('Every', { maxTokens: 3 }).result).tokens).toHaveLength(3);
		await using again = await loadModel(name);
		expect(again.info).toEqual(model.info);
		expect(hub.asked('content')).toHaveLength(1);
	});

	test('lies in the cache as the hub’s other programs lay it', async () => {
		const { path, parts, commit: at } = await downloadModel(name);
		expect(at).toBe(commit);
		expect(parts).toEqual([path]);
		expect(filesOf(cache())).toEqual([
			`models--reprise--small/blobs/${oid}`,
			'models--reprise--small/refs/main',
			`models--reprise--small/snapshots/${commit}/${file}`,
		]);
		expect(path).toBe(join(folder(), 'snapshots', commit, file));
		expect(readlinkSync(path)).toBe(join('..', '..', 'blobs', oid));
		expect(readFileSync(join(folder(), 'refs', 'main'), 'utf8')).toBe(commit);
		expect(readFileSync(path).equals(content)).toBe(true);
	});

	test('is chosen by its tag, or without one', async () => {
		expect((await downloadModel('hf:reprise/small:f16')).path).toMatch(/reprise-2m-F16\.gguf$/);
		expect((await downloadModel('hf:reprise/small')).path).toMatch(/reprise-2m-F16\.gguf$/);
	});

	test('is found in a listing of many pages', async () => {
		hub.pageSize = 1;
		await downloadModel(name);
		expect(hub.asked('tree')).toHaveLength(2);
	});

	test('comes from a revision, of which the cache keeps each', async () => {
		const other = Buffer.concat([content.subarray(0, -1), Buffer.of(1)]);
		const dev = hub.commit('reprise/small', { [file]: other }, 'refs/pr/1');
		const { path, commit: at } = await downloadModel(`hf:reprise/small@refs%2Fpr%2F1/${file}`);
		expect(at).toBe(dev);
		expect(readFileSync(path).equals(other)).toBe(true);
		expect(readFileSync(join(folder(), 'refs', 'refs', 'pr', '1'), 'utf8')).toBe(dev);
		expect(readFileSync((await downloadModel(name)).path).equals(content)).toBe(true);
		expect(readFileSync((await downloadModel(`hf:reprise/small@${dev}/${file}`)).path).equals(other)).toBe(
			true,
		);
	});

	test('is downloaded again where its branch has moved on, and what is the same is not', async () => {
		const files = { [file]: content, 'other.gguf': Buffer.alloc(2000, 1) };
		hub.commit('reprise/moving', files);
		await downloadModel('hf:reprise/moving/other.gguf');
		await downloadModel(`hf:reprise/moving/${file}`);
		const moved = hub.commit('reprise/moving', { ...files, 'other.gguf': Buffer.alloc(2000, 2) });
		hub.requests.length = 0;
		const { path } = await downloadModel('hf:reprise/moving/other.gguf');
		expect(readFileSync(path)[0]).toBe(2);
		expect((await downloadModel(`hf:reprise/moving/${file}`)).commit).toBe(moved);
		expect(hub.asked('content')).toHaveLength(1);
	});

	test('of a commit needs no hub once it is there', async () => {
		const pinned = `hf:reprise/small@${commit}/${file}`;
		await downloadModel(pinned);
		hub.requests.length = 0;
		await downloadModel(pinned);
		expect(hub.requests).toEqual([]);
		expect(existsSync(join(folder(), 'refs'))).toBe(false);
	});

	test('that is split comes whole and is loaded', async () => {
		const out = mkdtempSync(join(tmpdir(), 'reprise-hub-split-'));
		const whole = fileURLToPath(new URL('../../models/reprise-2m.gguf', import.meta.url));
		const parts = splitModel(whole, join(out, 'small-Q8_0'), 3, (tensor) => tensor % 3);
		const files = parts.map((part) => [`Q8_0/${part.slice(out.length + 1)}`, readFileSync(part)]);
		hub.commit('reprise/split', Object.fromEntries(files));
		const seen: DownloadProgress[] = [];
		await using model = await loadModel('hf:reprise/split:Q8_0', { onDownload: (at) => seen.push(at) });
		await using session = await model.createSession({ contextLength: 64, threads: 1 });
		expect((await session.generate('Every', { maxTokens: 3 }).result).tokens).toHaveLength(3);
		expect(hub.asked('content')).toHaveLength(3);
		const total = parts.reduce((sum, part) => sum + statSync(part).size, 0);
		expect(seen.at(-1)).toEqual({ file: files[2]?.[0], doneBytes: total, totalBytes: total });
		rmSync(out, { recursive: true });
	});

	test('that is small enough for Git has Git’s checksum', async () => {
		const tiny = Buffer.from('GGUF, almost');
		hub.commit('reprise/tiny', { 'tiny.gguf': tiny });
		await downloadModel('hf:reprise/tiny/tiny.gguf');
		expect(filesOf(cache())).toContain(`models--reprise--tiny/blobs/${gitId(tiny)}`);
		hub.commit('reprise/tiny', { 'tiny.gguf': Buffer.from('GGUF, others') });
		hub.always('resolve', sends(tiny));
		await expect(downloadModel('hf:reprise/tiny/tiny.gguf')).rejects.toMatchObject({
			code: 'DOWNLOAD_INVALID',
		});
	});
});

describe('progress', () => {
	test('is told in order, with the file and the bytes, and is whole at the end', async () => {
		const seen: DownloadProgress[] = [];
		await downloadModel(name, { onDownload: (at) => seen.push(at) });
		expect(seen.length).toBeGreaterThan(0);
		for (const { file: of, totalBytes } of seen) expect([of, totalBytes]).toEqual([file, content.length]);
		const done = seen.map(({ doneBytes }) => doneBytes);
		expect(done).toEqual([...done].sort((a, b) => a - b));
		expect(done.at(-1)).toBe(content.length);
	});

	test('that throws ends the download, and what has come stays', async () => {
		const cause = new Error('enough');
		const onDownload = () => {
			throw cause;
		};
		await expect(loadModel(name, { onDownload })).rejects.toMatchObject({ code: 'ABORTED', cause });
		expect(existsSync(`${blob()}.incomplete`)).toBe(true);
		expect(existsSync(blob())).toBe(false);
	});
});

describe('a signal', () => {
	test('that was aborted before lets nothing be asked', async () => {
		const signal = AbortSignal.abort('too late');
		const error = { code: 'ABORTED', cause: 'too late' };
		await expect(downloadModel(name, { signal })).rejects.toMatchObject(error);
		expect(hub.requests).toEqual([]);
	});

	test.each(['revision', 'tree', 'resolve', 'content'] as const)('ends the wait for a %s', async (kind) => {
		hub.always(kind, hangs);
		const controller = new AbortController();
		const loading = loadModel(name, { signal: controller.signal });
		while (hub.asked(kind).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		controller.abort('enough');
		await expect(loading).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
	});

	test('ends a download, which goes on from there the next time', async () => {
		hub.next('content', fallsSilentAfter(1_000_000));
		const controller = new AbortController();
		const onDownload = ({ doneBytes }: DownloadProgress) => {
			if (doneBytes > 0) controller.abort();
		};
		const loading = downloadModel(name, { onDownload, signal: controller.signal });
		await expect(loading).rejects.toMatchObject({ code: 'ABORTED' });
		const { size } = statSync(`${blob()}.incomplete`);
		expect(size).toBeGreaterThan(0);
		await downloadModel(name);
		expect(ranges()).toEqual([undefined, `bytes=${size}-`]);
	});

	test('ends the wait between two tries', async () => {
		hub.always('revision', refuses(503, undefined, 'busy', { 'retry-after': '200' }));
		const controller = new AbortController();
		const loading = downloadModel(name, { signal: controller.signal });
		while (hub.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		setTimeout(() => controller.abort(), 50);
		await expect(loading).rejects.toMatchObject({ code: 'ABORTED' });
	});
});

describe('a download that broke off', () => {
	test('goes on in the same call, with what is missing alone', async () => {
		hub.next('content', breaksOffAfter(1_000_000), breaksOffAfter(500_000));
		const { path } = await downloadModel(name);
		expect(readFileSync(path).equals(content)).toBe(true);
		const [first, ...others] = ranges();
		expect(first).toBeUndefined();
		expect(others).toHaveLength(2);
		for (const range of others) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
	});

	test('goes on in a later one', async () => {
		leavePartial(content.subarray(0, 3_000_000));
		const seen: number[] = [];
		await downloadModel(name, { onDownload: ({ doneBytes }) => seen.push(doneBytes) });
		expect(ranges()).toEqual(['bytes=3000000-']);
		expect(Math.min(...seen)).toBeGreaterThan(3_000_000);
	});

	test('needs no request where only its name was missing', async () => {
		leavePartial(content);
		expect(readFileSync((await downloadModel(name)).path).equals(content)).toBe(true);
		expect(ranges()).toEqual([]);
	});

	test('begins anew where the server knows no ranges', async () => {
		leavePartial(content.subarray(0, 3_000_000));
		hub.next('content', knowsNoRanges);
		expect(readFileSync((await downloadModel(name)).path).equals(content)).toBe(true);
	});

	test('begins anew where what was left is damaged or too long', async () => {
		leavePartial(Buffer.alloc(1_000_000, 7));
		expect(readFileSync((await downloadModel(name)).path).equals(content)).toBe(true);
		expect(ranges()).toEqual(['bytes=1000000-', undefined]);
		rmSync(folder(), { recursive: true });
		leavePartial(Buffer.concat([content, content]));
		expect(readFileSync((await downloadModel(name)).path).equals(content)).toBe(true);
	});

	test('is given up after some tries without a byte, and kept', async () => {
		hub.next('content', breaksOffAfter(1_000_000));
		hub.always('content', hangs);
		await expect(downloadModel(name, quick)).rejects.toMatchObject({
			code: 'HUB_UNAVAILABLE',
			message: expect.stringMatching(/said nothing for 0\.5 s, 3 times in a row$/),
		});
		expect(statSync(`${blob()}.incomplete`).size).toBeGreaterThan(0);
	});

	test('goes on where the server fell silent, or ended without saying so', async () => {
		hub.next('content', fallsSilentAfter(1_000_000), truncatesTo(2_000_000));
		const { path } = await downloadModel(name, { hub: { timeoutMs: 300 } });
		expect(readFileSync(path).equals(content)).toBe(true);
	});

	test('holds what it has against a process that ended in the middle', async () => {
		const lock = join(cache(), '.locks', 'models--reprise--small', `${oid}.reprise`);
		mkdirSync(dirname(lock), { recursive: true });
		// Of another machine, so that nobody can ask whether it runs: it is silent for ten seconds.
		writeFileSync(lock, JSON.stringify({ id: 'x', pid: 1, host: 'another' }));
		const past = new Date(0);
		utimesSync(lock, past, past);
		leavePartial(content.subarray(0, 1_000_000));
		await downloadModel(name);
		expect(ranges()).toEqual(['bytes=1000000-']);
		expect(existsSync(lock)).toBe(false);
	});
});

describe('what is not what the hub lists', () => {
	const fails = async (message: RegExp) => {
		const error = { code: 'DOWNLOAD_INVALID', message: expect.stringMatching(message) };
		await expect(downloadModel(name, quick)).rejects.toMatchObject(error);
		expect(filesOf(cache()).filter((path) => path.includes('blobs/'))).toEqual([]);
		hub.reset();
		expect(readFileSync((await downloadModel(name)).path).equals(content)).toBe(true);
	};

	test('by its checksum is removed', async () => {
		const other = Buffer.from(content);
		other[4_000_000] = (other[4_000_000] ?? 0) ^ 1;
		hub.always('content', sends(other));
		const sum = createHash('sha256').update(other).digest('hex');
		await fails(new RegExp(`its checksum is ${sum} in place of ${oid}$`));
	});

	test('by its size is removed: the listing says less, or more', async () => {
		hub.listedBytes.set(file, content.length - 1);
		await fails(/the hub lists 4396415 bytes and sends 4396416$/);
		rmSync(folder(), { recursive: true });
		hub.listedBytes.set(file, content.length + 1);
		await fails(/the hub lists 4396417 bytes and sends 4396416$/);
	});

	test('by what comes without a length is removed', async () => {
		hub.listedBytes.set(file, 1_000_000);
		hub.always('content', truncatesTo(content.length));
		await fails(/the hub lists 1000000 bytes and sends more$/);
	});

	test('by the range that comes is removed', async () => {
		leavePartial(content.subarray(0, 1_000_000));
		hub.always('content', (response) => {
			response
				.writeHead(206, { 'content-range': `bytes 0-9/${content.length}` })
				.end(content.subarray(0, 10));
		});
		await fails(/another part than was asked for/);
	});

	test('by a checksum of no known kind is refused', async () => {
		hub.next('tree', (response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end(JSON.stringify([{ type: 'file', path: file, size: 5, oid: '../../evil' }]));
		});
		await fails(/no checksum/);
	});

	test('by a path that leads elsewhere is not there', async () => {
		hub.next('tree', (response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end(JSON.stringify([{ type: 'file', path: '../../x.gguf', size: 5, oid }]));
		});
		await expect(downloadModel('hf:reprise/small')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
	});
});

describe('a disk', () => {
	test('that has no room is said to have none before the first byte', async () => {
		hub.listedBytes.set(file, 9e15);
		const error = {
			code: 'CACHE_IO',
			message: expect.stringMatching(/ has [\d.]+ GB left and the download needs 9000000\.0 GB/),
		};
		await expect(downloadModel(name)).rejects.toMatchObject(error);
		expect(hub.asked('content')).toEqual([]);
	});

	test.runIf(process.platform === 'linux')('that becomes full is said to be', async () => {
		mkdirSync(dirname(blob()), { recursive: true });
		symlinkSync('/dev/full', `${blob()}.incomplete`);
		const message = expect.stringMatching(/no space is left; what has come is kept.*HF_HUB_CACHE/);
		await expect(downloadModel(name)).rejects.toMatchObject({ code: 'CACHE_IO', message });
	});

	test('on which the cache is a file is said to be at fault', async () => {
		const path = join(dirname(cache()), 'a-file');
		writeFileSync(path, '');
		const downloading = downloadModel(name, { hub: { cacheFolder: path } });
		await expect(downloading).rejects.toMatchObject({ code: 'CACHE_IO' });
	});
});

test('a whole file in the cache that was cut is not noticed by its name, but by who loads it', async () => {
	const { path } = await downloadModel(name);
	truncateSync(path, 1_000_000);
	await expect(loadModel(name)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
});
