// Cross-compiles the native tests of kernels for ARM processors and runs them under qemu: right or wrong shows, speed
// does not. Needs Debian's g++-aarch64-linux-gnu, qemu-user and doctest-dev. Arguments go to the tests, such as
// --test-case="weights of every type*".
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchLlama } from './fetch-llama.mjs';

/** What the code is made for, and a processor that has it. */
const processors = [
	{ name: 'dotprod', arch: 'armv8.2-a+fp16+dotprod', cpu: 'neoverse-n1' },
	{ name: 'i8mm', arch: 'armv8.2-a+fp16+dotprod+i8mm', cpu: 'max' },
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' });

const header = ['/usr/include/doctest', '/usr/local/include/doctest'].find(existsSync);
if (!header) throw new Error("doctest's header is missing: install doctest-dev");
// This machine's other headers are not for the cross compiler.
const headers = join(root, 'build', 'aarch64', 'include');
mkdirSync(headers, { recursive: true });
cpSync(header, join(headers, 'doctest'), { recursive: true });

for (const { name, arch, cpu } of processors) {
	const out = join(root, 'build', 'aarch64', name);
	run(
		'cmake',
		...['-S', root, '-B', out, '-DCMAKE_BUILD_TYPE=Release', '-DREPRISE_TESTS=ON'],
		...['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64'],
		...['-DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc', '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++'],
		...['-DGGML_NATIVE=OFF', `-DGGML_CPU_ARM_ARCH=${arch}`],
		`-DDOCTEST_INCLUDE=${headers}`,
		`-DLLAMA_CPP_DIR=${fetchLlama()}`,
	);
	run('cmake', '--build', out, '--target', 'reprise-kernel-tests', '--parallel', `${availableParallelism()}`);
	console.log(`aarch64 with ${name}:`);
	run(
		'qemu-aarch64',
		...['-cpu', cpu, '-L', '/usr/aarch64-linux-gnu', join(out, 'reprise-kernel-tests')],
		...process.argv.slice(2),
	);
}
