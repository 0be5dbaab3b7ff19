// Builds and runs the native tests, by the presets of CMakePresets.json: "release", with REPRISE_DEBUG=1 "debug", with
// --sanitize "asan". Other flags go to doctest, such as --test-case="a sequence*"; --help lists them.
// Needs doctest's header (Debian: doctest-dev; Homebrew: doctest).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOn } from './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sanitize = process.argv.includes('--sanitize');
const flags = process.argv.slice(2).filter((flag) => flag !== '--sanitize');

const preset = sanitize ? 'asan' : isOn(process.env, 'REPRISE_DEBUG', false) ? 'debug' : 'release';
const { configurePresets } = JSON.parse(readFileSync(join(root, 'CMakePresets.json'), 'utf8'));
const { binaryDir } = configurePresets.find(({ name }) => name === preset);
const out = binaryDir.replace(/^\$\{sourceDir\}/, () => root);
const program = join(out, `reprise-tests${process.platform === 'win32' ? '.exe' : ''}`);

/** doctest takes no notice of flags that it does not know, and would run all tests. */
function refuseUnknownFlags() {
	const help = execFileSync(program, ['--help'], { encoding: 'utf8' });
	const known = new Set(help.match(/(?<=\s)-{1,2}[a-z?][a-z-]*/g));
	const unknown = flags.filter((flag) => !known.has(flag.replace(/=.*$/s, '').replace(/^(-{1,2})dt-/, '$1')));
	if (unknown.length === 0) return;
	console.error(
		`Unknown option ${unknown.join(', ')}: expected --sanitize or a flag of doctest; --help lists its flags`,
	);
	process.exit(2);
}

/** How many tests the flags choose. A filter that fits none would pass, too. */
function countTests() {
	const counted = execFileSync(program, [...flags, '--count'], { encoding: 'utf8' });
	const count = Number(/passing the current filters: (\d+)/.exec(counted)?.[1] ?? 1);
	if (count > 0) return count;
	console.error(`No native test fits ${flags.join(' ')}; --list-test-cases names them all`);
	process.exit(2);
}

/**
 * Runs the tests from the one at `first` to the one at `last`, counted from 1. What they say is shown where one failed:
 * doctest's own summary counts all tests, whichever were run.
 */
function runPart(first, last) {
	return new Promise((resolve) => {
		const child = spawn(program, [`--first=${first}`, `--last=${last}`], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const said = [];
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
		child.on('close', (code, signal) => {
			if (code !== 0) process.stdout.write(Buffer.concat(said));
			console.log(`Tests ${first} to ${last}: ${code === 0 ? 'passed' : (signal ?? `exit code ${code}`)}`);
			resolve(code === 0);
		});
	});
}

/** All tests in several processes, as many at once as there are processors. Most tests keep one busy. */
async function runParts(count) {
	const workers = availableParallelism();
	const size = Math.ceil(count / (8 * workers));
	let [next, passed] = [1, true];
	const work = async () => {
		while (next <= count) {
			const first = next;
			next += size;
			passed = (await runPart(first, Math.min(next - 1, count))) && passed;
		}
	};
	await Promise.all(Array.from({ length: workers }, work));
	console.log(passed ? `All of ${count} native tests passed` : 'Some native tests failed');
	return passed;
}

// A misspelt flag is not to cost a build.
if (existsSync(program)) refuseUnknownFlags();
const cmake = (...args) => execFileSync('cmake', args, { cwd: root, stdio: 'inherit' });
cmake('--preset', preset, `-DREPRISE_WERROR=${isOn(process.env, 'REPRISE_WERROR', false) ? 'ON' : 'OFF'}`);
cmake('--build', '--preset', preset, '--parallel', String(availableParallelism()));
refuseUnknownFlags();
const count = countTests();
if (flags.length === 0) process.exit((await runParts(count)) ? 0 : 1);
process.exit(spawnSync(program, flags, { stdio: 'inherit' }).status ?? 1);
