import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { embeddedModel } from './support/models.js';

const hasPanels =
	process.platform === 'linux' &&
	process.arch === 'x64' &&
	/\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));

/** Bytes of the mappings of a file, and how many of them are in memory. */
function mapped(path: string): { size: number; resident: number } {
	const sum = { size: 0, resident: 0 };
	let ofFile = false;
	for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
		if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) ofFile = line.endsWith(path);
		const [, field, kilobytes] = /^(Size|Rss):\s+(\d+) kB$/.exec(line) ?? [];
		if (ofFile && field === 'Size') sum.size += 1024 * Number(kilobytes);
		if (ofFile && field === 'Rss') sum.resident += 1024 * Number(kilobytes);
	}
	return sum;
}

test.skipIf(!hasPanels)(
	'of weights that are packed while they load the file’s pages leave memory',
	async () => {
		const model = await loadModel(embeddedModel);
		const { size, resident } = mapped(embeddedModel);
		expect(size).toBeGreaterThan(1e6);
		expect(resident).toBeLessThan(size / 2);
		await model.dispose();
	},
);
