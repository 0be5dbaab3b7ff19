import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { TestHub } from '../support/hub.js';
import { freshCaches } from '../support/hub-cache.js';
import { embeddedModel } from '../support/models.js';
import { hasTerminals, Terminal } from '../support/terminal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const content = readFileSync(embeddedModel);
const name = 'hf:reprise/tiny/tiny.gguf';

const hub = await TestHub.start();
hub.commit('reprise/tiny', { 'tiny.gguf': content });
const cache = freshCaches(hub);

const node = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: root });

describe('the built package downloads and loads a model', () => {
	const use = `
		const model = await loadModel('${name}');
		const missing = await downloadModel('hf:reprise/tiny:Q8_0').catch((error) => error);
		console.log(model.info.architecture, missing instanceof RepriseError, missing.code);
		await model.dispose();
	`;

	test.each([
		['an ES module', 'module', `import { downloadModel, loadModel, RepriseError } from 'reprise'; ${use}`],
		[
			'CommonJS',
			'commonjs',
			`const { downloadModel, loadModel, RepriseError } = require('reprise'); (async () => { ${use} })();`,
		],
	])('as %s', async (_, type, code) => {
		const { stdout, stderr } = await node(`--input-type=${type}`, '--eval', code);
		expect({ stdout, stderr }).toEqual({ stdout: 'llama true MODEL_NOT_FOUND\n', stderr: '' });
	});

	test('by its command line, which reads headers, too', async () => {
		const main = join(root, 'dist', 'cli', 'main.js');
		expect((await node(main, 'info', name)).stdout).toMatch(/^fits +yes$/m);
		const { stdout } = await node(main, 'pull', name);
		expect(readFileSync(stdout.trim()).equals(content)).toBe(true);
		expect((await node(main, 'ls')).stdout).toBe(`${name}  2.5 MB\n`);
	});
});

test.skipIf(!hasTerminals)('a terminal shows how far a download is, and the bar goes away', async () => {
	hub.always('content', (response) => {
		response.writeHead(200, { 'content-length': content.length });
		const send = (from: number) => {
			if (from >= content.length) return response.end();
			response.write(content.subarray(from, from + 250_000));
			return setTimeout(send, 100, from + 250_000);
		};
		send(0);
	});
	mkdirSync(cache(), { recursive: true });
	const terminal = new Terminal(['pull', name]);
	await terminal.until(/downloading [━─]+ 1\/3 MB, tiny\.gguf/);
	await terminal.until(/tiny\.gguf\r*\n$/);
	expect(await terminal.ended).toBe(0);
	expect(terminal.shown).toContain('\x1b[?25h');
});
