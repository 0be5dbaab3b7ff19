import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	copyFileSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadModel, loadTokenizer, type Session } from '../lib/index.js';
import { readLines } from '../lib/lines.js';
import { filePath } from '../lib/options.js';
import { reprise } from './support/cli.js';
import { embeddedModel, vocabularyFile } from './support/models.js';
import { tokenizerJson } from './support/tokenizer-json.js';

// Folders of these tests alone: what is saved to replaces what is there.
const all = mkdtempSync(join(tmpdir(), 'reprise-files-'));
let folder = all;
let folders = 0;
const at = (name: string) => join(folder, name);
beforeEach(() => {
	folder = join(all, `${folders++}`);
	mkdirSync(folder);
});

const model = await loadModel(embeddedModel);
let session: Session;
beforeAll(async () => {
	session = await model.createSession({ contextLength: 128 });
	await session.prefill('Mara found a lantern near the harbor.');
});
afterAll(async () => {
	await session.dispose();
	await model.dispose();
	rmSync(all, { recursive: true, force: true });
});

/** Loads what was saved; the number of its tokens. */
async function saved(path: string): Promise<number> {
	await using other = await model.createSession({ contextLength: 128 });
	await other.load(path);
	return (await other.history()).length;
}

const said = () => session.history().then((tokens) => tokens.length);

describe('saving to a link writes the file it leads to', () => {
	const links: Array<[string, (link: string) => string]> = [
		[
			'by its name',
			(link) => {
				symlinkSync('real.state', link);
				return at('real.state');
			},
		],
		[
			'by its whole path',
			(link) => {
				symlinkSync(at('real.state'), link);
				return at('real.state');
			},
		],
		[
			'over other links',
			(link) => {
				symlinkSync('real.state', at('second'));
				symlinkSync('second', at('first'));
				symlinkSync(at('first'), link);
				return at('real.state');
			},
		],
		[
			'in another folder, relative to the link’s own',
			(link) => {
				mkdirSync(at('elsewhere'));
				symlinkSync(relative(folder, at('elsewhere/real.state')), link);
				return at('elsewhere/real.state');
			},
		],
		[
			'where the link is in a folder that is a link',
			(link) => {
				mkdirSync(at('deep/inner'), { recursive: true });
				symlinkSync('../real.state', at('deep/inner/back'));
				symlinkSync('deep/inner', at('short'));
				symlinkSync('short/back', link);
				return at('deep/real.state');
			},
		],
	];

	test.each(links)('%s, whether it exists', async (_, make) => {
		const link = at('link.state');
		const target = make(link);
		writeFileSync(target, 'older');
		const text = readlinkSync(link);
		await session.save(link);
		expect(lstatSync(link).isSymbolicLink() && readlinkSync(link) === text).toBe(true);
		expect(lstatSync(target).isFile()).toBe(true);
		expect(await saved(target)).toBe(await said());
	});

	test.each(links)('%s, or not yet', async (_, make) => {
		const link = at('link.state');
		const target = make(link);
		await session.save(link);
		expect(lstatSync(link).isSymbolicLink()).toBe(true);
		expect(await saved(target)).toBe(await said());
	});

	test('and of a corpus likewise', async () => {
		symlinkSync('real.corpus', at('link.corpus'));
		for (let turn = 0; turn < 2; turn++) {
			const remembering = await loadModel(embeddedModel, { corpus: at('link.corpus') });
			const talk = await remembering.createSession({ contextLength: 128 });
			await talk.prefill(`Mara found lantern number ${turn} near the harbor.`);
			await talk.dispose();
			await remembering.dispose();
			expect(lstatSync(at('link.corpus')).isSymbolicLink()).toBe(true);
			expect(lstatSync(at('real.corpus')).size).toBeGreaterThan(64);
		}
	});

	test('and says so where links lead in a circle or to a folder that is not there', async () => {
		symlinkSync('b', at('a'));
		symlinkSync('a', at('b'));
		await expect(session.save(at('a'))).rejects.toMatchObject({ code: 'STATE_IO' });
		symlinkSync('nowhere/real.state', at('dangling'));
		await expect(session.save(at('dangling'))).rejects.toMatchObject({ code: 'STATE_IO' });
		await expect(loadModel(embeddedModel, { corpus: at('dangling') })).rejects.toMatchObject({
			code: 'STATE_IO',
			message: expect.stringContaining('folder'),
		});
		expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'dangling']);
	});

	test('but another hard link keeps the older file', async () => {
		writeFileSync(at('one'), 'older');
		linkSync(at('one'), at('other'));
		await session.save(at('one'));
		expect(readFileSync(at('other'), 'utf8')).toBe('older');
		expect(await saved(at('one'))).toBe(await said());
	});
});

describe('a save that was killed', () => {
	test('leaves nothing that the next to the same path does not remove', async () => {
		const script = fileURLToPath(new URL('fixtures/save-for-ever.ts', import.meta.url));
		const isPart = (name: string) => name.endsWith('.part');
		let left: string[] = [];
		for (let attempt = 0; attempt < 10 && left.length === 0; attempt++) {
			const child = spawn(process.execPath, ['--import', 'tsx', script, at('a.state')], { stdio: 'pipe' });
			await once(child.stdout, 'data');
			const until = Date.now() + 5000;
			while (!readdirSync(folder).some(isPart) && Date.now() < until);
			child.kill('SIGKILL');
			await once(child, 'close');
			left = readdirSync(folder).filter(isPart);
		}
		expect(left).not.toEqual([]);
		await session.save(at('a.state'));
		expect(readdirSync(folder)).toEqual(['a.state']);
	});

	test('of a corpus goes also when it is loaded', async () => {
		writeFileSync(at('said.idx1234.part'), 'half a corpus');
		const remembering = await loadModel(embeddedModel, { corpus: at('said.idx') });
		await remembering.dispose();
		expect(readdirSync(folder)).toEqual([]);
	});

	test('of another path is left to the next there', async () => {
		for (const name of [
			'a.state1.part',
			'ab.state1.part',
			'a.state.part',
			'a.state1x.part',
			'a.state12.parts',
		])
			writeFileSync(at(name), '');
		mkdirSync(at('a.state2.part'));
		await session.save(at('a.state'));
		expect(readdirSync(folder).sort()).toEqual(
			[
				'a.state',
				'a.state.part',
				'a.state12.parts',
				'a.state1x.part',
				'a.state2.part',
				'ab.state1.part',
			].sort(),
		);
	});

	test.runIf(process.platform === 'linux')('is not taken for one that is under way', async () => {
		writeFileSync(at('a.state7.part'), 'being written');
		const holder = spawn('flock', ['--exclusive', at('a.state7.part'), 'sh', '-c', 'echo held; exec cat']);
		await once(holder.stdout, 'data');
		await session.save(at('a.state'));
		expect(readdirSync(folder).sort()).toEqual(['a.state', 'a.state7.part']);
		holder.stdin.end();
		await once(holder, 'close');
		await session.save(at('a.state'));
		expect(readdirSync(folder)).toEqual(['a.state']);
	});
});

describe.runIf(process.platform !== 'win32')('what is no regular file', () => {
	const server = createServer();
	afterAll(() => server.close());

	const kinds: Array<[string, () => Promise<string>]> = [
		[
			'a pipe',
			async () => {
				execFileSync('mkfifo', [at('pipe')]);
				return at('pipe');
			},
		],
		[
			'a socket',
			async () => {
				await once(server.listen(at('socket')), 'listening');
				return at('socket');
			},
		],
		[
			'a device',
			async () => {
				execFileSync('mknod', [at('device'), 'c', '1', '3'], { stdio: 'ignore' });
				return at('device');
			},
		],
		['a directory', async () => folder],
	];

	test.for(kinds)('is refused without waiting for it: %s', async ([kind, make], { skip }) => {
		// Only a privileged user makes a device.
		const path = await make().catch(() => skip());
		const what = expect.stringContaining(`is ${kind}`);
		symlinkSync(path, at('link'));
		for (const name of [path, at('link')]) {
			await expect(loadModel(name)).rejects.toMatchObject({ code: 'MODEL_INVALID', message: what });
			await expect(session.load(name)).rejects.toMatchObject({ code: 'STATE_IO', message: what });
			await expect(session.save(name)).rejects.toMatchObject({ code: 'STATE_IO', message: what });
			await expect(loadModel(embeddedModel, { corpus: name })).rejects.toMatchObject({
				code: 'STATE_IO',
				message: what,
			});
			await expect(loadTokenizer(name)).rejects.toMatchObject({ code: 'TOKENIZER_INVALID' });
		}
		const { mode } = statSync(path);
		expect(mode).toBe(lstatSync(path).mode);
		server.close();
	});
});

describe('a path', () => {
	test('may be a file: URL, a string or an object', async () => {
		const name = 'Mära 100%.gguf';
		copyFileSync(embeddedModel, at(name));
		const url = pathToFileURL(at(name));
		for (const path of [url, url.href]) {
			await using loaded = await loadModel(path);
			expect(loaded.info.vocabularySize).toBe(2048);
		}
		await session.save(pathToFileURL(at('a b.state')));
		expect(readdirSync(folder)).toContain('a b.state');
		await session.load(pathToFileURL(at('a b.state')).href);
		const corpus = pathToFileURL(at('said.idx'));
		const remembering = await loadModel(url, { corpus });
		const talk = await remembering.createSession({ contextLength: 128 });
		await talk.prefill('Mara found a lantern near the harbor.');
		await talk.dispose();
		await remembering.dispose();
		expect(readdirSync(folder)).toContain('said.idx');
	});

	test('of a tokenizer and of lines likewise', async () => {
		writeFileSync(
			at('tokenizer.json'),
			JSON.stringify(await tokenizerJson(vocabularyFile('gpt-2'), 'gpt-2')),
		);
		await using tokenizer = await loadTokenizer(pathToFileURL(at('tokenizer.json')));
		expect(tokenizer.vocabularySize).toBeGreaterThan(0);
		writeFileSync(at('lines.txt'), 'one\ntwo\n');
		const lines: string[] = [];
		for await (const line of readLines(pathToFileURL(at('lines.txt')))) lines.push(line);
		expect(lines).toEqual(['one', 'two']);
	});

	test('that begins with ~ is in the home folder', () => {
		expect(filePath('~', 'path')).toBe(join(homedir()));
		expect(filePath('~/models/a.gguf', 'path')).toBe(join(homedir(), 'models', 'a.gguf'));
		expect(filePath('./~/a.gguf', 'path')).toBe('./~/a.gguf');
		expect(filePath('~a.gguf', 'path')).toBe('~a.gguf');
		expect(filePath('a/~', 'path')).toBe('a/~');
	});

	test.each([
		[new URL('https://example.com/model.gguf'), 'file: URL'],
		['file://elsewhere/model.gguf', 'file: URL'],
		['file:///model%00.gguf', 'file: URL'],
		['', 'the path of a file'],
		['a\0b', 'the path of a file'],
		[{ href: 'file:///a' }, 'the path of a file'],
		[1, 'the path of a file'],
	])('that is none says what is expected: %s', async (path, message) => {
		const wrong = { code: 'OPTION_INVALID', message: expect.stringContaining(message) };
		await expect(loadModel(path as string)).rejects.toMatchObject(wrong);
		await expect(session.save(path as string)).rejects.toMatchObject(wrong);
		await expect(session.load(path as string)).rejects.toMatchObject(wrong);
		await expect(loadTokenizer(path as string)).rejects.toMatchObject(wrong);
		await expect(loadModel(embeddedModel, { corpus: path as string })).rejects.toMatchObject(wrong);
	});

	test('on the command line is the same', async () => {
		writeFileSync(at('prompt.txt'), 'Mara');
		const { status, stdout, stderr } = await reprise([
			...['generate', pathToFileURL(embeddedModel).href, '--threads', '1', '--max-tokens', '3', '--json'],
			...['--prompt-file', pathToFileURL(at('prompt.txt')).href],
			...['--corpus', pathToFileURL(at('said.idx')).href],
		]);
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		expect(JSON.parse(stdout).outputTokens).toBe(3);
		expect(readdirSync(folder)).toContain('said.idx');
	});
});
