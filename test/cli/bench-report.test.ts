import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type MadeUp, madeUpResults } from '../support/bench-results.js';
import { reprise } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-report-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const arms = ['reprise', 'plain', 'llama-server'];
function fileOf(name: string, given: MadeUp): string {
	const path = join(folder, name);
	writeFileSync(path, JSON.stringify(madeUpResults({ arms, workloads: ['rewrite', 'prose'], ...given })));
	return path;
}
const before = fileOf('before.json', {});
const after = fileOf('after.json', { seed: 9, faster: { reprise: 1.1 } });

test('--report writes the report of results that are there', async () => {
	const out = join(folder, 'written');
	const { status, stdout, stderr } = await reprise(['bench', '--report', before, '--out', out]);
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(stdout).toContain(join(out, 'report.html'));
	expect(readdirSync(out).sort()).toEqual(['charts', 'report.html', 'report.md']);
	expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<h2>Charts</h2>');
});

test('--compare says what changed beyond the noise, and by which test', async () => {
	const { status, stdout, stderr } = await reprise(['bench', '--compare', before, after]);
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(stdout).toMatch(/^Beyond the noise:\n {2}reprise is faster in decoding: 1\.(09|10)\d×\n/);
	expect(stdout).toMatch(/│ +│ rewrite +│ +25 │ 1\.(09|10)\d× │ .* │ < 0\.001 │ faster/);
	expect(stdout).toMatch(/│ plain +│ all +│ .*no change/);
	expect(stdout).toContain("Wilcoxon, two-sided, p < 0.05 after Holm's correction");
	expect(stdout).toContain('Ratios are divided by those of llama-server');
	const same = await reprise(['bench', '--compare', before, before]);
	expect(same.stdout).toMatch(/^Nothing changed beyond the noise\./);
});

test.each([
	['one file', ['--compare', before], 'Expected two files for --compare'],
	['three files', ['--compare', before, after, before], 'but received 3'],
	['no file', ['--compare', before, join(folder, 'none.json')], 'there is no '],
	['another file', ['--report', import.meta.filename], 'no results of reprise bench in'],
	['a folder that cannot be made', ['--report', before, '--out', before], 'The report cannot be written to'],
	['neither results nor a model', [], 'Expected a GGUF file for model'],
])('%s is refused in one sentence', async (_, args, message) => {
	const { status, stderr } = await reprise(['bench', ...args]);
	expect(status).toBe(1);
	expect(stderr).toContain(message);
	expect(stderr.split('\n')).toHaveLength(2);
});
