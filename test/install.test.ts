import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuration } from '../scripts/build.mjs';
import { faultsOf, type Packed } from '../scripts/release/check.js';
import { pack } from '../scripts/release/pack.js';
import { type Package, packages } from '../scripts/release/packages.js';
import { fences } from './support/fences.js';
import { embeddedModel } from './support/models.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'reprise-install-'));

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

/** As `npm install` of the registry's packages, which are made as a release makes them. */
function install(...tarballs: string[]) {
	const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
	run('npm', ['install', ...quiet, ...tarballs]);
}

let packed: Packed[];
const tarball = (kind: Package['kind']) =>
	packed.find((one) => one.package.kind === kind)?.tarball ?? 'no such package';

beforeAll(() => {
	const here = `${process.platform}-${process.arch}`;
	const binaries = new Map([[here, join(root, 'build', 'Release', 'reprise.node')]]);
	packed = pack(packages(binaries, [here]), join(folder, 'packages'));
	writeFileSync(join(folder, 'package.json'), '{ "private": true }');
	copyFileSync(embeddedModel, join(folder, 'model.gguf'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the packages of a release have what belongs there, and nothing else', () => {
	// This binary is for this machine alone.
	expect(faultsOf(packed, ['libraries', 'paths'])).toEqual([]);
});

test('no package has a script', () => {
	expect(packed.filter(({ package: { manifest } }) => 'scripts' in manifest)).toEqual([]);
});

describe('the packages, installed from their tarballs in a folder without the repository,', () => {
	beforeAll(() => install(tarball('main'), tarball('platform'), tarball('source')));

	test('run the first sample of the README', () => {
		const sample = fences('README.md').find(({ language }) => language === 'js');
		writeFileSync(join(folder, 'first.mjs'), sample?.code ?? '');
		const { stdout, stderr } = run(process.execPath, ['first.mjs']);
		expect(stdout.length).toBeGreaterThan(20);
		expect(stderr).toBe('');
	});

	test('have the command line', () => {
		const args = ['exec', '--offline', '--', 'reprise', 'info', 'model.gguf', '--json'];
		expect(JSON.parse(run('npm', args).stdout)).toMatchObject({
			architecture: 'llama',
			unusedVectorUnits: [],
		});
	});

	test('hold what a build from source needs', () => {
		const source = join(folder, 'node_modules', '@reprise', 'source');
		const path = join(source, 'scripts', 'build.mjs');
		const build = `import(${JSON.stringify(path)}).then(({ build }) => build({ targets: [] }))`;
		run(process.execPath, ['--eval', build]);
		expect(existsSync(join(source, 'build', configuration(env).folder, 'CMakeCache.txt'))).toBe(true);
	});
});

describe('a build folder', () => {
	test('is one for each configuration', () => {
		const of = (env: NodeJS.ProcessEnv) => configuration(env).folder;
		expect(of({})).toBe('cmake');
		expect(of({ REPRISE_NATIVE: '1', REPRISE_CUDA: '0', REPRISE_VULKAN: '' })).toBe('cmake');
		expect(of({ REPRISE_NATIVE: '0' })).toBe(
			process.platform === 'linux' ? 'cmake-variants' : 'cmake-portable',
		);
		expect(of({ REPRISE_NATIVE: '0', REPRISE_CPU_VARIANTS: '0' })).toBe('cmake-portable');
		expect(of({ REPRISE_VULKAN: '1', REPRISE_CUDA: '1' })).toBe('cmake-cuda-vulkan');
		expect(of({ REPRISE_CUDA: '1', REPRISE_NATIVE: '0', REPRISE_CPU_VARIANTS: '0' })).toBe(
			'cmake-cuda-portable',
		);
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

	test('for a binary that travels on Linux has code for every processor', () => {
		const linux = { platform: 'linux', arch: 'x64' } as const;
		const { definitions } = configuration({ REPRISE_NATIVE: '0' }, linux);
		expect(definitions).toContain('--CDREPRISE_CPU_VARIANTS=ON');
		expect(definitions).not.toContain('--CDGGML_AVX2=ON');
		expect(configuration({}, linux).definitions).toContain('--CDREPRISE_CPU_VARIANTS=OFF');
		expect(configuration({ PREBUILD_PLATFORM: 'linux' }, linux).folder).toBe('cmake-variants');
		for (const env of [{}, { REPRISE_NATIVE: '0', REPRISE_AVX512: '1' }])
			expect(() => configuration({ ...env, REPRISE_CPU_VARIANTS: '1' }, linux)).toThrow('REPRISE_NATIVE=0');
	});

	test('for a binary that travels elsewhere has the vector units of the last ten years', () => {
		const { definitions } = configuration({ REPRISE_NATIVE: '0', REPRISE_CPU_VARIANTS: '0' });
		expect(definitions).toContain('--CDGGML_NATIVE=OFF');
		if (process.arch === 'x64')
			for (const unit of ['AVX', 'AVX2', 'FMA', 'F16C']) expect(definitions).toContain(`--CDGGML_${unit}=ON`);
		expect(configuration({ PREBUILD_PLATFORM: 'linux' })).toEqual(configuration({ REPRISE_NATIVE: '0' }));
	});
});
