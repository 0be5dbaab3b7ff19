import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { command } from '../../../lib/correct/verifiers/command.js';
import { verify } from '../../support/verify.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a module in a process of its own, whose limits the shell's `ulimit` sets. */
function withLimit(limit: string, code: string): { outcomes: Record<string, string[]>; stderr: string } {
	const words = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', preamble + code];
	const line = `ulimit ${limit} && exec "$@"`;
	const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line, 'sh', ...words], {
		cwd: root,
		encoding: 'utf8',
	});
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	return { outcomes: JSON.parse(stdout), stderr };
}

const preamble = `
	import { closeSync, openSync } from 'node:fs';
	import { command, javascript, jsonSchema, regex } from './lib/correct/verifiers/index.ts';
	const task = { id: 't', prompt: 'p', answer: '1' };
	const verifiers = {
		command: () => command('cat'),
		file: () => command('cat', { arguments: ['{file}'] }),
		shell: () => command('cat {file}', { shell: true }),
		javascript: () => javascript(),
		regex: () => regex('1'),
		jsonSchema: () => jsonSchema({ type: 'number' }),
	};
	/** 'pass', or the code of the error. */
	async function outcomeOf(name) {
		const verifier = verifiers[name]();
		try {
			const answer = name === 'javascript' ? 'console.log(1)' : '1';
			return (await verifier(answer, { task, signal: new AbortController().signal })).outcome;
		} catch (error) {
			return error.code ?? error.stack;
		} finally {
			await verifier.dispose?.();
		}
	}
	// All that is loaded when it is needed is loaded now.
	for (const name of Object.keys(verifiers)) if ((await outcomeOf(name)) !== 'pass') throw new Error(name);
	const outcomes = {};
	/** The next check starts another thread. */
	const endThread = () =>
		regex(/^(a+)+$/, { timeoutMs: 20 })('a'.repeat(50) + 'b', { task, signal: new AbortController().signal }).catch(() => {});
`;

describe.skipIf(process.platform !== 'linux')('where the system has no more to give', () => {
	test('no file descriptor is left, or only some: a verdict or VERIFIER_FAILED, and a verdict as soon as there are', () => {
		const { outcomes } = withLimit(
			'-n 160',
			`
			for (const name of Object.keys(verifiers)) {
				const open = [];
				await endThread();
				try { for (;;) open.push(openSync('/dev/null')); } catch {}
				outcomes[name] = [];
				for (let left = 0; left < 24; left += 2) {
					outcomes[name].push(await outcomeOf(name));
					for (const file of open.splice(-2)) closeSync(file);
				}
				for (const file of open) closeSync(file);
				outcomes[name].push(await outcomeOf(name));
			}
			console.log(JSON.stringify(outcomes));`,
		);
		for (const [name, all] of Object.entries(outcomes)) {
			expect(
				all.filter((outcome) => outcome !== 'pass' && outcome !== 'VERIFIER_FAILED'),
				name,
			).toEqual([]);
			expect(all.at(-1), name).toBe('pass');
			expect(all[0], name).toBe('VERIFIER_FAILED');
		}
	});

	test('no process and no thread may be started', () => {
		const { outcomes } = withLimit(
			'-n 1000',
			`
			const { execFileSync } = await import('node:child_process');
			execFileSync('prlimit', ['--nproc=1', '--pid', String(process.pid)]);
			await endThread();
			// The superuser has no such limit.
			if (process.getuid() === 0) process.setuid(65534);
			for (const name of Object.keys(verifiers)) outcomes[name] = [await outcomeOf(name)];
			console.log(JSON.stringify(outcomes));`,
		);
		for (const [name, all] of Object.entries(outcomes)) expect(all, name).toEqual(['VERIFIER_FAILED']);
		expect(Object.keys(outcomes)).toHaveLength(6);
	});

	test('there is no address space for a program', () => {
		const { outcomes } = withLimit(
			'-n 1000',
			`
			const { execFileSync } = await import('node:child_process');
			const { readFileSync } = await import('node:fs');
			// WebAssembly's memories lie in gibibytes of addresses, so that none can reach out of its own.
			const bytes = 4096 * Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]) + 2 ** 30;
			execFileSync('prlimit', ['--as=' + bytes, '--pid', String(process.pid)]);
			outcomes.javascript = [await outcomeOf('javascript')];
			console.log(JSON.stringify(outcomes));`,
		);
		expect(outcomes).toEqual({ javascript: ['VERIFIER_FAILED'] });
	});

	test('the answer cannot be written', () => {
		const { outcomes } = withLimit(
			'-n 1000',
			`
			const { execFileSync } = await import('node:child_process');
			execFileSync('prlimit', ['--fsize=0', '--pid', String(process.pid)]);
			for (const name of ['command', 'file', 'shell']) outcomes[name] = [await outcomeOf(name)];
			console.log(JSON.stringify(outcomes));`,
		);
		expect(outcomes).toEqual({ command: ['pass'], file: ['VERIFIER_FAILED'], shell: ['VERIFIER_FAILED'] });
	});

	test('a command has more variables than the system takes', async () => {
		const large = command('cat', { env: { PATH: process.env.PATH, LARGE: 'x'.repeat(2 ** 22) } });
		await expect(verify(large, 'x')).rejects.toMatchObject({
			code: 'VERIFIER_FAILED',
			message: expect.stringMatching(/^The command cat cannot be run \(spawn E2BIG\)/),
		});
	});
});
