// Builds and runs the native tests; with --sanitize under AddressSanitizer and UndefinedBehaviorSanitizer.
// Needs doctest's header (Debian: doctest-dev; Homebrew: doctest).
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchLlama } from './fetch-llama.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = process.argv.slice(2);
const sanitize = flags.includes('--sanitize');
const unknown = flags.filter((flag) => flag !== '--sanitize');
if (unknown.length > 0) throw new Error(`Unknown option ${unknown.join(', ')}; the only one is --sanitize`);

const out = join(root, 'build', sanitize ? 'asan' : 'native');
const run = (command, args, env = {}) =>
	execFileSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });

run('cmake', [
	...['-S', root, '-B', out, '-DCMAKE_BUILD_TYPE=Release', '-DREPRISE_TESTS=ON'],
	`-DREPRISE_SANITIZE=${sanitize ? 'ON' : 'OFF'}`,
	`-DLLAMA_CPP_DIR=${fetchLlama()}`,
]);
run('cmake', ['--build', out, '--target', 'reprise-tests', '--parallel', String(availableParallelism())]);
run(join(out, 'reprise-tests'), [], {
	REPRISE_TEST_MODEL: join(root, 'models', 'tiny-edit-1m.gguf'),
	ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1',
	UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
});
