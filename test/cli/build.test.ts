import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Backend, requireTools, type System } from '../../lib/cli/build-tools.js';
import { reprise } from '../support/cli.js';

let folder: string;
let programs: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'reprise-build-'));
	programs = join(folder, 'bin');
	mkdirSync(programs);
	symlinkSync('/bin/sh', join(programs, 'sh'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that prints a text, and fails where its arguments hold one that it does not know. */
function program(name: string, prints: string, unknown = 'no such argument') {
	const path = join(programs, name);
	writeFileSync(
		path,
		`#!/bin/sh\ncase "$*" in *${JSON.stringify(unknown)}*) exit 1;; esac\necho '${prints}'\n`,
	);
	chmodSync(path, 0o755);
}

const tools: Record<string, string> = {
	...{
		git: 'git version 2.39.5',
		npm: '11.0.0',
		cmake: 'cmake version 3.25.1',
		'g++': 'g++ 12',
		make: '4.3',
	},
};
const putAll = (...except: string[]) => {
	for (const [name, prints] of Object.entries(tools)) if (!except.includes(name)) program(name, prints);
};

const debian = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n';

function faultOf(backends: readonly Backend[] = [], system: Partial<System> = {}): string {
	try {
		const osRelease = system.osRelease ?? debian;
		requireTools(backends, { platform: 'linux', ...system, osRelease, env: { PATH: programs } });
	} catch (error) {
		return (error as Error).message.replace('sudo ', '');
	}
	return 'nothing is missing';
}

// The programs are shell scripts.
describe.skipIf(process.platform === 'win32')('before a build', () => {
	test('nothing is said where all is there', () => {
		putAll();
		expect(faultOf()).toBe('nothing is missing');
	});

	test.each([
		['debian', debian, 'apt-get install git npm cmake g++ ninja-build'],
		[
			'one that is made from ubuntu',
			'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
			'apt-get install git npm cmake g++ ninja-build',
		],
		['fedora', 'ID=fedora\n', 'dnf install git npm cmake gcc-c++ ninja-build'],
		['rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install git npm cmake gcc-c++ ninja-build'],
		['alpine', 'ID=alpine\n', 'apk add git npm cmake g++ linux-headers samurai'],
		['arch', 'ID=arch\n', 'pacman -S git npm cmake gcc ninja'],
		['opensuse', 'ID="opensuse-leap"\nID_LIKE="suse"\n', 'zypper install git npm cmake gcc-c++ ninja'],
	])('all that is missing is named in one sentence, with the command of %s', (_, osRelease, command) => {
		expect(faultOf([], { osRelease })).toBe(
			`To build the addon, this system lacks git, npm, CMake 3.21 or later, a C++20 compiler and Ninja or make; get them with: ${command}`,
		);
	});

	test('a system that is not known is told where to get things', () => {
		putAll('git');
		expect(faultOf([], { osRelease: 'ID=nixos\n' })).toBe(
			'To build the addon, this system lacks git; get git from https://git-scm.com',
		);
	});

	test.each([
		[
			'cmake',
			'cmake version 3.16.3',
			'its CMake 3.16.3 is older than 3.21; get a newer CMake from https://cmake.org/download or with: pip install cmake',
		],
		['cmake', 'cmake version 2.99', 'its CMake 2.99 is older than 3.21; get a newer CMake from'],
	])('%s that says "%s" is refused', (name, prints, sentence) => {
		putAll();
		program(name, prints);
		expect(faultOf()).toContain(`To build the addon, ${sentence}`);
	});

	test('a compiler that knows no C++20 is refused', () => {
		putAll();
		program('g++', 'g++ 8', '-std=c++20');
		expect(faultOf()).toBe(
			'To build the addon, its C++ compiler g++ knows no C++20; get it with: apt-get install g++',
		);
	});

	test('what is missing and what is too old are one sentence', () => {
		putAll('git');
		program('cmake', 'cmake version 3.16.3');
		expect(faultOf()).toMatch(
			/^To build the addon, this system lacks git, and its CMake 3\.16\.3 is older than 3\.21; get it with: apt-get install git; get a newer CMake/,
		);
	});

	test.each<[backend: Backend, missing: string, osRelease: string, advice: string]>([
		['cuda', 'the CUDA toolkit (nvcc)', debian, 'get it with: apt-get install nvidia-cuda-toolkit'],
		['cuda', 'the CUDA toolkit (nvcc)', 'ID=fedora\n', 'get CUDA from https://developer.nvidia.com/'],
		['vulkan', 'the Vulkan SDK (glslc)', debian, 'get it with: apt-get install libvulkan-dev glslc'],
	])('the tools of %s are asked for where it is built', (backend, missing, osRelease, advice) => {
		putAll();
		const said = faultOf([backend], { osRelease });
		// The toolkit's usual place does not depend on PATH.
		if (backend === 'cuda' && said === 'nothing is missing') return;
		expect(said).toContain(`this system lacks ${missing}; ${advice}`);
	});

	test('macOS is asked for the command line tools, and brew has the rest', () => {
		putAll('git');
		expect(faultOf([], { platform: 'darwin' })).toBe(
			'To build the addon, this system lacks git and the command line tools of Xcode; get them with: xcode-select --install && brew install git',
		);
		program('xcode-select', '/Library/Developer/CommandLineTools');
		program('git', 'git version 2.39.5');
		expect(faultOf([], { platform: 'darwin' })).toBe('nothing is missing');
	});

	test('Windows is asked for Visual Studio', () => {
		putAll();
		expect(faultOf([], { platform: 'win32' })).toContain(
			'lacks npm and a C++20 compiler; get them with: winget install Microsoft.VisualStudio.2022.BuildTools',
		);
	});

	test('the command says it, and nothing else', () => {
		const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
		const tsx = fileURLToPath(import.meta.resolve('tsx'));
		const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, main, 'build'], {
			env: { PATH: programs, HOME: folder },
			encoding: 'utf8',
		});
		expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
		expect(stderr).toMatch(
			/^reprise: To build the addon, this system lacks git, npm, CMake [^\n]*; get [^\n]*\n$/,
		);
	});

	test.skipIf(process.platform === 'darwin')('Metal is refused where there is none', () => {
		const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
		const tsx = fileURLToPath(import.meta.resolve('tsx'));
		const { status, stderr } = spawnSync(process.execPath, ['--import', tsx, main, 'build', '--metal'], {
			encoding: 'utf8',
		});
		expect({ status, stderr }).toEqual({
			status: 1,
			stderr: 'reprise: --metal needs macOS; --cuda and --vulkan are for other GPUs\n',
		});
	});
});

describe('a build for another processor', () => {
	const arch = process.arch === 'arm64' ? 'x64' : 'arm64';

	test('has no place in the package', async () => {
		const { status, stderr } = await reprise(['build', '--arch', arch]);
		expect(status).toBe(1);
		expect(stderr).toContain(`Expected --out FOLDER for ${arch}: this package is loaded here`);
	});

	test.skipIf(process.platform !== 'linux' || process.env.CMAKE_TOOLCHAIN_FILE)(
		'needs a toolchain',
		async () => {
			const { status, stderr } = await reprise(['build', '--arch', arch, '--out', folder]);
			expect(status).toBe(1);
			expect(stderr).toContain(`makes no code for linux-${arch}: set CMAKE_TOOLCHAIN_FILE`);
		},
	);
});
