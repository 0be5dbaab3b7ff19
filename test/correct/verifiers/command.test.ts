import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { command } from '../../../lib/correct/verifiers/command.js';
import { isRunning } from '../../support/processes.js';
import { verify } from '../../support/verify.js';

const node = (code: string, options: Parameters<typeof command>[1] = {}) =>
	command(process.execPath, { ...options, arguments: ['--eval', code, ...(options.arguments ?? [])] });
const fenced = 'Here it is:\n```js\nlet answer = 3;\n```\nDone.';

test('exit code 0 passes, and any other fails with what was written', async () => {
	expect(await verify(node(''), 'x')).toEqual({ outcome: 'pass' });
	expect(await verify(node("console.log('ok')"), 'x')).toEqual({ outcome: 'pass', message: 'ok' });
	const failing = node("console.log('one'); console.error('two'); process.exitCode = 2");
	expect(await verify(failing, 'x')).toMatchObject({
		outcome: 'fail',
		message: expect.stringMatching(/^(one\ntwo|two\none)$/),
	});
	expect(await verify(node('process.exit(3)'), 'x')).toEqual({
		outcome: 'fail',
		message: 'The check failed with exit code 3.',
	});
	expect(await verify(node("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9e4)"), 'x')).toEqual({
		outcome: 'fail',
		message: 'The check was ended by SIGTERM.',
	});
});

describe('the command gets', () => {
	const echo = "process.stdin.on('data', (d) => process.stdout.write(d))";

	test('the last code block on standard input', async () => {
		expect(await verify(node(echo), `\`\`\`\nfirst\n\`\`\`\n${fenced}`)).toMatchObject({
			message: 'let answer = 3;',
		});
	});

	test('the whole answer where that is asked for, or where it has no block', async () => {
		expect(await verify(node(echo, { input: 'answer' }), fenced)).toMatchObject({ message: fenced });
		expect(await verify(node(echo), 'plain')).toMatchObject({ message: 'plain' });
	});

	test('only blocks of its languages', async () => {
		const lean = node(echo, { languages: ['lean', 'lean4'] });
		expect(await verify(lean, '```lean4\nproof\n```\n```js\n1\n```')).toMatchObject({ message: 'proof' });
		expect(await verify(lean, fenced)).toEqual({
			outcome: 'fail',
			message: 'There is no lean in the answer.',
		});
	});

	test('a file in place of {file}, which is gone afterwards', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'verifier-command-'));
		vi.stubEnv('TMPDIR', folder);
		const read =
			"const f = process.argv[1]; console.log(f, require('fs').readFileSync(f, 'utf8')); process.exit(1)";
		expect(await verify(node(read, { arguments: ['{file.test.js}'] }), fenced)).toEqual({
			outcome: 'fail',
			message: 'answer.test.js let answer = 3;',
		});
		expect(readdirSync(folder)).toEqual([]);
		vi.unstubAllEnvs();
		rmdirSync(folder);
	});

	test('text larger than a pipe, read or not', async () => {
		const long = 'x'.repeat(2 ** 20);
		const count = "let n = 0; process.stdin.on('data', (d) => n += d.length).on('end', () => console.log(n))";
		expect(await verify(node(count), long)).toMatchObject({ message: `${2 ** 20}` });
		expect(await verify(node('process.exit(0)'), long)).toEqual({ outcome: 'pass' });
	});

	test('its folder and environment', async () => {
		const show = node('console.log(process.cwd(), process.env.A, process.env.HOME)', {
			cwd: '/',
			env: { A: 'b' },
		});
		expect(await verify(show, 'x')).toEqual({ outcome: 'pass', message: '/ b undefined' });
	});
});

describe('the shell', () => {
	test('runs a command only where that is asked for', async () => {
		expect(await verify(command('echo $0 && exit 4', { shell: true }), 'x')).toMatchObject({
			outcome: 'fail',
		});
		expect(await verify(command('echo', { arguments: ['$0', '&&', '*'] }), 'x')).toEqual({
			outcome: 'pass',
			message: '$0 && *',
		});
	});

	test('fails with exit code 127 as with any other: the answer may have ended so', async () => {
		expect(await verify(command('exit 127', { shell: true }), 'x')).toEqual({
			outcome: 'fail',
			message: 'The check failed with exit code 127.',
		});
	});

	test('takes {file} in the command', async () => {
		const count = command('wc -l < {file.txt}', { shell: true });
		expect(await verify(count, 'one\ntwo\n')).toEqual({ outcome: 'pass', message: '2' });
	});
});

test('a command that takes too long is killed with all it has started', async () => {
	const started = Date.now();
	const slow = command('echo begun; sleep 60 & sleep 60', { shell: true, timeoutMs: 300 });
	expect(await verify(slow, 'x')).toEqual({
		outcome: 'fail',
		message: 'The check was stopped after 0.3 seconds.\nbegun',
	});
	expect(Date.now() - started).toBeLessThan(5000);
});

test('what a command leaves running is killed, and not waited for', async () => {
	const started = Date.now();
	const leaving = command('sleep 60 & echo $!', { shell: true });
	const { message } = await verify(leaving, 'x');
	expect(Date.now() - started).toBeLessThan(5000);
	await expect.poll(() => isRunning(Number(message))).toBe(false);
});

test('only the end of a long output is kept', async () => {
	const flood = node(
		"for (let i = 0; i < 1e5; i++) process.stdout.write('é'.repeat(500)); console.log('\\x1b[31mend\\x1b[0m')",
		{
			outputLimit: 100,
		},
	);
	const { message } = await verify(flood, 'x');
	expect(message).toMatch(/^é{90,}end$/);
	expect(message?.length).toBeLessThanOrEqual(100);
});

test('an AbortSignal ends it', async () => {
	const controller = new AbortController();
	const verdict = verify(node('setTimeout(() => {}, 60000)'), 'x', {}, controller.signal);
	setTimeout(() => controller.abort(), 200);
	await expect(verdict).rejects.toMatchObject({ code: 'ABORTED' });
	await expect(verify(node(''), 'x', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
});

test.each([
	['is not there', command('no-such-command-anywhere'), 'there is no such command'],
	['is no program', command('/etc'), 'there is no such command'],
	[
		'should run in a folder that is not there',
		command('true', { cwd: '/no/such/folder' }),
		'there is no folder',
	],
])('a command that %s is the caller’s error', async (_, verifier, message) => {
	await expect(verify(verifier, 'x')).rejects.toMatchObject({
		code: 'VERIFIER_FAILED',
		message: expect.stringMatching(message),
	});
});

test('options are checked by name', () => {
	expect(() => command('true', { args: [] } as never)).toThrow('command has no option "args"');
	expect(() => command('true', { arguments: ['a'], shell: true })).toThrow('takes no arguments');
	expect(() => command('')).toThrow('for command');
});
