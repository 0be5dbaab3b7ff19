import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuration } from '../scripts/build.mjs';
import { fences } from './support/fences.js';
import { embeddedModel } from './support/models.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'reprise-install-'));
const installed = join(folder, 'node_modules', 'reprise');

/** npm's variables are of the run that these tests are in. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

function run(command: string, args: readonly string[], added: NodeJS.ProcessEnv = {}) {
	const ended = spawnSync(command, args, {
		cwd: folder,
		encoding: 'utf8',
		env: { ...env, ...added },
		shell: command === 'npm' && process.platform === 'win32',
	});
	expect(ended.status, `${command} ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`).toBe(0);
	return ended;
}

beforeAll(() => {
	run('npm', ['pack', root, '--ignore-scripts', '--silent']);
	const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
	writeFileSync(join(folder, 'package.json'), '{ "private": true }');
	const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
	// The addon is built below, as far as that does not take minutes.
	run('npm', ['install', ...quiet, `./${tarball}`], { REPRISE_SKIP_BUILD: '1' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package, installed from its tarball in a folder without the repository', () => {
	test('holds what its build from source needs', () => {
		expect(existsSync(join(installed, 'scripts', 'patches'))).toBe(true);
		const path = join(installed, 'scripts', 'build.mjs');
		const build = `import(${JSON.stringify(path)}).then(({ build }) => build({ targets: [] }))`;
		run(process.execPath, ['--eval', build]);
		expect(existsSync(join(installed, 'build', configuration(env).folder, 'CMakeCache.txt'))).toBe(true);
	});

	test('says how to build the addon where there is none', () => {
		const load = `import('reprise').then(({ loadModel }) => loadModel('a.gguf')).catch((e) => console.log(e.code, e.message))`;
		expect(run(process.execPath, ['--eval', load]).stdout).toMatch(/^ADDON_MISSING .*npm run build:native/);
	});

	describe('with a binary', () => {
		beforeAll(() => {
			const place = join(installed, 'build', 'Release');
			mkdirSync(place, { recursive: true });
			copyFileSync(join(root, 'build', 'Release', 'reprise.node'), join(place, 'reprise.node'));
			copyFileSync(embeddedModel, join(folder, 'model.gguf'));
		});

		test('runs the first sample of the README', () => {
			const sample = fences('README.md').find(({ language }) => language === 'js');
			writeFileSync(join(folder, 'first.mjs'), sample?.code ?? '');
			const { stdout, stderr } = run(process.execPath, ['first.mjs']);
			expect(stdout.length).toBeGreaterThan(20);
			expect(stderr).toBe('');
		});

		test('has the command line', () => {
			const args = ['exec', '--offline', '--', 'reprise', 'info', 'model.gguf', '--json'];
			expect(JSON.parse(run('npm', args).stdout)).toMatchObject({
				architecture: 'llama',
				unusedVectorUnits: [],
			});
		});
	});
});

describe('a build folder', () => {
	test('is one for each configuration', () => {
		const of = (env: NodeJS.ProcessEnv) => configuration(env).folder;
		expect(of({})).toBe('cmake');
		expect(of({ REPRISE_NATIVE: '1', REPRISE_CUDA: '0', REPRISE_VULKAN: '' })).toBe('cmake');
		expect(of({ REPRISE_NATIVE: '0' })).toBe('cmake-portable');
		expect(of({ REPRISE_VULKAN: '1', REPRISE_CUDA: '1' })).toBe('cmake-cuda-vulkan');
		expect(of({ REPRISE_CUDA: '1', REPRISE_NATIVE: '0' })).toBe('cmake-cuda-portable');
		expect(of({ REPRISE_KERNELS: '0' })).toBe('cmake-upstream');
		expect(of({ REPRISE_RPC: '0' })).toBe('cmake-local');
		expect(of({ REPRISE_AVX512: '1', REPRISE_NATIVE: '0' })).toBe('cmake-avx512-portable');
		expect(of({ REPRISE_DEBUG: '1' })).toBe('cmake-debug');
		expect(of({ REPRISE_DEBUG: '0', REPRISE_WERROR: '1' })).toBe('cmake');
	});

	test('for debugging has assertions and symbols, with the other switches as they are', () => {
		expect(configuration({ REPRISE_DEBUG: '1' })).toEqual({
			...configuration({}),
			config: 'Debug',
			folder: 'cmake-debug',
		});
		expect(configuration({}).config).toBe('Release');
	});

	test('says every switch, so that CMake keeps none of an earlier build', () => {
		for (const definition of ['GGML_CUDA', 'GGML_METAL', 'GGML_VULKAN'])
			expect(configuration({}).definitions).toContain(`--CD${definition}=OFF`);
		expect(configuration({}).definitions).toContain('--CDGGML_NATIVE=ON');
		expect(configuration({}).definitions).toContain('--CDREPRISE_KERNELS=ON');
		expect(configuration({}).definitions).toContain('--CDREPRISE_WERROR=OFF');
		const driverless = '--CDGGML_CUDA_NO_VMM=ON';
		expect(configuration({ REPRISE_CUDA: '1' }).definitions).not.toContain(driverless);
		expect(configuration({ REPRISE_CUDA: '1', REPRISE_NATIVE: '0' }).definitions).toContain(driverless);
		expect(configuration({ REPRISE_NATIVE: '0' }).definitions).not.toContain(driverless);
		expect(configuration({ REPRISE_WERROR: '1' }).definitions).toContain('--CDREPRISE_WERROR=ON');
		expect(configuration({ REPRISE_KERNELS: '0' }).definitions).toContain('--CDREPRISE_KERNELS=OFF');
		expect(configuration({}).definitions).toContain('--CDGGML_RPC=ON');
		expect(configuration({ REPRISE_RPC: '0' }).definitions).toContain('--CDGGML_RPC=OFF');
		expect(configuration({ REPRISE_CUDA: '1' }).definitions).toContain('--CDGGML_CUDA=ON');
		expect(() => configuration({ REPRISE_CUDA: 'yes' })).toThrow('Expected 0 or 1 for REPRISE_CUDA');
	});

	test('for a binary that travels has the vector units of the last ten years', () => {
		const { definitions } = configuration({ REPRISE_NATIVE: '0' });
		expect(definitions).toContain('--CDGGML_NATIVE=OFF');
		if (process.arch === 'x64')
			for (const unit of ['AVX', 'AVX2', 'FMA', 'F16C']) expect(definitions).toContain(`--CDGGML_${unit}=ON`);
		expect(configuration({ PREBUILD_PLATFORM: 'linux' })).toEqual(configuration({ REPRISE_NATIVE: '0' }));
	});
});
