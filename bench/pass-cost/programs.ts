import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../scripts/build.mjs';

/** Whose kernels compute: ours, or those of llama.cpp. */
export const builds = ['ours', 'upstream'] as const;
export type Build = (typeof builds)[number];

/** Processors that code is made for: this machine's, any with AVX-512 VNNI, any with AVX2. */
export const processors = ['native', 'avx512', 'avx2'] as const;
export type Processor = (typeof processors)[number];

function variables(kernels: Build, processor: Processor): NodeJS.ProcessEnv {
	const native = processor === 'native' ? '1' : '0';
	const avx512 = processor === 'avx512' ? '1' : '0';
	return {
		...process.env,
		REPRISE_BENCH: '1',
		REPRISE_NATIVE: native,
		REPRISE_AVX512: avx512,
		REPRISE_CPU_VARIANTS: '0',
		REPRISE_KERNELS: kernels === 'ours' ? '1' : '0',
	};
}

/** Builds a program of bench/native and returns its path. */
export function buildProgram(
	target: 'reprise-pass-cost' | 'reprise-logits' | 'reprise-draws' | 'reprise-matching',
	kernels: Build,
	processor: Processor,
): string {
	// What the benchmark itself prints may be JSON.
	console.error(`building: ${target}, ${kernels} (minutes for the first time)`);
	const folder = build({ targets: [target], env: variables(kernels, processor), quiet: true });
	const name = `${target}${process.platform === 'win32' ? '.exe' : ''}`;
	const program = [folder, join(folder, '..')].map((place) => join(place, name)).find(existsSync);
	if (!program) throw new Error(`no ${name} in ${folder} after building it`);
	return program;
}
