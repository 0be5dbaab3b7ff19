import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ask } from '../support/chatml.js';
import { reprise } from '../support/cli.js';
import { breaksOffAfter, fallsSilentAfter, refuses, TestHub } from '../support/hub.js';
import { filesOf, freshCaches } from '../support/hub-cache.js';
import { embeddedModel } from '../support/models.js';
import { splitModel } from '../support/split.js';

const content = readFileSync(embeddedModel);
const file = 'tiny-edit-1m-F16.gguf';
const name = `hf:reprise/tiny/${file}`;
const prompt = ask('Copy this text:\nMara found a red box.');

const out = mkdtempSync(join(tmpdir(), 'reprise-cli-hub-'));
const parts = splitModel(embeddedModel, join(out, 'tiny-Q8_0'), 2, (tensor) => tensor % 2);
const hub = await TestHub.start();
hub.commit('reprise/tiny', {
	'README.md': Buffer.from('# Tiny'),
	[file]: content,
	...Object.fromEntries(parts.map((part) => [`Q8_0/${part.slice(out.length + 1)}`, readFileSync(part)])),
});
const dev = hub.commit('reprise/tiny', { [file]: Buffer.concat([content, Buffer.of(0)]) }, 'dev');
const cache = freshCaches(hub);
afterAll(() => rmSync(out, { recursive: true }));

const fails = async (args: string[], message: RegExp) => {
	const { status, stdout, stderr } = await reprise(args);
	expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
	expect(stderr).toMatch(message);
	expect(stderr.trim().split('\n')).toHaveLength(1);
};

describe('pull', () => {
	test('downloads a model and prints its path', async () => {
		const { status, stdout, stderr } = await reprise(['pull', name]);
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		expect(readFileSync(stdout.trim()).equals(content)).toBe(true);
	});

	test('prints the paths of all parts', async () => {
		const { stdout } = await reprise(['pull', 'hf:reprise/tiny:q8_0']);
		const paths = stdout.trim().split('\n');
		expect(paths).toHaveLength(2);
		for (const path of paths) expect(existsSync(path)).toBe(true);
	});

	test('goes on where the connection broke off, and needs nothing the second time', async () => {
		hub.next('content', breaksOffAfter(500_000));
		expect((await reprise(['pull', name])).status).toBe(0);
		expect(hub.asked('content')[1]?.range).toMatch(/^bytes=[1-9]/);
		hub.requests.length = 0;
		expect((await reprise(['pull', name])).status).toBe(0);
		expect(hub.asked('content')).toEqual([]);
	});

	test('ends at Ctrl-C with the shell’s status for it, and keeps what has come', async () => {
		hub.always('content', fallsSilentAfter(1_000_000));
		const { spawn } = await import('node:child_process');
		const { fileURLToPath } = await import('node:url');
		const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
		const child = spawn(process.execPath, ['--import', 'tsx', main, 'pull', name], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		let said = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			said += text;
		});
		while (hub.asked('content').length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
		await new Promise((resolve) => setTimeout(resolve, 300));
		child.kill('SIGINT');
		const status = await new Promise((resolve) => child.on('close', resolve));
		expect(status).toBe(130);
		expect(said).toBe(`reprise: Downloading ${name} was aborted\n`);
		expect(filesOf(cache()).filter((path) => path.endsWith('.incomplete'))).toHaveLength(1);
	});

	test('says in one sentence why it cannot', async () => {
		await fails(
			['pull', 'model.gguf'],
			/^reprise: Expected hf:OWNER\/REPO for name but received "model\.gguf"/,
		);
		await fails(['pull', 'hf:reprise/none'], /^reprise: There is no reprise\/none on .*set HF_TOKEN/);
		await fails(
			['pull', 'hf:reprise/tiny:Q4_0'],
			/^reprise: .* has no file with the tag Q4_0; did you mean Q8_0\? It has /,
		);
		hub.always('revision', refuses(429, undefined, 'Too many requests', { 'retry-after': '1000' }));
		await fails(['pull', name], /^reprise: .* too many requests \(429\), and asks to wait 1000 s/);
		process.env.HF_HUB_OFFLINE = '1';
		await fails(['pull', name], /^reprise: .* is not in the cache .*HF_HUB_OFFLINE=0/);
	});
});

describe('ls', () => {
	test('lists the models of the cache by the names that commands take, and rm takes them', async () => {
		for (const one of [name, 'hf:reprise/tiny:Q8_0', 'hf:reprise/tiny@dev']) await reprise(['pull', one]);
		const { stdout, stderr } = await reprise(['ls']);
		expect(stderr).toBe('');
		expect(stdout.replaceAll(/ +/g, ' ')).toBe(
			'hf:reprise/tiny/Q8_0/tiny-Q8_0-00001-of-00002.gguf 2.5 MB\n' +
				`hf:reprise/tiny/${file} 2.5 MB\n` +
				`hf:reprise/tiny@dev/${file} 2.5 MB\n`,
		);
		for (const line of stdout.trim().split('\n')) {
			const [named = ''] = line.split(' ');
			expect((await reprise(['rm', named])).stdout).toBe(`Removed ${named}, 2.5 MB\n`);
		}
		expect(filesOf(cache())).toEqual([]);
	});

	test('prints JSON with paths, sizes and commits', async () => {
		const { stdout: path } = await reprise(['pull', 'hf:reprise/tiny@dev']);
		const { stdout } = await reprise(['ls', '--json']);
		expect(JSON.parse(stdout)).toEqual([
			{
				name: `hf:reprise/tiny@dev/${file}`,
				path: path.trim(),
				bytes: content.length + 1,
				commit: dev,
				isWhole: true,
			},
		]);
	});

	test('says that a part is missing', async () => {
		const { stdout } = await reprise(['pull', 'hf:reprise/tiny:Q8_0']);
		rmSync(stdout.trim().split('\n')[1] as string);
		expect((await reprise(['ls'])).stdout).toMatch(/MB, not whole\n$/);
	});

	test('of an empty cache prints nothing, and says where it looked', async () => {
		const { status, stdout, stderr } = await reprise(['ls']);
		expect({ status, stdout, stderr }).toEqual({
			status: 0,
			stdout: '',
			stderr: `There is no model in ${cache()}.\n`,
		});
		expect(JSON.parse((await reprise(['ls', '--json'])).stdout)).toEqual([]);
	});
});

describe('rm', () => {
	test('removes by tag, and leaves the others', async () => {
		for (const one of [name, 'hf:reprise/tiny:Q8_0']) await reprise(['pull', one]);
		expect((await reprise(['rm', 'hf:reprise/tiny:q8_0'])).stdout).toMatch(
			/^Removed hf:reprise\/tiny\/Q8_0\/.*, 2\.5 MB\n$/,
		);
		expect((await reprise(['ls'])).stdout).toBe(`${name}  2.5 MB\n`);
		expect(filesOf(cache()).filter((path) => path.includes('blobs/'))).toHaveLength(1);
	});

	test('of a repository alone removes all of it', async () => {
		for (const one of [name, 'hf:reprise/tiny:Q8_0']) await reprise(['pull', one]);
		expect((await reprise(['rm', 'hf:reprise/tiny'])).stdout.trim().split('\n')).toHaveLength(2);
		expect(filesOf(cache())).toEqual([]);
	});

	test('keeps a content that another revision has', async () => {
		hub.commit('reprise/same', { [file]: content });
		hub.commit('reprise/same', { [file]: content, 'a.md': Buffer.from('a') }, 'dev');
		for (const one of ['hf:reprise/same', 'hf:reprise/same@dev']) await reprise(['pull', one]);
		expect((await reprise(['rm', 'hf:reprise/same@dev'])).stdout).toBe(
			`Removed hf:reprise/same@dev/${file}, 0.0 MB\n`,
		);
		const { stdout } = await reprise(['pull', 'hf:reprise/same']);
		expect(readFileSync(stdout.trim()).equals(content)).toBe(true);
		expect(hub.asked('content')).toHaveLength(1);
	});

	test('says what there is where nothing has the name', async () => {
		await fails(['rm', name], /is not in the cache at .*: it has no model\n$/);
		await reprise(['pull', name]);
		await fails(
			['rm', 'hf:reprise/tiny/tiny-edit-1m-F32.gguf'],
			/did you mean hf:reprise\/tiny\/tiny-edit-1m-F16\.gguf\?/,
		);
		await fails(['rm', 'hf:someone/else'], /reprise ls lists the 1 that it has\n$/);
	});
});

describe('a command that takes a model takes a name:', () => {
	test('generate', async () => {
		const args = ['--prompt', prompt, '--threads', '1'];
		const { status, stdout } = await reprise(['generate', name, ...args]);
		expect(status).toBe(0);
		expect(stdout).toBe((await reprise(['generate', embeddedModel, ...args])).stdout);
	});

	test('chat', async () => {
		const { status, stdout } = await reprise(['chat', 'hf:reprise/tiny:Q8_0', '--threads', '1'], {
			input: 'Copy this text: Mara found a red box.\n',
		});
		expect(status).toBe(0);
		expect(stdout).not.toBe('');
	});

	test('correct, with tasks and with recorded ones', async () => {
		const tasks = join(out, 'tasks.jsonl');
		writeFileSync(tasks, `${JSON.stringify({ id: 'a', prompt: 'What is 3 and 4?', answer: '7' })}\n`);
		const args = [
			'--tasks',
			tasks,
			'--verifier',
			'numeric',
			'--rounds',
			'1',
			'--max-tokens',
			'8',
			'--threads',
			'1',
		];
		expect(await reprise(['correct', name, ...args])).toMatchObject({ status: 0 });
		const recorded = join(out, 'recorded.jsonl');
		const turn = { user: 'Copy: a', assistant: 'a' };
		const talk = {
			dataset: 'd',
			model: 'm',
			template: 'chatml',
			turns: [turn, turn],
			correct: [false, true],
		};
		writeFileSync(recorded, `${JSON.stringify(talk)}\n`);
		expect(await reprise(['correct', name, '--recorded', recorded])).toMatchObject({ status: 0 });
		expect(await reprise(['replay', recorded, '--vocab', name])).toMatchObject({ status: 0 });
	});

	test('bench', async () => {
		const flags = [
			'--contexts',
			'96',
			'--workload',
			'rewrite',
			'--runs',
			'1',
			'--starts',
			'1',
			'--tokens',
			'4',
		];
		const outcome = await reprise(['bench', name, ...flags, '--recorded', '--out', join(out, 'bench')]);
		expect(outcome).toMatchObject({ status: 0 });
	});
});

describe('info', () => {
	test('of a model on the hub reads its header alone, and says whether it fits', async () => {
		const large = Buffer.concat([content, Buffer.alloc(20_000_000)]);
		hub.commit('reprise/large', { 'large-F16.gguf': large });
		const { status, stdout, stderr } = await reprise(['info', 'hf:reprise/large', '--json']);
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		const facts = JSON.parse(stdout);
		const local = JSON.parse((await reprise(['info', embeddedModel, '--json'])).stdout);
		for (const key of [
			'architecture',
			'parameters',
			'layers',
			'trainedContextLength',
			'vocabularySize',
			'chatTemplate',
			'placement',
		])
			expect(facts[key], key).toEqual(local[key]);
		expect(facts).toMatchObject({ sizeBytes: large.length, files: ['large-F16.gguf'], fitFault: null });
		expect(facts.fetchedBytes).toBeLessThan(large.length / 2);
		expect(filesOf(dirname(cache()))).toEqual([]);
	});

	test('of a split model reads the header of each part', async () => {
		const { status, stdout } = await reprise(['info', 'hf:reprise/tiny:Q8_0']);
		expect(status).toBe(0);
		expect(stdout).toMatch(/^parameters +1,246,592$/m);
		expect(stdout).toMatch(/^fits +yes$/m);
	});

	test('of a model that is too large says what it needs and what there is', async () => {
		const { stdout } = await reprise(['info', 'hf:reprise/tiny', '--context-length', '2147483647', '--json']);
		const { sessionFault, fitFault } = JSON.parse(stdout);
		expect(sessionFault ?? fitFault).toEqual(expect.any(String));
	});

	test('of a model in the cache asks nobody', async () => {
		await reprise(['pull', name]);
		hub.requests.length = 0;
		const { stdout } = await reprise(['info', name]);
		expect(stdout).toMatch(/^fits +yes$/m);
		expect(hub.requests).toEqual([]);
	});

	test('of what is no model says so', async () => {
		hub.commit('reprise/odd', { 'odd.gguf': Buffer.alloc(5000, 1) });
		await fails(['info', 'hf:reprise/odd'], /^reprise: odd\.gguf is no GGUF file: /);
		await fails(['info', 'hf:reprise/none'], /HF_TOKEN/);
		process.env.HF_HUB_OFFLINE = '1';
		await fails(['info', name], /offline mode is on/);
	});
});
