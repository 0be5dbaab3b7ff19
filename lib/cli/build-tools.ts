import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { install, type Need } from './system-packages.js';

/** The backends that `reprise build` can add. */
export type Backend = 'cuda' | 'vulkan' | 'metal';

export interface System {
	readonly platform: NodeJS.Platform;
	readonly env: NodeJS.ProcessEnv;
	/** The text of /etc/os-release; empty where there is none. */
	readonly osRelease: string;
}

export function thisSystem(): System {
	const file = '/etc/os-release';
	const osRelease = process.platform === 'linux' && existsSync(file) ? readFileSync(file, 'utf8') : '';
	return { platform: process.platform, env: process.env, osRelease };
}

const oldestCmake = [3, 21] as const;

/** Throws one sentence that names all that is missing to build the addon, and how to get it on this system. */
export function requireTools(backends: readonly Backend[], system: System = thisSystem()): void {
	const lacks = lacking(backends, system);
	if (lacks.length === 0) return;
	const missing = lacks.flatMap(({ missing }) => missing ?? []);
	const faults = lacks.flatMap(({ fault }) => fault ?? []);
	const said = [...(missing.length > 0 ? [`this system lacks ${listOf(missing)}`] : []), ...faults];
	const needs = lacks.map(({ need }) => need);
	throw new Error(`To build the addon, ${said.join(', and ')}; ${install(needs, system)}`);
}

/** What is not there, or why what is there does not do. */
interface Lack {
	readonly need: Need;
	readonly missing?: string;
	readonly fault?: string;
}

function lacking(backends: readonly Backend[], system: System): Lack[] {
	const { platform, env } = system;
	const isNpm = basename(env.npm_execpath ?? '') === 'npm-cli.js';
	const npm = platform === 'win32' ? 'npm.cmd' : 'npm';
	const lacks: Array<Lack | null> = [
		finds('git', ['--version'], system) ? null : { need: 'git', missing: 'git' },
		isNpm || finds(npm, ['--version'], system) ? null : { need: 'npm', missing: 'npm' },
		cmakeLack(system),
		compilerLack(system),
		platform === 'win32' ? null : makeLack(system),
		backends.includes('cuda') ? cudaLack(system) : null,
		backends.includes('vulkan') ? vulkanLack(system) : null,
	];
	return lacks.filter((lack) => lack !== null);
}

function cmakeLack(system: System): Lack | null {
	const wanted = oldestCmake.join('.');
	const told = output('cmake', ['--version'], system);
	if (told === null) return { need: 'cmake', missing: `CMake ${wanted} or later` };
	const [, version = '', major, minor] = /version ((\d+)\.(\d+)[\w.]*)/.exec(told) ?? [];
	const isOld =
		Number(major) < oldestCmake[0] || (Number(major) === oldestCmake[0] && Number(minor) < oldestCmake[1]);
	return isOld ? { need: 'newer-cmake', fault: `its CMake ${version} is older than ${wanted}` } : null;
}

const modernProgram = '#include <bit>\n#include <concepts>\n#include <span>\nint main() {}\n';

function compilerLack(system: System): Lack | null {
	const { platform, env } = system;
	if (platform === 'win32') return hasVisualStudio(system) ? null : missingCompiler;
	if (platform === 'darwin' && output('xcode-select', ['--print-path'], system) === null)
		return { need: 'compiler', missing: 'the command line tools of Xcode' };
	// CXX may have flags, or a program before the compiler, as CMake takes it.
	const given = env.CXX?.trim().split(/\s+/);
	const candidates = given ? [given] : [['c++'], ['g++'], ['clang++']];
	const [compiler, ...own] =
		candidates.find(([name = '', ...own]) => finds(name, [...own, '--version'], system)) ?? [];
	if (compiler === undefined) return missingCompiler;
	const flags = [...own, '-std=c++20', '-fsyntax-only', '-x', 'c++', '-'];
	return output(compiler, flags, system, modernProgram) === null
		? { need: 'compiler', fault: `its C++ compiler ${[compiler, ...own].join(' ')} knows no C++20` }
		: null;
}

const missingCompiler: Lack = { need: 'compiler', missing: 'a C++20 compiler' };

/** Visual Studio, or its build tools, with C++. Their installer always puts this program there. */
function hasVisualStudio(system: System): boolean {
	const base = system.env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)';
	const vswhere = join(base, 'Microsoft Visual Studio', 'Installer', 'vswhere.exe');
	const component = 'Microsoft.VisualStudio.Component.VC.Tools.x86.x64';
	const told = output(
		vswhere,
		['-products', '*', '-requires', component, '-property', 'installationPath'],
		system,
	);
	return told !== null && told.trim() !== '';
}

const makeLack = (system: System): Lack | null =>
	['ninja', 'make'].some((name) => finds(name, ['--version'], system))
		? null
		: { need: 'ninja', missing: 'Ninja or make' };

function cudaLack(system: System): Lack | null {
	const { CUDAToolkit_ROOT, CUDA_PATH, CUDA_HOME, CUDACXX } = system.env;
	const folders = [CUDAToolkit_ROOT, CUDA_PATH, CUDA_HOME, '/usr/local/cuda'];
	const compilers = [
		CUDACXX ?? 'nvcc',
		...folders.flatMap((folder) => (folder ? [join(folder, 'bin', 'nvcc')] : [])),
	];
	return compilers.some((name) => finds(name, ['--version'], system))
		? null
		: { need: 'cuda', missing: 'the CUDA toolkit (nvcc)' };
}

function vulkanLack(system: System): Lack | null {
	const { VULKAN_SDK } = system.env;
	const compilers = ['glslc', ...(VULKAN_SDK ? [join(VULKAN_SDK, 'bin', 'glslc')] : [])];
	return compilers.some((name) => finds(name, ['--version'], system))
		? null
		: { need: 'vulkan', missing: 'the Vulkan SDK (glslc)' };
}

const listOf = (words: readonly string[]) =>
	words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const finds = (program: string, args: readonly string[], system: System) =>
	output(program, args, system) !== null;

/** What a program prints; null where it is not there or fails. */
function output(program: string, args: readonly string[], { env }: System, input = ''): string | null {
	const { status, stdout } = spawnSync(program, args, {
		env,
		input,
		encoding: 'utf8',
		timeout: 30_000,
		stdio: ['pipe', 'pipe', 'ignore'],
		shell: program.endsWith('.cmd'),
	});
	return status === 0 ? stdout : null;
}
