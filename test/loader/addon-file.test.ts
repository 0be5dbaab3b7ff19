import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadAddonFile, type Surroundings } from '../../lib/loader/addon-file.js';
import type { Machine } from '../../lib/loader/machine.js';

let app: string;
beforeEach(() => {
	app = realpathSync(mkdtempSync(join(tmpdir(), 'reprise-addon-')));
});
afterEach(() => rmSync(app, { recursive: true, force: true }));

/** The first bytes of a shared library for Linux. */
function elf(machine: 'x64' | 'arm64'): Buffer {
	const bytes = Buffer.alloc(64);
	bytes.writeUInt32BE(0x7f454c46, 0);
	bytes.writeUInt16LE(machine === 'x64' ? 62 : 183, 18);
	return bytes;
}
/** Those of one for macOS on ARM. */
function machO(): Buffer {
	const bytes = Buffer.alloc(64);
	bytes.writeUInt32LE(0xfeedfacf, 0);
	bytes.writeUInt32LE(0x0100000c, 4);
	return bytes;
}

function write(files: Record<string, string | Buffer>) {
	for (const [path, content] of Object.entries(files)) {
		mkdirSync(dirname(join(app, path)), { recursive: true });
		writeFileSync(join(app, path), content);
	}
}

const reprise = { 'node_modules/reprise/package.json': '{ "name": "reprise", "version": "1.2.3" }' };
const platformPackage = (platform: string, binary: string | Buffer = elf('x64'), version = '1.2.3') => ({
	[`node_modules/@reprise/${platform}/package.json`]: JSON.stringify({ version }),
	[`node_modules/@reprise/${platform}/reprise.node`]: binary,
});

const linux: Machine = { os: 'linux', cpu: 'x64', libc: 'glibc', libcVersion: '2.31' };
const musl: Machine = { os: 'linux', cpu: 'x64', libc: 'musl' };
const mac: Machine = { os: 'darwin', cpu: 'x64' };
const windows: Machine = { os: 'win32', cpu: 'x64' };

interface Given {
	machine?: Machine;
	env?: NodeJS.ProcessEnv;
	folder?: string;
	open?: (path: string) => { version: string; path?: string };
	warn?: (message: string) => void;
}

const fails = (message: string) => () => {
	throw new Error(message);
};

function load({ machine = linux, env = {}, folder = 'node_modules/reprise', open, warn }: Given) {
	const surroundings: Surroundings = {
		root: () => ({ folder: join(app, folder), version: '1.2.3' }),
		platform: { os: machine.os, cpu: machine.cpu },
		machine: () => machine,
		env,
		open: open ?? ((path) => ({ version: '1.2.3', path: path.slice(app.length + 1) })),
		warn: warn ?? fails('a warning that no test expects'),
	};
	return (loadAddonFile(surroundings) as { path?: string }).path;
}

function messageOf(given: Given): string {
	try {
		load(given);
	} catch (error) {
		expect(error).toMatchObject({ name: 'RepriseError', code: 'ADDON_MISSING' });
		return (error as Error).message.replaceAll(app, 'APP');
	}
	throw new Error('it loads');
}

describe('the addon is', () => {
	const local = { 'node_modules/reprise/build/Release/reprise.node': elf('x64') };
	const debug = { 'node_modules/reprise/build/Debug/reprise.node': elf('x64') };
	const cuda = platformPackage('linux-x64-cuda');
	const vulkan = platformPackage('linux-x64-vulkan');
	const plain = platformPackage('linux-x64');

	test.each([
		['the local build', { ...local, ...debug, ...cuda, ...plain }, 'reprise/build/Release'],
		['the local build for debugging', { ...debug, ...cuda, ...plain }, 'reprise/build/Debug'],
		["a GPU's package", { ...cuda, ...vulkan, ...plain }, '@reprise/linux-x64-cuda'],
		["the other GPU's package", { ...vulkan, ...plain }, '@reprise/linux-x64-vulkan'],
		["the platform's package", plain, '@reprise/linux-x64'],
	])('%s, where nothing before it is there', (_, files, folder) => {
		write({ ...reprise, ...files });
		expect(load({})).toBe(`node_modules/${folder}/reprise.node`);
	});

	test('the file that REPRISE_ADDON names, before all others', () => {
		write({ ...reprise, ...local, 'mine.node': elf('x64') });
		expect(load({ env: { REPRISE_ADDON: join(app, 'mine.node') } })).toBe('mine.node');
	});

	test.each([
		['local', { 'node_modules/reprise/build/Release/reprise.node': elf('x64') }],
		["platform's", plain],
	])('the %s file beside the archive of an Electron app', (_, files) => {
		const [[name = ''] = []] = Object.entries(files).slice(-1);
		const unpacked = Object.entries({ ...reprise, ...files }).map(([path, content]) => [
			`app.asar.unpacked/${path}`,
			content,
		]);
		write({ 'app.asar': 'an archive', ...Object.fromEntries(unpacked) });
		expect(load({ folder: 'app.asar/node_modules/reprise' })).toBe(`app.asar.unpacked/${name}`);
	});

	test("the platform's, with a warning, where the GPU's does not load", () => {
		write({ ...reprise, ...cuda, ...plain });
		const warn = vi.fn();
		const open = (path: string) => {
			if (path.includes('cuda'))
				throw new Error('libcudart.so.13: cannot open shared object file: No such file or directory');
			return { version: '1.2.3', path: 'plain' };
		};
		expect(load({ open, warn })).toBe('plain');
		expect(warn.mock.calls).toEqual([
			[
				'@reprise/linux-x64-cuda needs libcudart.so.13, which this system does not have; @reprise/linux-x64 is used instead',
			],
		]);
	});
});

const names = '{ "packages": { "node_modules/reprise": {}, "node_modules/@reprise/linux-x64": {} } }';
const lacks = '{ "packages": { "node_modules/reprise": {}, "node_modules/@reprise/darwin-arm64": {} } }';
const notInstalled = '@reprise/linux-x64 1.2.3 is not installed';
const madeElsewhere = 'it was made on another platform, whose packages alone it kept';

describe('where it is not installed, the error says why and what to do:', () => {
	test.each<[title: string, files: Record<string, string | Buffer>, given: Given, sentences: string]>([
		[
			'npm left optional packages out',
			{ 'package-lock.json': names },
			{},
			`linux x64 (glibc 2.31): ${notInstalled}, though package-lock.json names it: optional packages were left out (as --omit=optional does), or it could not be downloaded. Run in APP: npm install --include=optional.`,
		],
		[
			'npm was told so by .npmrc',
			{ 'package-lock.json': names, '.npmrc': 'omit=dev\nomit = optional\n' },
			{},
			`${notInstalled}, since optional packages are left out (omit=optional in .npmrc). Allow them and run in APP: npm install --include=optional.`,
		],
		[
			'npm was told so by the environment',
			{ 'package-lock.json': names },
			{ env: { npm_config_omit: 'dev optional' } },
			`${notInstalled}, since optional packages are left out (omit=optional in the environment).`,
		],
		[
			"npm's lock file was made on another platform",
			{ 'package-lock.json': lacks },
			{},
			`${notInstalled}, since package-lock.json does not name it: ${madeElsewhere} (npm/cli#4828). Delete node_modules and package-lock.json in APP and run: npm install --include=optional.`,
		],
		[
			'pnpm left optional packages out',
			{
				'node_modules/.modules.yaml': '{ "included": { "optionalDependencies": false } }',
				'pnpm-lock.yaml': 'reprise @reprise/linux-x64',
			},
			{ env: { npm_config_user_agent: 'npm/11.0.0 node/v20' } },
			`${notInstalled}, since optional packages are left out (--no-optional or optional=false). Allow them and run in APP: pnpm install --force.`,
		],
		[
			'Yarn classic was told to',
			{ 'yarn.lock': '# yarn lockfile v1\nreprise', '.yarnrc': '--install.ignore-optional true' },
			{},
			`${notInstalled}, since optional packages are left out (--ignore-optional in .yarnrc). Allow them and run in APP: yarn install --force.`,
		],
		[
			'Yarn installed for other architectures',
			{ 'yarn.lock': '__metadata:\n  version: 8\nreprise\n@reprise/linux-x64' },
			{},
			`${notInstalled}, though yarn.lock names it: optional packages were left out (as supportedArchitectures in .yarnrc.yml can), or it could not be downloaded. Run in APP: yarn install.`,
		],
		[
			'Yarn with Plug’n’Play',
			{ '.pnp.cjs': '' },
			{ folder: '.yarn/unplugged/reprise-npm-1.2.3/node_modules/reprise' },
			'Run in APP: yarn install.',
		],
		['bun', { 'bun.lock': '"reprise" "@reprise/linux-x64"' }, {}, 'Run in APP: bun install --force.'],
		[
			'a package manager that is known by what it started alone',
			{},
			{ env: { npm_config_user_agent: 'pnpm/12.21.0 npm/? node/v24' } },
			`${notInstalled}: optional packages were left out (as --no-optional does), or it could not be downloaded. Run in APP: pnpm install --force.`,
		],
		[
			'node_modules comes from a Mac',
			{ ...platformPackage('darwin-arm64'), 'node_modules/.package-lock.json': '{}' },
			{},
			'@reprise/linux-x64 is not installed, but @reprise/darwin-arm64 is: the packages were installed on or for another platform. Delete node_modules and run here: npm install --include=optional; on another machine: npm install --os=linux --cpu=x64 --libc=glibc.',
		],
		[
			'Rosetta',
			platformPackage('darwin-arm64'),
			{ machine: mac },
			'darwin x64: @reprise/darwin-x64 is not installed, but @reprise/darwin-arm64 is: this Node runs code for x64, under Rosetta or as the wrong download. Take a Node for the other processor, or install the packages with this one: npm install --include=optional.',
		],
		[
			'a platform without a package',
			{},
			{ machine: { os: 'freebsd', cpu: 'x64' } },
			'freebsd x64: no binary is published for freebsd x64. Build it from source: npx reprise build (it says what that needs).',
		],
		[
			'musl',
			{ 'pnpm-lock.yaml': '' },
			{ machine: musl },
			'linux x64 (musl): no binary is published for linux x64 with musl. Build it from source: pnpm exec reprise build',
		],
		[
			'an Electron app that was packaged without it',
			{ 'app.asar': 'an archive' },
			{ folder: 'app.asar/node_modules/reprise' },
			"the app's archive has no @reprise/linux-x64. Package the app for linux x64 with @reprise/linux-x64 among its files and out of the archive; docs/electron.md shows how.",
		],
		[
			'a clone',
			{ 'CMakeLists.txt': '' },
			{ folder: '.' },
			'it is not built in this repository. Build it with: npm run build:native.',
		],
	])('%s', (_, files, given, sentences) => {
		write({ ...reprise, ...files });
		expect(messageOf(given)).toContain(sentences);
	});

	test('and names all places', () => {
		write(reprise);
		expect(messageOf({})).toMatch(
			/Looked for APP\/node_modules\/reprise\/build\/Release\/reprise\.node, APP\S*Debug\/reprise\.node, @reprise\/linux-x64-cuda, @reprise\/linux-x64-vulkan and @reprise\/linux-x64 from APP\/node_modules\/reprise\.$/,
		);
	});
});

describe('where it is installed but does not load, the error says why and what to do:', () => {
	const older = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by reprise.node)";
	const libstdcxx = "libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by reprise.node)";

	test.each<[title: string, files: Record<string, string | Buffer>, given: Given, sentences: string]>([
		[
			'an older glibc',
			platformPackage('linux-x64'),
			{ open: fails(older) },
			'@reprise/linux-x64 needs glibc 2.34, but this system has 2.31. Build it from source: npx reprise build',
		],
		[
			'an older libstdc++',
			platformPackage('linux-x64'),
			{ open: fails(libstdcxx) },
			'@reprise/linux-x64 needs a newer libstdc++ (GLIBCXX_3.4.30) than this system has.',
		],
		[
			'a library that is missing',
			{ 'node_modules/reprise/build/Release/reprise.node': elf('x64') },
			{ open: fails('libcuda.so.1: cannot open shared object file: No such file or directory') },
			'reprise.node needs libcuda.so.1, which this system does not have. Install what has it, or build for this system: npx reprise build.',
		],
		[
			'another processor',
			platformPackage('linux-x64', elf('arm64')),
			{ open: fails('cannot open shared object file: No such file or directory') },
			'@reprise/linux-x64 is built for linux arm64, but this process is linux x64. Delete node_modules and run in APP: npm install',
		],
		[
			'Rosetta',
			platformPackage('darwin-x64', machO()),
			{ machine: mac, open: fails("incompatible architecture (have 'arm64', need 'x86_64')") },
			'@reprise/darwin-x64 is built for darwin arm64, but this process is darwin x64 (is it under Rosetta?).',
		],
		[
			'musl with the package of glibc',
			platformPackage('linux-x64'),
			{ machine: musl, open: fails('Error loading shared library ld-linux-x86-64.so.2') },
			'@reprise/linux-x64 is built for glibc, but this system has musl. Build it from source: npx reprise build',
		],
		[
			'a DLL that is missing',
			platformPackage('win32-x64', 'MZ'),
			{ machine: windows, open: fails('The specified module could not be found.') },
			'@reprise/win32-x64 needs a DLL that this system does not have. Install the Visual C++ Redistributable',
		],
		[
			'a version that is not the package’s',
			platformPackage('linux-x64', elf('x64'), '1.2.2'),
			{},
			'@reprise/linux-x64 is version 1.2.2, but reprise is 1.2.3. Delete node_modules and run in APP: npm install',
		],
		[
			'a file that REPRISE_ADDON names and that does not load, whatever else is there',
			{ ...platformPackage('linux-x64'), 'mine.node': elf('arm64') },
			{ open: fails('wrong ELF class'), env: { REPRISE_ADDON: 'mine.node' } },
			'mine.node, is built for linux arm64, but this process is linux x64. Give the path of a reprise.node for this machine, or unset the variable.',
		],
		[
			'a file that REPRISE_ADDON names and that is not there',
			platformPackage('linux-x64'),
			{ env: { REPRISE_ADDON: '/no/such.node' } },
			'REPRISE_ADDON, /no/such.node, is not there. Give the path of a reprise.node, or unset the variable.',
		],
		[
			'a folder that REPRISE_ADDON names',
			{ 'mine.node/reprise.node': elf('x64') },
			{ env: { REPRISE_ADDON: 'mine.node' } },
			'mine.node, is a folder. Give the path of a reprise.node for this machine, or unset the variable.',
		],
		[
			'an addon of another version',
			{ 'mine.node': elf('x64') },
			{ open: () => ({ version: '1.2.2' }), env: { REPRISE_ADDON: 'mine.node' } },
			'mine.node, is of reprise 1.2.2, but this is reprise 1.2.3. Give the path',
		],
		[
			'an addon that says no version',
			{ 'mine.node': elf('x64') },
			{ open: () => ({}) as { version: string }, env: { REPRISE_ADDON: 'mine.node' } },
			'mine.node, is no addon of reprise 1.2.3, or an older one.',
		],
		[
			'a processor’s code that is not there',
			{ 'mine.node': elf('x64') },
			{
				open: fails('Expected one of haswell, x64 for REPRISE_CPU_VARIANT but received "foo"'),
				env: { REPRISE_ADDON: 'mine.node' },
			},
			'received "foo"). Unset the variable: the best code is chosen by itself.',
		],
		[
			'Node.js that loads no addons',
			platformPackage('linux-x64'),
			{ open: fails('Cannot load native addon because loading addons is disabled.') },
			'Start Node.js without --no-addons, or with --allow-addons beside --permission.',
		],
	])('%s', (_, files, given, sentences) => {
		write({ ...reprise, ...files });
		const env = { ...given.env };
		if (env.REPRISE_ADDON === 'mine.node') env.REPRISE_ADDON = join(app, 'mine.node');
		expect(messageOf({ ...given, env })).toContain(sentences);
	});

	test.runIf(process.platform === 'linux')('a damaged file, by what the system says', () => {
		write({ ...reprise, ...platformPackage(`linux-${process.arch}`, 'version https://git-lfs\n'.repeat(9)) });
		const machine: Machine = { os: 'linux', cpu: process.arch, libc: 'glibc' };
		expect(messageOf({ machine, open: createRequire(import.meta.url) })).toContain(
			`@reprise/linux-${process.arch} is damaged: it is no shared library. Delete node_modules and run in APP`,
		);
	});
});

/** Libraries whose last byte is at 1000, by the tables in their heads. */
function libraries(): Record<string, Buffer> {
	const linux = elf('x64');
	linux.writeBigUInt64LE(872n, 40);
	linux.writeUInt16LE(64, 58);
	linux.writeUInt16LE(2, 60);
	const mac = Buffer.concat([machO(), Buffer.alloc(64)]);
	mac.writeUInt32LE(1, 16);
	mac.writeUInt32LE(0x19, 32);
	mac.writeUInt32LE(72, 36);
	mac.writeBigUInt64LE(900n, 72);
	mac.writeBigUInt64LE(100n, 80);
	const windows = Buffer.alloc(256);
	windows.write('MZ', 0);
	windows.writeUInt32LE(64, 60);
	windows.write('PE', 64);
	windows.writeUInt16LE(34404, 68);
	windows.writeUInt16LE(1, 70);
	windows.writeUInt32LE(900, 64 + 24 + 16);
	windows.writeUInt32LE(100, 64 + 24 + 20);
	return { linux, mac, windows };
}

describe.each(Object.entries(libraries()))('a library for %s', (_, head) => {
	const addon = (bytes: number) => Buffer.concat([head, Buffer.alloc(bytes - head.length)]);

	test('that was copied in part is not given to the system, which would end the process', () => {
		write({ ...reprise, 'mine.node': addon(999) });
		const opened = vi.fn();
		expect(messageOf({ open: opened, env: { REPRISE_ADDON: join(app, 'mine.node') } })).toContain(
			'is cut off: it has 999 of 1000 bytes',
		);
		expect(opened).not.toHaveBeenCalled();
	});

	test('that is whole is loaded', () => {
		write({ ...reprise, 'mine.node': addon(1000) });
		expect(load({ env: { REPRISE_ADDON: join(app, 'mine.node') } })).toBe('mine.node');
	});
});

test('bundled into an app, the error names how each bundler leaves the package out', () => {
	const root = fails('no package.json of reprise above file:///app/out.mjs');
	const surroundings = { root, platform: linux, machine: () => linux, env: {}, open: root, warn: root };
	expect(() => loadAddonFile(surroundings as Surroundings)).toThrow(
		/a bundler has put reprise into .*external: \['reprise'\] or --external:reprise for esbuild, externals for webpack, ssr\.external or build\.\w+\.external for Vite/,
	);
});
