import { spawn, spawnSync } from 'node:child_process';
import {
	accessSync,
	constants,
	copyFileSync,
	createWriteStream,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { messageOf, RepriseError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { addFlags } from './arguments.js';
import { failureIn } from './build-failure.js';
import { lockBuild } from './build-lock.js';
import { type Backend, requireTools } from './build-tools.js';
import { cacheFolder } from './cache-folder.js';
import { type Given, switchFlag, textFlag } from './flag.js';
import { Progress } from './progress.js';

export const buildFlags = {
	cuda: switchFlag('--cuda', 'for GPUs of NVIDIA; needs the CUDA toolkit'),
	vulkan: switchFlag('--vulkan', 'for GPUs with Vulkan; needs the Vulkan SDK'),
	metal: switchFlag('--metal', 'for GPUs of Apple'),
	arch: {
		...textFlag('--arch <arch>', 'the processor of an app that is packaged here; goes with --out'),
		choices: ['x64', 'arm64'],
	},
	out: textFlag('--out <folder>', 'where reprise.node goes (default: where reprise finds it by itself)'),
};

export function buildCommand(): Command {
	const command = new Command('build').description(
		'build the native addon from source, for this machine’s processor and GPU',
	);
	return addFlags(command, buildFlags)
		.addHelpText(
			'after',
			`
Needs git, npm, CMake 3.21 or later, a C++20 compiler, and Ninja or make; what is missing is said first. The source
comes through npm, in the version of this package.

Examples:
  reprise build
  reprise build --cuda
  reprise build --vulkan --out addon && REPRISE_ADDON=addon/reprise.node node app.js`,
		)
		.action(run);
}

async function run(flags: Given<typeof buildFlags>): Promise<void> {
	const backends = (['cuda', 'vulkan', 'metal'] as const).filter((backend) => flags[backend]);
	if (flags.metal && process.platform !== 'darwin')
		throw new RepriseError('OPTION_INVALID', '--metal needs macOS; --cuda and --vulkan are for other GPUs');
	const { npm_config_target_arch, npm_config_arch } = process.env;
	const arch = flags.arch ?? (npm_config_target_arch || npm_config_arch || process.arch);
	if (arch !== process.arch && flags.out === undefined)
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected --out FOLDER for ${arch}: this package is loaded here, on ${process.arch}`,
		);
	const root = packageRoot();
	const place = flags.out === undefined ? ownPlace(root.folder) : folderAt(resolve(flags.out));
	requireTools(backends);
	mkdirSync(cacheFolder(), { recursive: true });
	using _ = lockBuild();
	const source = isClone(root.folder) ? root.folder : fetchSource(root.version);
	const work = mkdtempSync(join(cacheFolder(), 'build-'));
	try {
		await build(source, work, backends, arch);
		const built =
			arch === process.arch ? `with llama.cpp ${tryBinary(join(work, 'reprise.node'))}` : `for ${arch}`;
		const file = putInPlace(join(work, 'reprise.node'), place);
		const note = flags.out === undefined ? '' : `; it is used where REPRISE_ADDON=${file} is set`;
		process.stdout.write(`built ${file} ${built}${note}\n`);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	// The object files are as large as a few binaries.
	if (source !== root.folder) rmSync(join(source, 'build'), { recursive: true, force: true });
}

const isClone = (folder: string) => existsSync(join(folder, 'CMakeLists.txt'));

/** The folder that the loader looks into before the platform's package. */
function ownPlace(folder: string): string {
	try {
		accessSync(folder, constants.W_OK);
	} catch {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected --out FOLDER, since ${folder} cannot be written: build it there and set REPRISE_ADDON to its reprise.node`,
		);
	}
	return join(folder, 'build', 'Release');
}

/** A folder that can be written: that it cannot is to be said before the build. */
function folderAt(path: string): string {
	try {
		mkdirSync(path, { recursive: true });
		accessSync(path, constants.W_OK);
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected a folder that can be written for --out: ${messageOf(error)}`,
		);
	}
	return path;
}

/** The environment without what the package manager that runs this command has put there for itself. */
function cleanEnvironment(): NodeJS.ProcessEnv {
	const env = { ...process.env };
	for (const flag of [
		'dry_run',
		'json',
		'global',
		'prefix',
		'local_prefix',
		'workspace',
		'ignore_scripts',
		'omit',
	])
		delete env[`npm_config_${flag}`];
	// The source's scripts ask npm for llama.cpp, and another package manager has other commands.
	if (basename(env.npm_execpath ?? '') !== 'npm-cli.js') delete env.npm_execpath;
	return env;
}

/** Downloads the source of this version, unless it is there, and returns its folder. */
function fetchSource(version: string): string {
	const folder = join(cacheFolder(), `source-${version}`);
	const source = join(folder, 'node_modules', '@reprise', 'source');
	if (existsSync(join(source, 'CMakeLists.txt'))) return source;
	mkdirSync(folder, { recursive: true });
	const name = `@reprise/source@${version}`;
	process.stderr.write(`downloading ${name}\n`);
	const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
	const env = cleanEnvironment();
	const [command, first] = env.npm_execpath ? [process.execPath, [env.npm_execpath]] : ['npm', []];
	const { status, stderr, error } = spawnSync(
		command,
		[...first, 'install', '--prefix', folder, '--no-save', ...quiet, name],
		{ cwd: folder, env, encoding: 'utf8', shell: command === 'npm' && process.platform === 'win32' },
	);
	if (status !== 0 || !existsSync(join(source, 'CMakeLists.txt')))
		throw new Error(`${name} could not be downloaded: ${error ? messageOf(error) : summary(stderr)}`);
	return source;
}

/** What npm says first, without its codes. */
const summary = (text: string) =>
	text
		.split('\n')
		.map((line) => line.replace(/^npm error\s*/, '').trim())
		.find((line) => line !== '' && !/^code /.test(line)) ?? 'npm does not say why';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Builds into `out`, with a bar on terminals. What the tools say is shown only where they fail. */
async function build(source: string, out: string, backends: readonly Backend[], arch: string): Promise<void> {
	const env = cleanEnvironment();
	for (const backend of backends) env[`REPRISE_${backend.toUpperCase()}`] = '1';
	const log = join(cacheFolder(), 'build.log');
	const written = createWriteStream(log);
	const child = spawn(process.execPath, [join(source, 'scripts', 'build.mjs'), out, '--arch', arch], {
		env,
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: process.platform !== 'win32', // a group of its own, which is ended as one
	});
	const stop = () => (process.platform === 'win32' ? child.kill() : process.kill(-(child.pid ?? 0)));
	for (const signal of stopSignals) process.once(signal, stop);
	process.stderr.write(`building, which takes some minutes; what the tools say is in ${log}\n`);
	const progress = new Progress('building', 'files');
	for (const stream of [child.stdout, child.stderr])
		createInterface({ input: stream }).on('line', (line) => {
			written.write(`${line}\n`);
			const [, done, total = '100'] = /^\[\s*(\d+)(?:\/(\d+)|%)\]/.exec(line) ?? [];
			if (done !== undefined) progress.update(Number(done), Number(total));
		});
	const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
		child.on('error', fail);
		child.on('close', (...ended) => done(ended));
	}).finally(() => {
		progress.stop();
		for (const signal of stopSignals) process.off(signal, stop);
	});
	await new Promise<void>((done) => written.end(done));
	if (status === 0) return;
	const reason = failureIn(readFileSync(log, 'utf8')) ?? signal ?? `exit code ${status}`;
	throw new Error(`The build failed: ${reason}; all that it said is in ${log}`);
}

/** Loads the binary in a process of its own, which it may end, and returns its version of llama.cpp. */
function tryBinary(path: string): string {
	const code = 'process.stdout.write(require(process.argv[1]).llamaVersion)';
	const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--eval', code, path], {
		encoding: 'utf8',
	});
	if (status === 0) return stdout;
	const reason = stderr.split('\n').find((line) => /Error:/.test(line));
	throw new Error(`What was built does not load: ${reason ?? signal ?? `exit code ${status}`}`);
}

/** A process that loads the file meanwhile gets the old one or the new one. */
function putInPlace(from: string, folder: string): string {
	mkdirSync(folder, { recursive: true });
	const file = join(folder, 'reprise.node');
	copyFileSync(from, `${file}.new`);
	renameSync(`${file}.new`, file);
	return file;
}
