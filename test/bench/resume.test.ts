import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BenchResults } from '../../lib/bench/results.js';
import { readResults, resultsFileName, writeResults } from '../../lib/bench/results-file.js';
import { keptGroup, requireSame } from '../../lib/bench/resume.js';
import { cell, results } from '../support/bench.js';

const arm = (name: string): BenchResults['arms'][number] => ({
	name,
	version: '1',
	settings: '',
	cpuVariant: null,
	startMs: [100],
	memory: null,
});

const earlier = results({
	arms: [arm('reprise'), arm('plain')],
	cells: [cell('reprise', [100]), cell('plain', [50])],
	skipped: [
		{ workload: 'rewrite', context: 256, arm: 'llama-server', reason: 'it broke down' },
		{ workload: 'rewrite', context: 8192, arm: null, reason: 'too long' },
	],
});
const same = { ...earlier, arms: ['reprise', 'plain'] };

describe('an interrupted benchmark', () => {
	test('goes on where all that decides its figures is the same', () => {
		expect(() => requireSame(earlier, same)).not.toThrow();
	});

	test.each([
		['threads', { threads: 2 }],
		['tokens', { tokens: 64 }],
		['runs', { runs: 7 }],
		['choices', { choices: 'recorded' as const }],
		['arms', { arms: ['reprise'] }],
		['model', { model: { ...earlier.model, bytes: 1 } }],
	])('does not go on with other %s', (what, change) => {
		expect(() => requireSame(earlier, { ...same, ...change })).toThrow(`${what}: `);
	});

	test('keeps the cells of a group that is there, and which of its arms failed', () => {
		expect(keptGroup(earlier, 'rewrite', 256)).toEqual({
			cells: earlier.cells,
			skipped: [earlier.skipped[0]],
		});
		expect(keptGroup(earlier, 'rewrite', 1024)).toBeNull();
		// It was left out whole: what is known now decides anew.
		expect(keptGroup(earlier, 'rewrite', 8192)).toBeNull();
		expect(keptGroup(null, 'rewrite', 256)).toBeNull();
	});
});

describe('results', () => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-'));

	test('are read as they were written, and null where there is no file', async () => {
		expect(await readResults(join(folder, resultsFileName))).toBeNull();
		const path = await writeResults(join(folder, 'new', 'folder'), earlier);
		expect(await readResults(path)).toEqual(earlier);
	});

	test.each(['', '{}', 'null', '{"format":2}', '[1]'])(
		'are not read from a file that holds %j',
		async (text) => {
			const path = join(folder, 'other.json');
			writeFileSync(path, text);
			await expect(readResults(path)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		},
	);
});
