import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cutOff, readBinary } from '../../lib/loader/binary-format.js';

/** The newest glibc that a binary for Linux may need: that of RHEL 8, Debian 10 and Ubuntu 18.10. */
export const newestGlibc = '2.28';

/** What is wrong with a platform's binary, in sentences; none where it is right. */
export function binaryFaults(platform: string, path: string): string[] {
	const expected = platform.split('-').slice(0, 2).join(' ');
	const binary = readBinary(path);
	if (binary?.platform !== expected)
		return [`it is built for ${binary?.platform ?? 'nothing known'} instead of ${expected}`];
	const fault = cutOff(binary);
	if (fault !== null) return [`it ${fault}`];
	const [, , gpu] = platform.split('-');
	if (gpu !== undefined && !readFileSync(path, 'latin1').includes(`ggml_${gpu}`))
		return [`it holds no backend for ${gpu}`];
	return expected.startsWith('linux') ? linuxFaults(path) : [];
}

/** Names of versions and libraries stand in an ELF file as they are. */
function linuxFaults(path: string): string[] {
	const text = readFileSync(path, 'latin1');
	const needed = [...text.matchAll(/\bGLIBC_(\d+\.\d+)(?:\.\d+)?\b/g)]
		.map(([, version = '']) => version)
		.filter((version) => isNewer(version, newestGlibc))
		.sort((a, b) => (isNewer(a, b) ? -1 : 1));
	const faults: string[] = [];
	if (needed[0] !== undefined)
		faults.push(`it needs glibc ${needed[0]}, and would not load on systems with ${newestGlibc}`);
	// libgcc_s, which Node.js itself needs, is not among them: two unwinders in a process are one too many.
	if (text.includes('\0libstdc++.so'))
		faults.push(
			'it needs libstdc++ of the system: build it with REPRISE_NATIVE=0, which links it statically',
		);
	return faults;
}

const isNewer = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true }) > 0;

/** Generates with a library and its binary in a process of their own, which the binary may end, and returns the text. */
export function generateWith(library: string, binary: string, model: string): string {
	const code = `
		const { loadModel } = require(process.argv[1]);
		loadModel(process.argv[2])
			.then((model) => model.createSession())
			.then((session) => session.generate('Once upon a time', { maxTokens: 8 }).result)
			.then(({ text }) => process.stdout.write(text), (error) => { throw error; });`;
	const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--eval', code, library, model], {
		encoding: 'utf8',
		timeout: 60_000,
		env: { ...process.env, REPRISE_ADDON: binary },
	});
	if (status !== 0 || stdout === '')
		throw new Error(`it does not generate (${signal ?? `exit code ${status}`}): ${stderr.trim()}`);
	return stdout;
}
