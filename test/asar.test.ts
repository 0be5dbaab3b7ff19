import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpackedPath } from '../lib/asar.js';
import { loadModel, type Session } from '../lib/index.js';
import { reprise } from './support/cli.js';
import { embeddedModel } from './support/models.js';

// As a packaged app lies on the disk: an archive is a file, which Electron's fs alone reads as a folder.
const resources = mkdtempSync(join(tmpdir(), 'reprise-asar-'));
const archive = join(resources, 'app.asar');
const packed = join(archive, 'models', 'packed.gguf');
const unpacked = join(archive, 'models', 'unpacked.gguf');
const beside = join(resources, 'app.asar.unpacked', 'models');
const folder = join(resources, 'folder.asar');

const refused = (path: string) => ({
	code: 'OPTION_INVALID',
	message: expect.stringMatching(
		new RegExp(
			`for \\w+ but received .*${path}, which is inside an asar archive.*extraResources.*asarUnpack`,
		),
	),
});

let session: Session;
beforeAll(async () => {
	writeFileSync(archive, 'an archive');
	mkdirSync(beside, { recursive: true });
	copyFileSync(embeddedModel, join(beside, 'unpacked.gguf'));
	mkdirSync(folder);
	copyFileSync(embeddedModel, join(folder, 'model.gguf'));
	const model = await loadModel(embeddedModel);
	session = await model.createSession({ contextLength: 64 });
	await session.prefill('Mara found');
});
afterAll(async () => {
	await session.dispose();
	await session.model.dispose();
	rmSync(resources, { recursive: true, force: true });
});

describe('a path inside an asar archive', () => {
	test('is refused for a model, by path, relative path and URL', async () => {
		const { href } = pathToFileURL(packed);
		for (const path of [packed, relative(process.cwd(), packed), href])
			await expect(loadModel(path)).rejects.toMatchObject(refused('packed.gguf'));
	});

	test('is refused for a corpus', async () => {
		const corpus = join(archive, 'said.corpus');
		await expect(loadModel(embeddedModel, { corpus })).rejects.toMatchObject(refused('said.corpus'));
	});

	test('is refused for a state', async () => {
		const state = join(archive, 'state.bin');
		await expect(session.save(state)).rejects.toMatchObject(refused('state.bin'));
		await expect(session.load(state)).rejects.toMatchObject(refused('state.bin'));
	});

	test('is refused by the command line', async () => {
		const { stderr } = await reprise(['info', packed]);
		expect(stderr).toMatch(/for path but received .*packed\.gguf, which is inside an asar archive/);
	});

	test('stands for the unpacked file where there is one', async () => {
		expect(unpackedPath(unpacked)).toBe(join(beside, 'unpacked.gguf'));
		await (await loadModel(unpacked, { vocabOnly: true })).dispose();
		await (await loadModel(join(beside, 'unpacked.gguf'), { vocabOnly: true })).dispose();
	});
});

test('a folder may be named like an archive', async () => {
	expect(unpackedPath(join(folder, 'model.gguf'))).toBe(null);
	await (await loadModel(join(folder, 'model.gguf'), { vocabOnly: true })).dispose();
});

test("Electron's switch for archives is as it was after a look", () => {
	const electron: NodeJS.Process & { noAsar?: boolean } = process;
	unpackedPath(packed);
	expect('noAsar' in electron).toBe(false);
	electron.noAsar = false;
	unpackedPath(packed);
	expect(electron.noAsar).toBe(false);
	delete electron.noAsar;
});
