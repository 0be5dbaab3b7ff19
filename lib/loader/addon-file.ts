import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathOnDisk, unpackedPath } from '../asar.js';
import { manifestOf, packageRoot } from '../package-root.js';
import { type Attempt, addonMissing, bundled, faultsOf } from './addon-fault.js';
import { cutOff, readBinary } from './binary-format.js';
import { gpuVariants, type Machine, platformPackage, thisMachine } from './machine.js';

/** What decides where the addon is looked for, and what is said where it is not found. */
export interface Surroundings {
	/** The folder of this package and its version; throws where this code lies in an app's bundle. */
	root(): { readonly folder: string; readonly version: string };
	readonly platform: { readonly os: NodeJS.Platform; readonly cpu: string };
	/** The platform with its C library, which takes a while to find out. */
	machine(): Machine;
	readonly env: NodeJS.ProcessEnv;
	/** Loads a shared library and returns its exports. */
	open(path: string): { readonly version?: unknown };
	/** Tells of a file that was passed over because it does not load. */
	warn(message: string): void;
}

const surroundings: Surroundings = {
	root: packageRoot,
	platform: { os: process.platform, cpu: process.arch },
	machine: thisMachine,
	env: process.env,
	open,
	warn: (message) => process.emitWarning(message, { code: 'REPRISE_ADDON_PASSED_OVER' }),
};

/**
 * Loads the first of these that is there and loads: `REPRISE_ADDON`, where it is set, and nothing else then; what was
 * built in this package's folder; the package with a GPU's binary, which users install by name; the platform's
 * package. Throws `ADDON_MISSING`.
 */
export function loadAddonFile(at: Surroundings = surroundings): unknown {
	const given = at.env.REPRISE_ADDON;
	if (given) return openGiven(given, at);
	const root = rootOf(at);
	const attempts: Attempt[] = [];
	for (const find of candidates(root, at)) {
		const attempt = find();
		attempts.push(attempt);
		const exports = tryToOpen(attempt, root.version, at);
		if (exports === null) continue;
		for (const fault of faultsOf(attempts, () => at.machine()))
			at.warn(`${fault}; ${attempt.what} is used instead`);
		return exports;
	}
	throw addonMissing({ attempts, root, machine: at.machine(), env: at.env });
}

function openGiven(given: string, at: Surroundings): unknown {
	const path = outsideAsar(resolve(given));
	const attempt: Attempt = { what: `REPRISE_ADDON, ${path},`, ...(existsSync(path) && { path }) };
	const exports = tryToOpen(attempt, versionOf(at), at);
	if (exports !== null) return exports;
	throw addonMissing({ attempts: [attempt], root: null, machine: at.machine(), env: at.env });
}

/** What the file of an attempt exports; null where there is none, or where the attempt now says what is wrong with it. */
function tryToOpen(attempt: Attempt, version: string | null, at: Surroundings): unknown {
	const { path } = attempt;
	if (path === undefined || attempt.fault !== undefined) return null;
	try {
		const fault = faultOfFile(path);
		if (fault !== null) {
			attempt.fault = fault;
			return null;
		}
		const exports = at.open(path);
		if (version === null || exports.version === version) return exports;
		attempt.fault =
			exports.version === undefined
				? `is no addon of reprise ${version}, or an older one`
				: `is of reprise ${exports.version}, but this is reprise ${version}`;
	} catch (error) {
		attempt.error = error;
	}
	return null;
}

/** What the system would end the process for, or not name, instead of refusing it. */
function faultOfFile(path: string): string | null {
	if (statSync(path).isDirectory()) return 'is a folder';
	const binary = readBinary(path);
	return binary && cutOff(binary);
}

/** Loaded twice in one thread, a file is the same module, if Node knows it as an addon by its name. */
function open(path: string): { version?: unknown } {
	if (path.endsWith('.node')) return createRequire(path)(path);
	const module = { exports: {} };
	process.dlopen(module, path);
	return module.exports;
}

/** The version of this package; null in a bundle. */
function versionOf(at: Surroundings): string | null {
	try {
		return at.root().version;
	} catch {
		return null;
	}
}

function rootOf(at: Surroundings) {
	try {
		return at.root();
	} catch (error) {
		throw bundled(error);
	}
}

function* candidates(
	{ folder, version }: ReturnType<Surroundings['root']>,
	{ platform }: Surroundings,
): Generator<() => Attempt> {
	for (const config of ['Release', 'Debug']) {
		const path = outsideAsar(join(folder, 'build', config, 'reprise.node'));
		// Yarn's loader gives this package a path that is in no real folder.
		yield () => ({ what: path, ...(existsSync(path) && { path: realpathSync(path) }) });
	}
	const name = platformPackage(platform);
	if (name === null) return;
	for (const one of [...gpuVariants.map((variant) => `${name}-${variant}`), name])
		yield () => findPackage(one, folder, version);
}

/** Whether a package is installed where this one finds it, and is of the same version. */
function findPackage(name: string, folder: string, version: string): Attempt {
	const unpacked = unpackedPath(folder);
	const manifest = manifestOf(name, folder) ?? (unpacked && manifestOf(name, unpacked));
	if (manifest === null) return { what: name };
	const path = outsideAsar(join(dirname(manifest), 'reprise.node'));
	const found: Attempt = { what: name, path };
	const installed = JSON.parse(readFileSync(manifest, 'utf8')).version;
	if (installed !== version) found.fault = `is version ${installed}, but reprise is ${version}`;
	else if (!existsSync(path)) found.fault = `is installed in ${dirname(path)} without its reprise.node`;
	return found;
}

/** The file that the system can load for a path in an Electron app's archive; Electron copies it out where there is none. */
const outsideAsar = (path: string) => pathOnDisk(path) ?? path;
