// Builds the addon with CMake (through cmake-js) and puts it where the loader looks for it first:
// build/Release/reprise.node, or with REPRISE_DEBUG=1 build/Debug/reprise.node. `REPRISE_CUDA=1` and the like pass
// through; see `switches`. What is built for another machine (target.mjs) goes where prebuildify puts it:
// prebuilds/PLATFORM-ARCH/reprise.node.
//
//     node scripts/build.mjs [FOLDER] [--arch ARCH]
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { fetchLlama } from './fetch-llama.mjs';
import { target } from './target.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The environment's switches, each with its CMake definition and what it is where it is not set; `cross`: the code is
 * for another machine.
 */
function switches(env, { platform, cross }) {
	const native = isOn(env, 'REPRISE_NATIVE', env.PREBUILD_PLATFORM === undefined && !cross);
	const avx512 = isOn(env, 'REPRISE_AVX512', false);
	return [
		{ name: 'REPRISE_CUDA', definition: 'GGML_CUDA', fallback: false },
		{ name: 'REPRISE_METAL', definition: 'GGML_METAL', fallback: false },
		{ name: 'REPRISE_VULKAN', definition: 'GGML_VULKAN', fallback: false },
		// Models that span machines. On Linux, macOS and Windows it needs nothing but sockets.
		{ name: 'REPRISE_RPC', definition: 'GGML_RPC', fallback: true },
		// Code for this machine's processor. prebuildify, which sets the variable, makes binaries that travel.
		{ name: 'REPRISE_NATIVE', definition: 'GGML_NATIVE', fallback: native },
		// Without REPRISE_NATIVE: AVX-512 with VNNI, as x86 processors without AMX have it.
		{ name: 'REPRISE_AVX512', definition: 'GGML_AVX512', fallback: avx512 },
		// Code for every processor in one binary (cpp/cpu_variants), which runs with glibc 2.28, too.
		{
			name: 'REPRISE_CPU_VARIANTS',
			definition: 'REPRISE_CPU_VARIANTS',
			fallback: platform === 'linux' && !native && !avx512,
		},
		// Without them, llama.cpp's own: what benchmarks compare with.
		{ name: 'REPRISE_KERNELS', definition: 'REPRISE_KERNELS', fallback: true },
		// Warnings in our own code are errors.
		{ name: 'REPRISE_WERROR', definition: 'REPRISE_WERROR', fallback: false },
	];
}

export function isOn(env, name, fallback) {
	const value = env[name];
	if (value === undefined || value === '') return fallback;
	if (value !== '0' && value !== '1') throw new Error(`Expected 0 or 1 for ${name} but received "${value}"`);
	return value === '1';
}

/**
 * What a binary that travels takes for granted without variants: x86 processors from 2013 on. ggml has it as a default
 * only sometimes.
 */
const portable = { x64: ['SSE42', 'AVX', 'AVX2', 'BMI2', 'FMA', 'F16C'] };
const avx512 = ['AVX512_VBMI', 'AVX512_VNNI', 'AVX512_BF16'];

/** Switches that are no part of a build folder's name, since what is built is the same or their absence is named. */
const unnamed = [
	'REPRISE_NATIVE',
	'REPRISE_CPU_VARIANTS',
	'REPRISE_KERNELS',
	'REPRISE_RPC',
	'REPRISE_WERROR',
];

/**
 * What the environment asks for by REPRISE_* switches and by its target, on a machine such as `host`: CMake
 * definitions, CMake's configuration (`Debug` or `Release`), and the name of a build folder of its own. CMake keeps
 * what it chose for a folder: without `GGML_NATIVE` one that had it before would use no AVX.
 */
export function configuration(env = process.env, host = undefined) {
	const { platform, arch, cross, definitions: ofTarget } = target(env, host);
	const read = switches(env, { platform, cross }).map((one) => ({
		...one,
		on: isOn(env, one.name, one.fallback),
	}));
	const isSet = (wanted) => read.some(({ name, on }) => name === wanted && on);
	const named = read.filter(({ name, on }) => on && !unnamed.includes(name));
	const debug = isOn(env, 'REPRISE_DEBUG', false);
	if (cross && isSet('REPRISE_NATIVE'))
		throw new Error(`REPRISE_NATIVE=1 asks for this machine's code, but the target is ${platform}-${arch}`);
	const parts = [
		'cmake',
		...(cross ? [platform, arch] : []),
		...named.map(({ name }) => name.slice('REPRISE_'.length).toLowerCase()),
		...(isSet('REPRISE_CPU_VARIANTS') ? ['variants'] : isSet('REPRISE_NATIVE') ? [] : ['portable']),
		...(isSet('REPRISE_KERNELS') ? [] : ['upstream']),
		...(isSet('REPRISE_RPC') ? [] : ['local']),
		...(debug ? ['debug'] : []),
	];
	if (
		isSet('REPRISE_CPU_VARIANTS') &&
		(platform !== 'linux' || isSet('REPRISE_NATIVE') || isSet('REPRISE_AVX512'))
	)
		throw new Error('REPRISE_CPU_VARIANTS=1 needs Linux and REPRISE_NATIVE=0, and takes no REPRISE_AVX512=1');
	const units = [
		...(isSet('REPRISE_NATIVE') || isSet('REPRISE_CPU_VARIANTS') ? [] : (portable[arch] ?? [])),
		...(isSet('REPRISE_AVX512') ? avx512 : []),
	];
	return {
		folder: parts.join('-'),
		config: debug ? 'Debug' : 'Release',
		target: { platform, arch, cross },
		definitions: [
			...ofTarget,
			...read.map(({ definition, on }) => `--CD${definition}=${on ? 'ON' : 'OFF'}`),
			...units.map((unit) => `--CDGGML_${unit}=ON`),
			// With virtual memory ggml links the driver's library, and the addon would not load where there is none.
			...(isSet('REPRISE_CUDA') && !isSet('REPRISE_NATIVE') ? ['--CDGGML_CUDA_NO_VMM=ON'] : []),
		],
	};
}

/** Runs a program. What it says is printed on stderr if it fails, else not at all. */
export function runQuietly(program, args, options = {}) {
	try {
		execFileSync(program, args, { ...options, stdio: 'pipe', maxBuffer: Number.POSITIVE_INFINITY });
	} catch (error) {
		for (const said of [error.stdout, error.stderr]) if (said) process.stderr.write(said);
		throw new Error(`${[basename(program), ...args].join(' ')} failed`, { cause: error });
	}
}

/**
 * Whether a build folder was configured for make where cmake-js now takes Ninja, or the other way round: CMake refuses
 * it then.
 */
function wasMadeByAnother(folder) {
	const cache = join(folder, 'CMakeCache.txt');
	if (process.platform === 'win32' || !existsSync(cache)) return false;
	const [, generator] = /^CMAKE_GENERATOR:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8')) ?? [];
	const hasNinja = spawnSync('ninja', ['--version']).status === 0;
	return generator !== undefined && generator !== (hasNinja ? 'Ninja' : 'Unix Makefiles');
}

/**
 * Configures the build for the environment's switches, builds its CMake targets and returns the folder they are in.
 * `quiet`: what CMake says is printed only where it fails.
 */
export function build({ targets = ['reprise'], env = process.env, quiet = false } = {}) {
	const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
	const { folder, config, target, definitions } = configuration(env);
	const out = join(root, 'build', folder);
	const run = (command, ...options) => {
		const args = [
			...[command, '--directory', root, '--out', out, '--config', config, '--log-level', 'warn'],
			...['--arch', target.arch],
			`--CDLLAMA_CPP_DIR=${fetchLlama()}`,
			...definitions,
			...(isOn(env, 'REPRISE_BENCH', false) ? ['--CDREPRISE_BENCH=ON'] : []),
			...options,
		];
		if (quiet) runQuietly(process.execPath, [cmakeJs, ...args], { env });
		else execFileSync(process.execPath, [cmakeJs, ...args], { stdio: 'inherit', env });
	};
	if (wasMadeByAnother(out)) rmSync(out, { recursive: true, force: true });
	// "build" configures a new folder only; another llama.cpp must have its effect.
	run('configure');
	for (const target of targets)
		run('build', '--target', target, '--parallel', String(availableParallelism()));
	return join(out, config);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { arch: { type: 'string' } },
	});
	const env =
		values.arch === undefined ? process.env : { ...process.env, npm_config_target_arch: values.arch };
	const targets = isOn(env, 'REPRISE_BENCH', false) ? ['reprise', 'reprise-bare-loop'] : ['reprise'];
	const folder = build({ targets, env });
	const { config, target } = configuration(env);
	const local = target.cross
		? join(root, 'prebuilds', `${target.platform}-${target.arch}`)
		: join(root, 'build', config);
	const place = positionals[0] ?? local;
	mkdirSync(place, { recursive: true });
	copyFileSync(join(folder, 'reprise.node'), join(place, 'reprise.node'));
	if (place === local && !target.cross) {
		// The loader would go on taking build/Release where both are there.
		rmSync(join(root, 'build', config === 'Debug' ? 'Release' : 'Debug', 'reprise.node'), { force: true });
		if (config === 'Debug')
			console.error('build/Debug/reprise.node is loaded from now on; "npm run build:native" goes back');
	}
}
