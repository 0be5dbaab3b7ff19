import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BenchResults, Sample } from '../../lib/bench/results.js';
import { reprise } from '../support/cli.js';
import { embeddedModel } from '../support/models.js';
import { descendants, isRunning } from '../support/processes.js';

const parent = mkdtempSync(join(tmpdir(), 'reprise-bench-cli-'));
const folder = (name: string) => join(parent, name);
const quick = ['--workload', 'rewrite', '--runs', '2', '--starts', '1', '--tokens', '24', '--threads', '1'];

const bench = (out: string, ...flags: string[]) =>
	reprise(['bench', embeddedModel, ...quick, '--out', folder(out), ...flags]);

const read = (out: string): BenchResults =>
	JSON.parse(readFileSync(join(folder(out), 'results.json'), 'utf8'));

function expectWholeRun(sample: Sample): void {
	expect(sample.outputTokens).toBeGreaterThan(0);
	expect(sample.outputTokens).toBeLessThanOrEqual(24);
	expect(sample.firstTokenMs).toBeGreaterThan(0);
	expect(sample.totalMs).toBeGreaterThanOrEqual(sample.firstTokenMs);
	const { drafting, compute, sampling, bookkeeping } = sample.parts ?? {};
	expect((drafting ?? 0) + (compute ?? 0) + (sampling ?? 0) + (bookkeeping ?? 0)).toBeGreaterThan(0);
}

describe('reprise bench', () => {
	test('measures both arms on the same tasks, writes what it measured and prints it', async () => {
		const { status, stdout, stderr } = await bench('own', '--contexts', '128,256');
		expect({ status, stderr }).toMatchObject({
			status: 0,
			stderr: expect.stringContaining('8 runs will take'),
		});
		expect(stdout).toMatch(/rewrite · 128 tokens of context/);
		expect(stdout).toContain('results.json');
		const results = read('own');
		expect(results).toMatchObject({ format: 1, choices: 'own', threads: 1, tokens: 24, runs: 2 });
		expect(results.command).toMatch(/^reprise bench .*--contexts 128,256$/);
		expect(results.model).toMatchObject({ architecture: 'llama', file: 'tiny-edit-1m.gguf' });
		expect(results.cells.map(({ context, arm }) => [context, arm])).toEqual([
			[128, 'reprise'],
			[128, 'plain'],
			[256, 'reprise'],
			[256, 'plain'],
		]);
		for (const { samples } of results.cells) {
			expect(samples).toHaveLength(2);
			for (const sample of samples) expectWholeRun(sample);
		}
		const [drafted, plain] = results.cells.map(({ samples }) => samples);
		expect(drafted?.map(({ promptTokens }) => promptTokens)).toEqual(
			plain?.map(({ promptTokens }) => promptTokens),
		);
		expect(plain?.every((sample) => sample.passes === sample.outputTokens - 1)).toBe(true);
		for (const arm of results.arms) {
			expect(arm.startMs).toHaveLength(1);
			if (process.platform === 'linux') expect(arm.memory?.peak).toBeGreaterThan(1e7);
		}
		const [agreement] = results.agreement;
		expect(agreement).toMatchObject({ arm: 'reprise', texts: 4, different: 0 });
		expect((agreement?.equal ?? 0) + (agreement?.nearTies ?? 0)).toBe(4);
	});

	test('takes given answers for the model’s choices, and says so', async () => {
		const { status, stdout } = await bench('recorded', '--recorded', '--contexts', '2k');
		expect(status).toBe(0);
		expect(stdout).toContain('Choices are recorded ones');
		const results = read('recorded');
		// Longer than what the model was trained for, where its own choices would be nonsense.
		expect(results.cells).toHaveLength(2);
		for (const { samples } of results.cells)
			for (const sample of samples) expect(sample).toMatchObject({ outputTokens: 24 });
		expect(results).toMatchObject({ choices: 'recorded', agreement: [] });
	});

	test('goes on where it was interrupted, and leaves what is there as it is', async () => {
		expect((await bench('resumed', '--contexts', '128')).status).toBe(0);
		const before = read('resumed');
		const again = await bench('resumed', '--contexts', '128');
		expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('--resume') });
		const { status, stderr } = await bench('resumed', '--contexts', '128,256', '--resume');
		expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('4 runs') });
		const after = read('resumed');
		expect(after.cells.slice(0, 2)).toEqual(before.cells);
		expect(after.cells).toHaveLength(4);
		expect(after).toMatchObject({ began: before.began, agreement: [{ arm: 'reprise', texts: 4 }] });
		expect(after.arms[0]?.startMs).toHaveLength(2);
		const other = await bench('resumed', '--contexts', '128', '--tokens', '16', '--resume');
		expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('tokens: 24 there, 16 here') });
	});

	test('leaves out what the model was not made for, and says why', async () => {
		const { status, stdout } = await bench('long', '--contexts', '128,8k');
		expect(status).toBe(0);
		expect(stdout).toMatch(/Left out:\n {2}the model was trained for \d+ tokens \(rewrite 8192\)/);
	});

	test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
		'keeps what it has at %s, ends its processes, and goes on from there',
		async (signal) => {
			const name = `ended-by-${signal}`;
			const flags = ['bench', embeddedModel, ...quick, '--out', folder(name), '--contexts', '96,128'];
			let processes: number[] = [];
			const interrupted = await reprise(flags, {
				onError: (text, pid) => {
					if (processes.length > 0 || !text.includes('rewrite 96, tokens/s')) return;
					processes = descendants(pid);
					process.kill(pid, signal);
				},
			});
			expect(interrupted).toMatchObject({ status: 130, stdout: '' });
			expect(read(name).cells.map(({ context }) => context)).toEqual([96, 96]);
			expect(processes.length).toBeGreaterThanOrEqual(2);
			expect(processes.filter(isRunning)).toEqual([]);
			const { status, stderr } = await reprise([...flags, '--resume']);
			expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('4 runs') });
			expect(read(name).cells.map(({ context }) => context)).toEqual([96, 96, 128, 128]);
		},
	);

	test.each([
		[['--contexts', '1m'], 'numbers of tokens'],
		[['--workload', 'nothing'], '--workload'],
		[['--against', 'nothing'], '--against knows no nothing'],
		[['--tokens', '1'], '--tokens'],
	])('refuses %j', async (flags, message) => {
		expect(await bench('refused', ...flags)).toMatchObject({
			status: 1,
			stderr: expect.stringContaining(message),
		});
	});

	test.runIf(process.platform === 'linux')(
		'refuses a folder that cannot be made before it measures',
		async () => {
			const outcome = await reprise(['bench', embeddedModel, '--out', '/proc/nowhere/at-all']);
			expect(outcome).toMatchObject({
				status: 1,
				stderr: expect.stringContaining('The results cannot be written to /proc/nowhere/at-all/results.json'),
			});
		},
	);

	test('does not go on with a file that holds something else', async () => {
		const out = mkdtempSync(join(parent, 'other-'));
		writeFileSync(join(out, 'results.json'), '{}');
		const outcome = await reprise(['bench', embeddedModel, '--out', out, '--resume']);
		expect(outcome).toMatchObject({ status: 1, stderr: expect.stringContaining('results.json') });
	});
});
