import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { JavaScriptSandbox } from '../../../lib/correct/sandbox/sandbox.js';
import { childOptions } from '../../../lib/correct/sandbox/sandbox-process.js';
import { descendants, isRunning } from '../../support/processes.js';

const neverLooksUp = 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)';

test('limits are the caller’s to set', async () => {
	await using sandbox = new JavaScriptSandbox({ timeoutMs: 200, memoryMiB: 8, outputLimit: 10 });
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

test('programs run at once, as many as there may be processes', async () => {
	await using sandbox = new JavaScriptSandbox({ processes: 2 });
	const codes = Array.from({ length: 9 }, (_, i) => `console.log(${i})`);
	const results = await Promise.all(codes.map((code) => sandbox.run(code)));
	expect(results.map(({ printed }) => printed)).toEqual(codes.map((_, i) => `${i}\n`));
});

test('a killed process is replaced, and a program that waits for it is run', async () => {
	await using sandbox = new JavaScriptSandbox({ processes: 1, timeoutMs: 200 });
	const [late, next] = await Promise.all([sandbox.run(neverLooksUp), sandbox.run('console.log(1)')]);
	expect(late.stopped).toBe('time');
	expect(next.printed).toBe('1\n');
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
		await using sandbox = new JavaScriptSandbox({ processes: 1 });
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

test('a disposed sandbox has no processes, and says so', async () => {
	const sandbox = new JavaScriptSandbox({ timeoutMs: 60_000 });
	await sandbox.run('1');
	const running = sandbox.run(neverLooksUp);
	const ended = expect(running).rejects.toMatchObject({ code: 'DISPOSED' });
	const started = descendants(process.pid);
	expect(started.length).toBeGreaterThan(0);
	await sandbox.dispose();
	await ended;
	await expect(sandbox.run('1')).rejects.toMatchObject({ code: 'DISPOSED' });
	await sandbox.dispose();
	await expect.poll(() => started.filter(isRunning).length).toBe(0);
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
])('%s processes do not keep this process running', async (_, code) => {
	const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
		const child = spawn(process.execPath, [...node, program(`${code} console.log('end')`)], { cwd: root });
		let stdout = '';
		child.stdout.on('data', (data) => (stdout += data));
		child.once('exit', () => resolve({ stdout }));
	});
	expect(stdout).toBe('end\n');
});

test('processes end with this one even where it is killed and they are computing', async () => {
	const code = program(`sandbox.run(${JSON.stringify(neverLooksUp)}); console.log('running')`);
	const parent = spawn(process.execPath, [...node, code], { cwd: root });
	await once(parent.stdout, 'data');
	const children = descendants(parent.pid as number);
	expect(children.length).toBeGreaterThan(0);
	parent.kill('SIGKILL');
	await expect.poll(() => children.filter(isRunning).length, { timeout: 5000 }).toBe(0);
});

describe('what breaks out of WebAssembly', () => {
	const inChild = (code: string) =>
		execFileSync(
			process.execPath,
			[...childOptions(), '--eval', `try { ${code} } catch (e) { console.log(e.code) }`],
			{
				encoding: 'utf8',
				env: {},
			},
		);

	test.each([
		['reads no file', "console.log(require('fs').readFileSync('package.json', 'utf8'))", 'ERR_ACCESS_DENIED'],
		['writes none', "require('fs').writeFileSync('written-by-test', '')", 'ERR_ACCESS_DENIED'],
		[
			'starts no process',
			"console.log(require('child_process').spawnSync('true').status)",
			'ERR_ACCESS_DENIED',
		],
		['starts no thread', "new (require('worker_threads').Worker)('1', { eval: true })", 'ERR_ACCESS_DENIED'],
		['loads no addon', "process.dlopen({ exports: {} }, 'addon.node')", 'ERR_DLOPEN_DISABLED'],
	])('%s', (_, code, error) => {
		expect(inChild(code)).toBe(`${error}\n`);
	});
});

test('starts where packages are links, as pnpm lays them out', () => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'reprise-sandbox-pnpm-')));
	/** The `node_modules` of a package's own. */
	const modules = (name: string) => join(folder, name.replace('/', '+'), 'node_modules');
	const [core, variant, types] = [
		'quickjs-emscripten-core',
		'@jitl/quickjs-wasmfile-release-sync',
		'@jitl/quickjs-ffi-types',
	];
	const packages = [core, variant, types].map((name) => [name, join(root, 'node_modules', name)] as const);
	for (const [name, source] of [...packages, ['reprise', join(root, 'lib')] as const])
		cpSync(source, join(modules(name), name, name === 'reprise' ? 'lib' : ''), { recursive: true });
	for (const [from, to] of [
		...[core, variant].map((name) => [name, types] as const),
		...[core, variant].map((name) => ['reprise', name] as const),
	]) {
		const link = join(modules(from), to);
		mkdirSync(dirname(link), { recursive: true });
		symlinkSync(join(modules(to), to), link);
	}
	writeFileSync(join(modules('reprise'), 'reprise', 'package.json'), '{"type":"module"}');
	const file = join(modules('reprise'), 'reprise', 'lib/correct/sandbox/sandbox.ts');
	const code = `import { JavaScriptSandbox } from ${JSON.stringify(file)};
		console.log((await new JavaScriptSandbox({ timeoutMs: 60_000 }).run('console.log(6 * 7)')).printed)`;
	try {
		const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
		expect(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })).toBe('42\n\n');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('options are checked by name', () => {
	expect(() => new JavaScriptSandbox({ memoryMib: 3 } as never)).toThrow('did you mean memoryMiB?');
	expect(() => new JavaScriptSandbox({ memoryMiB: 1017 })).toThrow('an integer in 1…1016 for memoryMiB');
	expect(() => new JavaScriptSandbox({ timeoutMs: 0 })).toThrow('an integer in 1…3600000 for timeoutMs');
});
