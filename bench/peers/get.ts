// Gets what benchmarks compare with: llama-server, built from the source that the addon is built from but without our
// kernels and all but one of our patches, and node-llama-cpp, whose binary is of the same commit.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { peersFolder } from '../../lib/cli/cache-folder.js';
import { carrier, fetchLlama, llamaCommit } from '../../scripts/fetch-llama.mjs';
import { npm } from '../../scripts/release/npm.js';
import { runCommand } from '../support.js';

/** What it cannot run without on a processor with AMX (docs/upstream.md), and recorded answers. */
const patches = ['../../scripts/patches/amx-tiles-see-stores.patch', 'recorded-answers.patch'].map((path) =>
	fileURLToPath(new URL(path, import.meta.url)),
);

/** What the addon is built with, and nothing that would be downloaded. */
const options = [
	...['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_SHARED_LIBS=OFF', '-DGGML_NATIVE=ON', '-DGGML_OPENMP=OFF'],
	...[
		'-DLLAMA_BUILD_TESTS=OFF',
		'-DLLAMA_BUILD_EXAMPLES=OFF',
		'-DLLAMA_BUILD_APP=OFF',
		'-DLLAMA_OPENSSL=OFF',
	],
	...['-DLLAMA_BUILD_UI=OFF', '-DLLAMA_USE_PREBUILT_UI=OFF'],
	...['-DLLAMA_BUILD_NUMBER=0', `-DLLAMA_BUILD_COMMIT=${llamaCommit.slice(0, 12)}`],
];

function cmake(args: string[]): void {
	// What is said goes to stderr: of this script, standard output is nothing but the folder.
	execFileSync('cmake', args, { stdio: ['ignore', process.stderr, 'inherit'] });
}

/** Builds beside the source, where a build that was broken off goes on, and takes the program from there. */
function buildServer(out: string): void {
	const source = fetchLlama(patches);
	const folder = join(dirname(source), 'build');
	const ninja = spawnSync('ninja', ['--version']).status === 0;
	cmake(['-S', source, '-B', folder, ...(ninja ? ['-G', 'Ninja'] : []), ...options]);
	const parallel = String(availableParallelism());
	cmake(['--build', folder, '--config', 'Release', '--target', 'llama-server', '--parallel', parallel]);
	const name = process.platform === 'win32' ? 'llama-server.exe' : 'llama-server';
	const built = [join(folder, 'bin', name), join(folder, 'bin', 'Release', name)].find(existsSync);
	if (!built) throw new Error(`There is no ${name} in ${join(folder, 'bin')} although it was built`);
	copyFileSync(built, join(out, name));
}

/** The packages of its binaries that no GPU is needed for; npm would install those for GPUs too, of 600 MB. */
const binaries: Readonly<Record<string, string>> = {
	'linux-x64': 'linux-x64',
	'linux-arm64': 'linux-arm64',
	'darwin-x64': 'mac-x64',
	'darwin-arm64': 'mac-arm64-metal',
	'win32-x64': 'win-x64',
	'win32-arm64': 'win-arm64',
};

function installPeer(out: string): void {
	const machine = `${process.platform}-${process.arch}`;
	const binary = binaries[machine];
	if (!binary) throw new Error(`node-llama-cpp has no binary for ${machine}`);
	const manifest = join(out, 'package.json');
	if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
	const quiet = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
	const version = carrier.slice(carrier.lastIndexOf('@') + 1);
	npm(['install', '--save-exact', ...quiet, carrier, `@node-llama-cpp/${binary}@${version}`], out);
}

const peers: Readonly<Record<string, (out: string) => void>> = {
	'llama-server': buildServer,
	'node-llama-cpp': installPeer,
};

await runCommand(
	new Command('get')
		.description('gets what benchmarks compare with, and prints its folder')
		.addArgument(new Argument('[peer...]', 'which (default: all)').choices(Object.keys(peers)))
		.option('--out <folder>', 'where to (default: where `reprise bench` looks)', peersFolder())
		.action((names: string[], { out }: { out: string }) => {
			const folder = resolve(out);
			mkdirSync(folder, { recursive: true });
			for (const name of names.length > 0 ? names : Object.keys(peers)) {
				process.stderr.write(`${name}\n`);
				peers[name]?.(folder);
			}
			console.log(folder);
		}),
);
