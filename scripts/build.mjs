// Builds the addon with CMake (through cmake-js) and puts it where node-gyp-build looks for it:
// build/Release/reprise.node. `REPRISE_CUDA=1` and the like pass through; see `backends`.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fetchLlama } from './fetch-llama.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const backends = {
	REPRISE_CUDA: 'GGML_CUDA',
	REPRISE_METAL: 'GGML_METAL',
	REPRISE_VULKAN: 'GGML_VULKAN',
	REPRISE_RPC: 'GGML_RPC',
	/** Code for this machine's processor (default on); off for binaries that travel. */
	REPRISE_NATIVE: 'GGML_NATIVE',
	REPRISE_BENCH: 'REPRISE_BENCH',
};

/** CMake definitions for the environment's REPRISE_* switches. */
export function backendDefinitions(env = process.env) {
	return Object.entries(backends).flatMap(([name, definition]) => {
		const value = env[name];
		if (value === undefined || value === '') return [];
		if (value !== '0' && value !== '1')
			throw new Error(`Expected 0 or 1 for ${name} but received "${value}"`);
		return [`--CD${definition}=${value === '1' ? 'ON' : 'OFF'}`];
	});
}

/** Builds the addon's CMake targets and returns the folder they are in. */
export function build({ targets = ['reprise'], env = process.env } = {}) {
	const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
	const out = join(root, 'build', 'cmake');
	const run = (command, ...options) => {
		const args = [
			...[command, '--directory', root, '--out', out, '--config', 'Release', '--log-level', 'warn'],
			`--CDLLAMA_CPP_DIR=${fetchLlama()}`,
			...backendDefinitions(env),
			...options,
		];
		execFileSync(process.execPath, [cmakeJs, ...args], { stdio: 'inherit', env });
	};
	// "build" configures a new folder only; a switch that changed since must have its effect.
	run('configure');
	for (const target of targets)
		run('build', '--target', target, '--parallel', String(availableParallelism()));
	return join(out, 'Release');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const folder = build({
		targets: process.env.REPRISE_BENCH === '1' ? ['reprise', 'reprise-bare-loop'] : ['reprise'],
	});
	const release = process.argv[2] ?? join(root, 'build', 'Release');
	mkdirSync(release, { recursive: true });
	copyFileSync(join(folder, 'reprise.node'), join(release, 'reprise.node'));
}
