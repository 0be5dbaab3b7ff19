import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reprise } from '../support/cli.js';
import { draftModel, embeddedModel, formModel, vocabularyFile } from '../support/models.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-replay-cli-'));
const file = join(folder, 'poems.jsonl');
const line = JSON.stringify({
	dataset: 'poems',
	model: 'poet',
	template: 'chatml',
	turns: [
		{ user: 'A poem?', assistant: 'Roses are red, violets are blue.' },
		{ user: 'Again?', assistant: 'Roses are red, violets are blue.' },
	],
});
writeFileSync(file, `${line}\n`);

const run = (...args: string[]) => reprise(['replay', file, '--vocab', embeddedModel, ...args]);

test('--json prints an array of rows, by default of Reprise at three pass costs', async () => {
	const { status, stdout, stderr } = await run('--json');
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	const rows: unknown[] = JSON.parse(stdout);
	expect(rows).toEqual(
		[1, 2].flatMap((turn) =>
			[0.02, 0.1, 0.3].map((passCost) => ({
				dataset: 'poems',
				model: 'poet',
				turn,
				drafter: 'reprise',
				passCost,
				conversations: 1,
				tokens: expect.any(Number),
				passes: expect.any(Number),
				drafted: expect.any(Number),
				asked: 0,
				tokensPerPass: expect.any(Number),
				speedup: expect.any(Number),
				draftMicrosPerPass: expect.any(Number),
			})),
		),
	);
});

test('without it prints the same as a table', async () => {
	const options = ['--drafter', 'copyspec,oracle', '--pass-cost', '0.1'];
	const [table, json] = await Promise.all([run(...options), run(...options, '--json')]);
	expect(table.stdout).toContain('poems · poet');
	const rows: Array<Record<string, number | string>> = JSON.parse(json.stdout);
	expect(rows).toHaveLength(4);
	for (const { turn, drafter, passCost, conversations, tokens, passes, drafted, asked, ...ratios } of rows) {
		const speeds = [ratios.tokensPerPass, ratios.speedup].map((ratio) => Number(ratio).toFixed(2));
		const cells = [turn, drafter, passCost, conversations, tokens, passes, drafted, asked, ...speeds];
		expect(table.stdout).toMatch(new RegExp(cells.map((cell) => `│ +${cell} +`).join('')));
	}
});

test('--pass-cost takes measured passes from a file, beside numbers', async () => {
	const passes = join(folder, 'passes.json');
	const measured = (...list: Array<[rows: number, ms: number]>) =>
		writeFileSync(passes, JSON.stringify({ model: 'any', passes: list.map(([rows, ms]) => ({ rows, ms })) }));
	const drafted = async (passCost: string) => {
		const { status, stdout, stderr } = await run('--json', '--pass-cost', passCost);
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		return JSON.parse(stdout) as Array<Record<string, number | string>>;
	};
	// The same line twice, in no order: 1 + 0.1 a draft token.
	measured([11, 40], [1, 20], [3, 24]);
	const rows = await drafted(`0.1,${passes}`);
	expect(rows.map(({ passCost }) => passCost)).toEqual([0.1, 'passes.json', 0.1, 'passes.json']);
	for (const [index, { speedup, tokensPerPass }] of rows.entries()) {
		if (index % 2 === 0) continue;
		expect(speedup).toBeCloseTo(Number(rows[index - 1]?.speedup), 9);
		expect(tokensPerPass).toBe(rows[index - 1]?.tokensPerPass);
	}
	// Where a second row costs as much as ten passes, and more are no cheaper, nothing is drafted.
	measured([1, 20], [2, 200], [32, 6000]);
	for (const row of await drafted(passes)) expect(row.drafted).toBe(0);
});

test.each([
	['is no JSON', '{', /passes\.json: /],
	['has no passes', '{"passes": []}', /an array of passes for passes/],
	['has several depths', '{"depths": [{}, {}]}', /passes of one depth .* those of 2: .*--depths N --json/],
	['is a list', '[1]', /an object for the file/],
	['has rows in words', '{"passes": [{"rows": "1", "ms": 2}]}', /an integer .* for passes\[0\]\.rows/],
	['has a time of nothing', '{"passes": [{"rows": 1, "ms": 0}]}', /a number above 0 for passes\[0\]\.ms/],
	['lacks a pass of one row', '{"passes": [{"rows": 2, "ms": 2}]}', /a pass of 1 row/],
	['has a size twice', '{"passes": [{"rows": 1, "ms": 2}, {"rows": 1, "ms": 2}]}', /one time for 1 rows/],
])('a file of passes that %s is an error of one line', async (_, text, message) => {
	const passes = join(folder, 'passes.json');
	writeFileSync(passes, text);
	const { status, stdout, stderr } = await run('--pass-cost', passes);
	expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
	expect(stderr).toMatch(/^reprise: .*\n$/);
	expect(stderr).toMatch(message);
});

test('--warm lets the second of two like conversations draw on the first', async () => {
	const passes = async (...args: string[]) => {
		const { stdout } = await run(file, '--json', '--drafter', 'copyspec', '--pass-cost', '0.1', ...args);
		return JSON.parse(stdout)[0].passes as number;
	};
	expect(await passes('--warm')).toBeLessThan(await passes());
});

test('--draft-model lets a smaller model of the vocabulary draft, at --draft-cost', async () => {
	const replayed = async (cost: string) => {
		const args = ['--drafter', 'reprise,draft-model,alternatives,one-tree', '--pass-cost', '0.02', '--json'];
		const models = ['--vocab', formModel, '--draft-model', draftModel, '--draft-cost', cost];
		const { status, stdout, stderr } = await reprise(['replay', file, ...models, ...args]);
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		return JSON.parse(stdout) as Array<Record<string, number | string>>;
	};
	const cheap = await replayed('0.01');
	const asked = (drafter: string) => cheap.find((row) => row.drafter === drafter)?.asked;
	expect(asked('reprise')).toBe(0);
	for (const drafter of ['draft-model', 'alternatives', 'one-tree'])
		expect(asked(drafter)).toBeGreaterThan(0);
	// As dear as the model itself it is not worth asking.
	for (const { drafter, asked: times } of await replayed('1'))
		if (drafter !== 'reprise') expect(times).toBeLessThan(Number(asked(String(drafter))));
});

test.each([
	['a draft cost without a draft model', ['--draft-cost', '0.2'], /a --draft-model for --draft-cost/],
	[
		'a draft model that no drafter asks',
		['--draft-model', draftModel],
		/one of draft-model, alternatives, one-tree for --drafter with --draft-model/,
	],
	[
		'a draft model of another vocabulary',
		['--vocab', vocabularyFile('qwen2'), '--draft-model', draftModel, '--drafter', 'one-tree'],
		/vocabulary for draft\.model/,
	],
	[
		'a drafter without its draft model',
		['--drafter', 'one-tree'],
		/one-tree asks a draft model, .*--draft-model/,
	],
	[
		'an unknown drafter',
		['--drafter', 'reprise,magic'],
		/one of 'reprise', 'copyspec', .* for --drafter .*"magic"/,
	],
	['a pass cost that is no number', ['--pass-cost', '0.1,much'], /for --pass-cost but received "much"/],
	['a pass cost below zero', ['--pass-cost', '-1'], /a number of at least 0 for --pass-cost but received -1/],
	['an empty pass cost', ['--pass-cost', ''], /for --pass-cost but received ""/],
	['a file that is not there', [join(folder, 'none.jsonl')], /There is no file .*none\.jsonl/],
	['a vocabulary that is none', ['--vocab', file], /poems\.jsonl/],
])('%s is an error of one line', async (_, args, message) => {
	const { status, stdout, stderr } = await run(...args);
	expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
	expect(stderr).toMatch(/^reprise: .*\n$/);
	expect(stderr).toMatch(message);
});

test('Ctrl-C ends it, with the status shells have for that', async () => {
	const pipe = join(folder, 'endless.jsonl');
	execFileSync('mkfifo', [pipe]);
	const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
	const args = ['--import', 'tsx', main, 'replay', pipe, '--vocab', embeddedModel];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	const closed = once(child, 'close');
	// Opening waits until the command reads.
	const writer = await open(pipe, 'w');
	child.kill('SIGINT');
	const writing = (async () => {
		for (;;) await writer.write(`${line}\n`);
	})();
	await expect(writing).rejects.toMatchObject({ code: 'EPIPE' });
	await writer.close();
	expect(await closed).toEqual([130, null]);
});
