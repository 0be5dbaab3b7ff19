import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reprise } from '../support/cli.js';
import { fences } from '../support/fences.js';
import { TestHub } from '../support/hub.js';
import { useHub } from '../support/hub-cache.js';

const model = (name: string) => readFileSync(fileURLToPath(new URL(`../../models/${name}`, import.meta.url)));
const samples = fences('docs/models.md').filter(({ code }) => code.startsWith('$ '));

const hub = await TestHub.start();
hub.commit('reprise/small-GGUF', {
	'README.md': Buffer.from('# Two small models'),
	'reprise-2m-F16.gguf': model('reprise-2m.gguf'),
	'tiny-edit-1m-F16.gguf': model('tiny-edit-1m.gguf'),
});
let cache = '';
beforeAll(() => {
	cache = useHub(hub.endpoint);
});
afterAll(async () => {
	await hub.stop();
	rmSync(dirname(cache), { recursive: true, force: true });
});

/** What says more of the machine or of the run than of the command. */
const plain = (text: string) =>
	text
		.replaceAll(cache, '~/.cache/huggingface/hub')
		.replaceAll(new URL(hub.endpoint).host, 'huggingface.co')
		.replaceAll(/^(\d+ tokens,) .*$/gm, '$1 …')
		.replaceAll(/\s+/g, ' ')
		.trim();

/** The sample's lines, in which `…` stands for what is left out. */
const pattern = (printed: string) =>
	new RegExp(
		`^${plain(printed)
			.split('…')
			.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
			.join('.*')}$`,
	);

test('the page has samples', () => {
	expect(samples.length).toBeGreaterThan(4);
});

// In the order of the page, since later ones need what earlier ones have downloaded.
test.each(samples.map((fence) => [fence.code.split('\n')[0] as string, fence] as const))(
	'%s',
	async (line, { code }) => {
		const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
		expect(words.slice(0, 3)).toEqual(['$', 'npx', 'reprise']);
		const { stdout, stderr } = await reprise(words.slice(3));
		expect(plain(stdout + stderr)).toMatch(pattern(code.slice(line.length)));
	},
);
