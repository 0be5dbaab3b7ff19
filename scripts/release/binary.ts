import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platformOfBinary } from '../../lib/loader/binary-format.js';

/** The newest glibc that a binary for Linux may need: that of RHEL 8, Debian 10 and Ubuntu 18.10. */
export const newestGlibc = '2.28';

/** What is wrong with a platform's binary, in sentences; none where it is right. */
export function binaryFaults(platform: string, path: string): string[] {
	const expected = platform.split('-').slice(0, 2).join(' ');
	const built = platformOfBinary(path);
	if (built !== expected) return [`it is built for ${built ?? 'nothing known'} instead of ${expected}`];
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

/** Loads a binary in a process of its own, which it may end, and returns its version of llama.cpp. */
export function versionIn(path: string): string {
	const code = 'process.stdout.write(require(process.argv[1]).llamaVersion)';
	const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--eval', code, path], {
		encoding: 'utf8',
		timeout: 60_000,
	});
	if (status !== 0 || stdout === '')
		throw new Error(`${path} does not load (${signal ?? `exit code ${status}`}): ${stderr.trim()}`);
	return stdout;
}
