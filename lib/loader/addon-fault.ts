import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpackedPath } from '../asar.js';
import { messageOf, RepriseError } from '../errors.js';
import { manifestOf } from '../package-root.js';
import { readBinary } from './binary-format.js';
import { describeMachine, type Machine, platformPackage, publishedPlatforms } from './machine.js';
import { commands, type PackageManager, packageManagerOf } from './package-manager.js';

/** A place where the addon was looked for. */
export interface Attempt {
	/** A path, or the name of a package. */
	readonly what: string;
	/** The file's path; missing where there is none. */
	readonly path?: string;
	/** Why the file is not worth loading, in words that follow `what`. */
	fault?: string;
	/** What loading the file threw. */
	error?: unknown;
}

export interface Search {
	readonly attempts: readonly Attempt[];
	/** This package; null where only the user's own file was looked for. */
	readonly root: { readonly folder: string; readonly version: string } | null;
	readonly machine: Machine;
	readonly env: NodeJS.ProcessEnv;
}

/** A sentence of what is wrong, and one of what to do. */
interface Finding {
	readonly reason: string;
	readonly advice: string;
}

/** The error of a search that found no addon that loads. */
export function addonMissing(search: Search): RepriseError {
	const { reason, advice } = findingOf(search);
	const places = search.root === null ? '' : ` Looked for ${listOf(search.attempts.map(({ what }) => what))}`;
	const from = search.root === null ? '' : ` from ${search.root.folder}.`;
	const cause = search.attempts.findLast(({ error }) => error !== undefined)?.error;
	return new RepriseError(
		'ADDON_MISSING',
		`The native addon could not be loaded on ${describeMachine(search.machine)}: ${reason}. ${advice}.${places}${from}`,
		cause === undefined ? undefined : { cause },
	);
}

/** The error of code that is no longer in this package's folder. */
export function bundled(cause: unknown): RepriseError {
	return new RepriseError(
		'ADDON_MISSING',
		`The native addon could not be loaded, because a bundler has put reprise into ${import.meta.url ?? 'another file'}, away from its files. Leave reprise out of the bundle: external: ['reprise'] or --external:reprise for esbuild, externals for webpack, ssr.external or build.rolldownOptions.external for Vite, serverExternalPackages for Next.js; docs/bundlers.md shows each.`,
		{ cause },
	);
}

function findingOf(search: Search): Finding {
	const last = search.attempts.findLast(hasFailed);
	if (last !== undefined)
		return {
			reason: faultsOf(search.attempts, () => search.machine).join('; '),
			advice: adviceFor(last, search),
		};
	const { root, machine, env } = search;
	if (root === null)
		return {
			reason: `${search.attempts[0]?.what} is not there`,
			advice: 'Give the path of a reprise.node, or unset the variable',
		};
	if (isClone(root.folder))
		return { reason: 'it is not built in this repository', advice: 'Build it with: npm run build:native' };
	const name = platformPackage(machine);
	const manager = packageManagerOf(root.folder, env);
	if (name === null)
		return { reason: `no binary is published for ${describePlatform(machine)}`, advice: build(manager) };
	return isInsideAsar(root.folder)
		? {
				reason: `the app's archive has no ${name}`,
				advice: `Package the app for ${machine.os} ${machine.cpu} with ${name} among its files and out of the archive; docs/electron.md shows how`,
			}
		: uninstalled(name, root, machine, manager);
}

/** Why the platform's package is not installed. */
function uninstalled(
	name: string,
	root: { folder: string; version: string },
	machine: Machine,
	manager: PackageManager,
): Finding {
	const { install } = commands[manager.name];
	const missing = `${name} ${root.version} is not installed`;
	const other = otherPlatform(root.folder, name);
	if (other !== undefined) {
		const translated = machine.os === 'darwin' && other.startsWith('@reprise/darwin-');
		return {
			reason: translated
				? `${name} is not installed, but ${other} is: this Node runs code for ${machine.cpu}, under Rosetta or as the wrong download`
				: `${name} is not installed, but ${other} is: the packages were installed on or for another platform`,
			advice: translated
				? `Take a Node for the other processor, or install the packages with this one: ${install}`
				: `Delete node_modules and run here: ${install}${crossInstall(manager, machine)}`,
		};
	}
	const { lock, leavesOut, folder } = manager;
	if (leavesOut !== undefined)
		return {
			reason: `${missing}, since optional packages are left out (${leavesOut})`,
			advice: `Allow them and run in ${folder}: ${install}`,
		};
	if (lock?.text.includes('reprise') && !lock.text.includes(name))
		return {
			reason: `${missing}, since ${lock.name} does not name it: it was made on another platform, whose packages alone it kept${manager.name === 'npm' ? ' (npm/cli#4828)' : ''}`,
			advice: `Delete node_modules and ${lock.name} in ${folder} and run: ${install}`,
		};
	return {
		reason: `${missing}${lock ? `, though ${lock.name} names it` : ''}: optional packages were left out (${leftOutBy[manager.name]}), or it could not be downloaded`,
		advice: `Run in ${folder}: ${install}`,
	};
}

const leftOutBy: Readonly<Record<PackageManager['name'], string>> = {
	npm: 'as --omit=optional does',
	pnpm: 'as --no-optional does',
	yarn: 'as supportedArchitectures in .yarnrc.yml can',
	'yarn-classic': 'as --ignore-optional does',
	bun: 'as --omit=optional does',
};

/** How a package manager installs for a platform that it does not run on. */
function crossInstall({ name }: PackageManager, { os, cpu, libc }: Machine): string {
	const flags = `--os=${os} --cpu=${cpu}`;
	if (name === 'npm') return `; on another machine: npm install ${flags}${libc ? ` --libc=${libc}` : ''}`;
	if (name === 'bun') return `; on another machine: bun install ${flags}`;
	if (name === 'yarn-classic') return '';
	return `; on another machine, name ${os} and ${cpu} in supportedArchitectures`;
}

const otherPlatform = (folder: string, name: string): string | undefined =>
	publishedPlatforms
		.map((platform) => `@reprise/${platform}`)
		.find((other) => other !== name && manifestOf(other, folder) !== null);

const hasFailed = ({ fault, error }: Attempt) => fault !== undefined || error !== undefined;

/** What is wrong with the files that are there and cannot be used. `machine` is asked where it matters alone. */
export function faultsOf(attempts: readonly Attempt[], machine: () => Machine): string[] {
	return attempts.filter(hasFailed).map((one) => `${one.what} ${one.fault ?? notLoaded(one, machine())}`);
}

/** What systems say of a file that is no shared library of theirs, and of a DLL that is missing. */
const foreignFile = /invalid ELF header|file too short|not a mach-o|not a valid Win32/i;
const addonsDisabled = /loading addons is disabled|ERR_DLOPEN_DISABLED/;
const missingDll = /specified module could not be found/i;

/** What a file is built for; null where it cannot be read, or is no shared library. */
function platformOf(path: string): string | null {
	try {
		return readBinary(path)?.platform ?? null;
	} catch {
		return null;
	}
}

/** Why a file that is there does not load, in words that follow its name. */
function notLoaded({ path = '', error }: Attempt, machine: Machine): string {
	const message = messageOf(error);
	const built = platformOf(path);
	if (built !== null && built !== `${machine.os} ${machine.cpu}`)
		return `is built for ${built}, but this process is ${machine.os} ${machine.cpu}${
			machine.os === 'darwin' && built.startsWith('darwin') ? ' (is it under Rosetta?)' : ''
		}`;
	if (machine.libc === 'musl') return 'is built for glibc, but this system has musl';
	const [, glibc] = /version [`']GLIBC_([\d.]+)' not found/.exec(message) ?? [];
	if (glibc) return `needs glibc ${glibc}, but this system has ${machine.libcVersion ?? 'an older one'}`;
	const [, libstdcxx] = /version [`']((?:GLIBCXX|CXXABI)_[\d.]+)' not found/.exec(message) ?? [];
	if (libstdcxx) return `needs a newer libstdc++ (${libstdcxx}) than this system has`;
	const [, library] = /([^\s:/]+\.so[.\d]*): cannot open shared object file/.exec(message) ?? [];
	if (library && !path.endsWith(library)) return `needs ${library}, which this system does not have`;
	if (missingDll.test(message)) return 'needs a DLL that this system does not have';
	if (built === null && foreignFile.test(message)) return 'is damaged: it is no shared library';
	return `does not load (${message.split('\n')[0]})`;
}

function adviceFor(attempt: Attempt, { root, machine, env }: Search): string {
	const message = messageOf(attempt.error);
	if (addonsDisabled.test(message))
		return 'Start Node.js without --no-addons, or with --allow-addons beside --permission';
	if (message.includes('REPRISE_CPU_VARIANT')) return 'Unset the variable: the best code is chosen by itself';
	if (root === null) return 'Give the path of a reprise.node for this machine, or unset the variable';
	if (isClone(root.folder)) return 'Build it again with: npm run build:native';
	const manager = packageManagerOf(root.folder, env);
	const { install } = commands[manager.name];
	if (attempt.fault !== undefined) return `Delete node_modules and run in ${manager.folder}: ${install}`;
	const built = platformOf(attempt.path ?? '');
	const isOfOther = built !== null && built !== `${machine.os} ${machine.cpu}`;
	if (isOfOther && isInsideAsar(root.folder))
		return `Package the app for ${machine.os} ${machine.cpu}; docs/electron.md shows how`;
	if (isOfOther || foreignFile.test(message))
		return `Delete node_modules and run in ${manager.folder}: ${install}${crossInstall(manager, machine)}`;
	if (missingDll.test(message))
		return 'Install the Visual C++ Redistributable, and the libraries of the GPU where the addon is built for one';
	if (/\.so[.\d]*: cannot open shared object file/.test(message))
		return `Install what has it, or build for this system: ${commands[manager.name].run} build`;
	return build(manager);
}

const build = (manager: PackageManager) =>
	`Build it from source: ${commands[manager.name].run} build (it says what that needs)`;

const isClone = (folder: string) => existsSync(join(folder, 'CMakeLists.txt'));

const describePlatform = ({ os, cpu, libc }: Machine) => `${os} ${cpu}${libc === 'musl' ? ' with musl' : ''}`;

const listOf = (words: readonly string[]) =>
	words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const isInsideAsar = (path: string) => unpackedPath(path) !== null;
