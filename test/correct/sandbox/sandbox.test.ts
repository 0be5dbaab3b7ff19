import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { JavaScriptSandbox } from '../../../lib/correct/sandbox/sandbox.js';
import { threadOptions } from '../../../lib/correct/sandbox/sandbox-thread.js';
import { descendants } from '../../support/processes.js';

const neverLooksUp = 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)';

test('limits are the caller’s to set', async () => {
	await using sandbox = new JavaScriptSandbox({ timeoutMs: 2000, memoryMiB: 8, outputLimit: 10 });
	expect((await sandbox.run('for (;;);')).stopped).toBe('time');
	expect((await sandbox.run('new Uint8Array(9 * 2 ** 20)')).stopped).toBe('memory');
	expect(await sandbox.run("console.log('0123456789')")).toEqual({
		printed: '0123456789',
		warned: '',
		stopped: 'output',
	});
	expect(await sandbox.run("console.log('12345'); console.error('678')")).toEqual({
		printed: '12345\n',
		warned: '678\n',
	});
});

test('the largest memory can be had', async () => {
	await using sandbox = new JavaScriptSandbox({ memoryMiB: 1016, timeoutMs: 60_000 });
	expect((await sandbox.run('console.log(new Uint8Array(2 ** 26).length)')).printed).toBe('67108864\n');
});

test('programs run at once, as many as there may be threads', async () => {
	await using sandbox = new JavaScriptSandbox({ threads: 2 });
	const codes = Array.from({ length: 9 }, (_, i) => `console.log(${i})`);
	const results = await Promise.all(codes.map((code) => sandbox.run(code)));
	expect(results.map(({ printed }) => printed)).toEqual(codes.map((_, i) => `${i}\n`));
});

test('an ended thread is replaced, and a program that waits for it is run', async () => {
	await using sandbox = new JavaScriptSandbox({ threads: 1, timeoutMs: 1000 });
	const [late, next] = await Promise.all([sandbox.run(neverLooksUp), sandbox.run('console.log(1)')]);
	expect(late.stopped).toBe('time');
	expect(next.printed).toBe('1\n');
});

test('a thread that dies costs its own program, and is replaced', async () => {
	await using sandbox = new JavaScriptSandbox({ threads: 2, timeoutMs: 60_000 });
	const [dying] = await startedWhile(async () => void (await sandbox.run('1')));
	const run = sandbox.run(neverLooksUp);
	const other = sandbox.run('console.log(1)');
	await dying?.terminate();
	expect((await run).stopped).toBe('crash');
	expect((await other).printed).toBe('1\n');
	expect((await sandbox.run('console.log(2)')).printed).toBe('2\n');
});

describe('an AbortSignal', () => {
	test('ends a program at once', async () => {
		await using sandbox = new JavaScriptSandbox({ timeoutMs: 60_000 });
		const controller = new AbortController();
		const run = sandbox.run(neverLooksUp, { signal: controller.signal });
		setTimeout(() => controller.abort(), 300);
		await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
	});

	test('ends one that waits, and leaves the others', async () => {
		await using sandbox = new JavaScriptSandbox({ threads: 1 });
		const controller = new AbortController();
		const first = sandbox.run('console.log(1)');
		const second = sandbox.run('console.log(2)', { signal: controller.signal });
		controller.abort();
		await expect(second).rejects.toMatchObject({ code: 'ABORTED' });
		expect((await first).printed).toBe('1\n');
		expect((await sandbox.run('console.log(3)')).printed).toBe('3\n');
	});

	test('that has fired starts nothing', async () => {
		await using sandbox = new JavaScriptSandbox();
		const run = sandbox.run('console.log(1)', { signal: AbortSignal.abort() });
		await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
	});
});

test('a burst of programs is run by no more threads than there may be, and none is lost', async () => {
	await using sandbox = new JavaScriptSandbox({ threads: 3, timeoutMs: 60_000 });
	const started = await startedWhile(async () => {
		const codes = Array.from({ length: 120 }, (_, i) =>
			i % 10 === 3 ? 'const all = []; for (;;) all.push(new Uint8Array(2 ** 20))' : `console.log(${i})`,
		);
		const ends = await Promise.all(codes.map((code) => sandbox.run(code)));
		expect(ends.map(({ printed, stopped }) => stopped ?? printed)).toEqual(
			codes.map((_, i) => (i % 10 === 3 ? 'memory' : `${i}\n`)),
		);
	});
	expect(started).toHaveLength(3);
});

/** The threads that are started meanwhile. */
async function startedWhile(work: () => Promise<void>): Promise<Worker[]> {
	const started: Worker[] = [];
	const note = (worker: Worker) => started.push(worker);
	process.on('worker', note);
	await work().finally(() => process.off('worker', note));
	return started;
}

test('a disposed sandbox has no threads, and says so', async () => {
	const sandbox = new JavaScriptSandbox({ timeoutMs: 60_000 });
	const started = await startedWhile(async () => {
		await sandbox.run('1');
		const running = sandbox.run(neverLooksUp);
		const ended = expect(running).rejects.toMatchObject({ code: 'DISPOSED' });
		await sandbox.dispose();
		await ended;
	});
	// An ended thread has no number.
	expect(started.map(({ threadId }) => threadId)).toEqual([-1]);
	await expect(sandbox.run('1')).rejects.toMatchObject({ code: 'DISPOSED' });
	await sandbox.dispose();
});

test('no process is started', async () => {
	await using sandbox = new JavaScriptSandbox({ timeoutMs: 300 });
	const before = descendants(process.pid);
	const running = sandbox.run(neverLooksUp);
	await new Promise((resolve) => setTimeout(resolve, 200));
	// `ps`, which lists them, is one of them.
	expect(descendants(process.pid)).toHaveLength(before.length);
	expect((await running).stopped).toBe('time');
});

const program = (code: string) => `
	import { JavaScriptSandbox } from './lib/correct/sandbox/sandbox.ts';
	const sandbox = new JavaScriptSandbox({ timeoutMs: 60_000 });
	await sandbox.run('console.log(1)');
	${code}`;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const node = ['--import', 'tsx', '--input-type=module', '--eval'];

test.each([
	['idle', ''],
	['disposed', 'await sandbox.dispose();'],
])('%s threads do not keep this process running', (_, code) => {
	const args = [...node, program(`${code} console.log('end')`)];
	const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
	expect({ stdout, stderr, status }).toEqual({ stdout: 'end\n', stderr: '', status: 0 });
});

describe('a process whose threads compute', () => {
	const computing = `sandbox.run(${JSON.stringify(neverLooksUp)}); await new Promise((r) => setTimeout(r, 300));`;

	test.each([
		['process.exit', 'process.exit(7)', { status: 7, signal: null }],
		['an error', 'throw new Error("unrelated")', { status: 1, signal: null }],
	])('is ended by %s', (_, code, end) => {
		const args = [...node, program(computing + code)];
		const { status, signal } = spawnSync(process.execPath, args, { cwd: root, timeout: 40_000 });
		expect({ status, signal }).toEqual(end);
	});

	test('is ended by a signal', async () => {
		const parent = spawn(process.execPath, [...node, program(`${computing} console.log('running')`)], {
			cwd: root,
		});
		await once(parent.stdout, 'data');
		parent.kill('SIGTERM');
		expect(await once(parent, 'exit')).toEqual([null, 'SIGTERM']);
	});

	test('has a main thread that goes on', async () => {
		await using sandbox = new JavaScriptSandbox({ timeoutMs: 500 });
		let ticks = 0;
		const ticking = setInterval(() => ticks++, 10);
		await sandbox.run(neverLooksUp);
		clearInterval(ticking);
		expect(ticks).toBeGreaterThan(10);
	});
});

describe('what breaks out of WebAssembly', () => {
	/** What the code says in a thread that is started as the sandbox's. */
	async function inThread(code: string): Promise<unknown> {
		const { flags = [], flagsToLoad, ...options } = threadOptions(2 ** 16);
		const post = "require('worker_threads').parentPort.postMessage";
		const worker = new Worker(`try { ${post}(${code}) } catch (error) { ${post}(error.code) }`, {
			...options,
			eval: true,
			execArgv: [...flags, '--input-type=commonjs'],
		});
		const [said] = await once(worker, 'message');
		await worker.terminate();
		return said;
	}

	test.each([
		['reads no file', "require('fs').readFileSync('package.json', 'utf8')", 'ERR_ACCESS_DENIED'],
		['writes none', "require('fs').writeFileSync('written-by-test', '')", 'ERR_ACCESS_DENIED'],
		['starts no process', "require('child_process').spawnSync('true').status", 'ERR_ACCESS_DENIED'],
		['starts no thread', "new (require('worker_threads').Worker)('1', { eval: true })", 'ERR_ACCESS_DENIED'],
		['loads no addon', "process.dlopen({ exports: {} }, 'addon.node')", 'ERR_DLOPEN_DISABLED'],
		['inspects nothing', "new (require('inspector').Session)().connect()", 'ERR_ACCESS_DENIED'],
		["has none of Node's bindings", "process.binding('fs')", 'ERR_ACCESS_DENIED'],
		['sees no variable', 'Object.keys(process.env)', []],
		['changes no folder', "process.chdir('/')", 'ERR_WORKER_UNSUPPORTED_OPERATION'],
	])('%s', async (_, code, said) => {
		expect(await inThread(code)).toEqual(said);
	});

	test('is not behind flags that Node does not take, and programs run', async () => {
		// Node 20 has another name for it.
		const flags = vi
			.spyOn(process, 'allowedNodeEnvironmentFlags', 'get')
			.mockReturnValue(new Set(['--permission']));
		await using sandbox = new JavaScriptSandbox({ timeoutMs: 20_000 });
		expect((await sandbox.run('console.log(1)')).printed).toBe('1\n');
		expect(flags).toHaveBeenCalled();
		flags.mockRestore();
	});

	test('takes nothing from this process, which reads and starts what it wants', async () => {
		await using sandbox = new JavaScriptSandbox();
		await sandbox.run('1');
		expect(process.permission).toBeUndefined();
		expect(spawnSync(process.execPath, ['--version']).status).toBe(0);
	});
});

test('options are checked by name', () => {
	expect(() => new JavaScriptSandbox({ memoryMib: 3 } as never)).toThrow('did you mean memoryMiB?');
	expect(() => new JavaScriptSandbox({ memoryMiB: 1017 })).toThrow('an integer in 1…1016 for memoryMiB');
	expect(() => new JavaScriptSandbox({ timeoutMs: 0 })).toThrow('an integer in 1…3600000 for timeoutMs');
});

test('a signal that throws where it is listened to takes no thread and no turn from others', async () => {
	await using sandbox = new JavaScriptSandbox({ threads: 1 });
	const signal = {
		aborted: false,
		addEventListener: () => {
			throw new Error('not today');
		},
		removeEventListener: () => {},
	} as unknown as AbortSignal;
	const refused = { code: 'OPTION_INVALID', message: expect.stringContaining('not today') };
	await expect(sandbox.run('1', { signal })).rejects.toMatchObject(refused);
	const first = sandbox.run('console.log(1)');
	await expect(sandbox.run('2', { signal })).rejects.toMatchObject(refused);
	const others = await Promise.all([first, sandbox.run('console.log(2)'), sandbox.run('console.log(3)')]);
	expect(others.map(({ printed }) => printed.trim())).toEqual(['1', '2', '3']);
});
