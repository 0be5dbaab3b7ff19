import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { correct } from '../../lib/correct/correct.js';
import { verifierGuided } from '../../lib/correct/presets/verifier-guided.js';
import { reprise } from '../support/cli.js';
import { embeddedModel } from '../support/models.js';
import { ScriptedSession } from '../support/scripted.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-correct-cli-'));
const file = (name: string) => join(folder, name);

const problems = [
	['Finn had 19 pears, found 7 more, and then lost 10 of them. How many pears does Finn have now?', 16],
	['Anna has 9 bins. Each of the bins holds 2 marbles. How many marbles does Anna have?', 18],
	['Mara has 12 bags with 7 pears in each. Mara gives 5 pears to Tom. How many pears are left?', 78],
] as const;
const tasks = file('tasks.jsonl');
writeFileSync(
	tasks,
	problems
		.map(([problem, answer], index) => {
			const prompt = `Write a JavaScript program that solves the problem and prints the answer.\n${problem}`;
			return `${JSON.stringify({ id: `p${index}`, prompt, answer })}\n`;
		})
		.join(''),
);

const run = (...args: string[]) =>
	reprise(['correct', embeddedModel, '--tasks', tasks, '--max-tokens', '150', '--rounds', '2', ...args]);
const guided = ['--verifier', 'js', '--strategy-options', '{"sees":"last"}'];
const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n');

test('--json prints the measures of the strategy, and of those to compare with', async () => {
	const { status, stdout, stderr } = await run(...guided, '--compare', 'plain,agree', '--json');
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	const compared: Array<{ strategy: string; allowance: string; report: { total: { runs: number } } }> =
		JSON.parse(stdout);
	expect(compared.map(({ strategy, allowance, report }) => [strategy, allowance, report.total.runs])).toEqual(
		[
			['verifierGuided', 'own', 3],
			['plain', 'tokens', 3],
			['plain', 'time', 3],
			['agree', 'tokens', 3],
			['agree', 'time', 3],
		],
	);
	expect(compared[0]?.report).toMatchObject({
		rounds: [
			{ round: 1, answers: 3, measures: { after: { value: expect.any(Number) } } },
			{ round: 2, answers: expect.any(Number), cost: { tokens: expect.any(Number) } },
		],
	});
});

test('without it prints tables', async () => {
	const { status, stdout } = await run('--strategy', 'threeTurn', '--grader', 'js', '--compare', 'plain');
	expect(status).toBe(0);
	expect(stdout).toMatch(/│ round │ answers │ +accuracy │ ✓✓ ✓✗ ✗✓ ✗✗ │ +CL │ +CS │ +RSS │/);
	expect(stdout).toMatch(/\d of 3 solved · .* tokens and .* seconds each/);
	expect(stdout).toMatch(/│ threeTurn │ own +│[\s\S]*│ plain +│ time +│/);
});

describe('--log', () => {
	test('holds every event, and what it holds is not done again', async () => {
		const log = file('events.jsonl');
		await run(...guided, '--log', log, '--limit', '2');
		const before = lines(log);
		expect(JSON.parse(before[0] as string)).toMatchObject({
			log: {
				strategy: 'verifierGuided',
				verifier: 'js',
				budget: { rounds: 2 },
				generate: { maxTokens: 150 },
			},
		});
		expect(JSON.parse(before[1] as string)).toMatchObject({
			...{ task: 'p0', sample: 0, strategy: 'verifierGuided', allowance: 'own' },
			event: { type: 'attempt', key: '0', text: expect.stringContaining('console.log') },
		});
		// As a process leaves it that ends in the middle of a line, and of a character.
		appendFileSync(log, Buffer.from('{"task":"p2","sample":0,"strat…').subarray(0, -1));
		const { status } = await run(...guided, '--log', log);
		expect(status).toBe(0);
		const after = lines(log);
		expect(after.slice(0, before.length)).toEqual(before);
		expect(after.length).toBeGreaterThan(before.length);
		expect(after.slice(before.length).map((line) => JSON.parse(line).task)).not.toContain('p1');
	});

	test('that is another file is an error, and that file stays as it is', async () => {
		const before = readFileSync(tasks, 'utf8');
		const { status, stderr } = await run(...guided, '--log', tasks);
		expect(status).toBe(1);
		expect(stderr).toMatch(/tasks\.jsonl, line 1 is no event of a log/);
		expect(readFileSync(tasks, 'utf8')).toBe(before);
	});

	test('of other conditions is an error that says what differs', async () => {
		const log = file('conditions.jsonl');
		await run(...guided, '--log', log, '--limit', '1');
		const before = readFileSync(log, 'utf8');
		const { status, stderr } = await run(...guided, '--log', log, '--seed', '3', '--budget-tokens', '9');
		expect(status).toBe(1);
		expect(stderr).toMatch(/budget \{"rounds":2\}, not \{"rounds":2,"tokens":9\}; generate .*"seed":3/);
		expect(readFileSync(log, 'utf8')).toBe(before);
	});

	test('goes on after Ctrl-C', async () => {
		const log = file('interrupted.jsonl');
		const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
		const limits = ['--max-tokens', '150', '--rounds', '2', '--samples', '500'];
		const args = ['correct', embeddedModel, '--tasks', tasks, ...limits, '--log', log, ...guided];
		const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: 'ignore' });
		const closed = once(child, 'close');
		while (!existsSync(log) || lines(log).length < 5) await sleep(20);
		child.kill('SIGINT');
		expect(await closed).toEqual([130, null]);
		expect((await run(...guided, '--log', log)).status).toBe(0);
	});
});

test('--preferences and --traces write training data of what was mended', async () => {
	const [log, preferences, traces] = ['mended.jsonl', 'preferences.jsonl', 'traces.jsonl'].map(
		file,
	) as string[];
	await run(...guided, '--limit', '1', '--log', log as string);
	const [header, first] = lines(log as string) as [string, string];
	const of = JSON.parse(first);
	const prompt = of.event.prompt;
	const said = ['wrong', 'right'];
	const { events } = await correct(
		new ScriptedSession(() => said.shift() as string),
		{ id: 'p0', prompt: prompt[0].content },
		verifierGuided({ sees: 'last' }),
		{
			budget: { rounds: 2 },
			verifier: (text) => (text === 'right' ? { outcome: 'pass' } : { outcome: 'fail', message: 'No.' }),
		},
	).result;
	const written = events.map((event) => JSON.stringify({ ...of, event }));
	writeFileSync(log as string, `${[header, ...written].join('\n')}\n`);
	const outputs = ['--preferences', preferences, '--traces', traces] as string[];
	const { status } = await run(...guided, '--limit', '1', '--log', log as string, ...outputs);
	expect(status).toBe(0);
	const [chosen, rejected] = ['right', 'wrong'].map((content) => [{ role: 'assistant', content }]) as [
		object[],
		object[],
	];
	const asked = expect.stringContaining('No.');
	expect(lines(preferences as string).map((line) => JSON.parse(line))).toEqual([
		{ prompt, chosen, rejected },
	]);
	expect(lines(traces as string).map((line) => JSON.parse(line))).toEqual([
		{ messages: [...prompt, ...rejected, { role: 'user', content: asked }, ...chosen] },
	]);
});

test('--recorded reports the rounds of recorded corrections', async () => {
	const recorded = file('recorded.jsonl');
	const turns = ['Write.', 'Check.', 'Finally?'].map((user) => ({ user, assistant: 'const sum = 2 + 2;' }));
	const talk = { dataset: 'sums', model: 'pupil', template: 'chatml', turns, correct: [false, null, true] };
	writeFileSync(recorded, `${JSON.stringify(talk)}\n`);
	const report = (...args: string[]) => reprise(['correct', embeddedModel, '--recorded', recorded, ...args]);
	expect((await report()).stdout).toMatch(/sums · pupil[\s\S]*│ +3 │ +100\.0 % /);
	expect(JSON.parse((await report('--json')).stdout)).toHaveLength(3);
	const { status, stderr } = await report('--verifier', 'js');
	expect(status).toBe(1);
	expect(stderr).toContain("'--recorded <file>' cannot be used with option '--verifier <name>'");
	const remembering = await report('--corpus', file('corpus'));
	expect(remembering.status).toBe(1);
	expect(remembering.stderr).toContain("cannot be used with option '--corpus <file>'");
});

test.each([
	['an unknown strategy', ['--strategy', 'magic'], /Allowed choices are plain, threeTurn/],
	['options that are no JSON', ['--strategy-options', '{'], /Expected JSON for --strategy-options/],
	['an unknown option of a strategy', ['--strategy-options', '{"see":"last"}'], /did you mean sees/],
	['an unknown strategy to compare with', ['--compare', 'magic'], /one of 'plain'.* for strategy.*"magic"/],
	['an unknown verifier', ['--verifier', 'magic'], /There is no verifier "magic"/],
	['no verifier where one is needed', [], /pass correct the option verifier/],
])('%s is an error', async (_, args, message) => {
	const { status, stdout, stderr } = await run(...args);
	expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
	expect(stderr).toMatch(message);
});

test.skipIf(process.platform === 'win32')(
	'a log that cannot be written is an error of one line',
	async () => {
		const log = file('limited.jsonl');
		const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
		const args = [
			'correct',
			embeddedModel,
			'--tasks',
			tasks,
			'--verifier',
			'numeric',
			'--max-tokens',
			'40',
			'--log',
			log,
		];
		// Files of at most one block, 512 bytes or 1024.
		const limited = [
			'-c',
			'ulimit -f 1 && exec "$@"',
			'sh',
			process.execPath,
			'--import',
			'tsx',
			main,
			...args,
		];
		const child = spawn('/bin/sh', limited, { stdio: ['ignore', 'ignore', 'pipe'] });
		let stderr = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
		});
		expect(await once(child, 'close')).toEqual([1, null]);
		expect(stderr).toMatch(/^reprise: The log .*limited\.jsonl cannot be written \(EFBIG: .*\n$/);
	},
);
