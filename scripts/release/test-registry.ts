// Publishes all packages to a registry on this machine and installs them from there with several package managers,
// without install scripts and without a compiler in PATH: npm run test:registry [-- --binary FILE --build]
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { publishedPlatforms } from '../../lib/loader/machine.js';
import { faultsOf } from './check.js';
import { repository } from './manifests.js';
import { pack } from './pack.js';
import { packages } from './packages.js';
import { publish } from './publish.js';
import { App, entriesPrint, type Manager, managers, writePrograms } from './registry/apps.js';
import { testBundlers } from './registry/bundlers.js';
import { type Registry, startRegistry } from './registry/server.js';
import { installTools, type Outcome } from './registry/tools.js';

const here = `${process.platform}-${process.arch}`;
const gpuPlatform = `${here}-cuda`;
const mostSeconds = 15;
const mostPackages = 15;

const { values } = parseArgs({
	options: {
		binary: { type: 'string' },
		/** The package managers to test; all where it is empty. */
		only: { type: 'string', default: '' },
		/** Builds the addon from the published source, too, which takes minutes. */
		build: { type: 'boolean', default: false },
		keep: { type: 'boolean', default: false },
	},
});

let passed = 0;
const failures: string[] = [];
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'registry-test-')));

try {
	installTools();
	const registry = await startRegistry(folder);
	try {
		// Our own npm publishes with the registry's configuration.
		process.env.npm_config_userconfig = registry.npmrc;
		publishAll(registry);
		const tested = managers.filter(({ name }) => name.includes(values.only));
		for (const manager of tested) testManager(manager, registry);
		for (const manager of tested) testWithoutOptional(manager, registry);
		if (values.build) testBuild(registry);
		if (tested.some(({ name }) => name === 'npm11')) testBundlers(join(folder, 'npm11'), check);
	} finally {
		await registry.stop();
	}
} catch (error) {
	failures.push((error as Error).stack ?? String(error));
} finally {
	if (values.keep) console.log(`kept: ${folder}`);
	else rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(`\nfailed: ${failure}`);
console.log(`registry: ${passed} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;

function check(what: string, holds: boolean, seen: string | Outcome): void {
	if (holds) {
		passed++;
		return;
	}
	const told = typeof seen === 'string' ? seen : `exit code ${seen.status}\n${seen.stdout}\n${seen.stderr}`;
	failures.push(`${what}\n${told.trim()}`);
}

/**
 * The real binary for this platform, under the name of a GPU's, too, and for each other platform a file that no loader
 * takes: package managers must choose among all of them.
 */
function publishAll(registry: Registry): void {
	const prebuilt = join(repository, 'prebuilds', here, 'reprise.node');
	const local = join(repository, 'build', 'Release', 'reprise.node');
	const binary = resolve(values.binary ?? (existsSync(prebuilt) ? prebuilt : local));
	// What was built for this machine alone is not made to travel.
	const leftOut = binary === local ? ['libraries', 'paths'] : [];
	const standIn = join(folder, 'stand-in.node');
	writeFileSync(standIn, 'no binary');
	const binaries = new Map(
		[...publishedPlatforms, gpuPlatform].map((platform) => [
			platform,
			platform.startsWith(here) ? binary : standIn,
		]),
	);
	const packed = pack(packages(binaries), join(folder, 'packages'));
	const ours = packed.filter(({ package: { platform } }) => platform === undefined || platform === here);
	const faults = faultsOf(ours, leftOut);
	check('the packages pass all checks', faults.length === 0, faults.join('\n'));
	publish(packed, registry.url);
	for (const { package: one, packedBytes, unpackedBytes } of ours)
		console.log(
			`${one.manifest.name}: ${(packedBytes / 1e6).toFixed(2)} MB packed, ${(unpackedBytes / 1e6).toFixed(2)} MB unpacked`,
		);
	publish(packed.slice(0, 1), registry.url);
}

function testManager(manager: Manager, registry: Registry): void {
	const { name } = manager;
	const app = new App(folder, name, manager, registry);
	const installed = app.manage(manager.add);
	check(`${name} installs`, installed.status === 0, installed);
	if (installed.status !== 0) return;
	console.log(`${name}: installed in ${installed.seconds.toFixed(1)} s`);
	if (name.startsWith('npm'))
		check(`${name} installs in ${mostSeconds} s`, installed.seconds <= mostSeconds, `${installed.seconds} s`);

	writePrograms(app);
	const first = app.node(['first.mjs']);
	check(
		`${name}: the first sample of the README runs`,
		first.status === 0 && first.stdout.length > 20,
		first,
	);
	for (const program of ['entries.mjs', 'entries.cjs']) {
		const outcome = app.node([program]);
		const printed = outcome.stdout.trim() === entriesPrint && outcome.stderr === '';
		check(`${name}: ${program} generates and runs the sandbox`, printed, outcome);
	}
	const others = publishedPlatforms.filter((platform) => platform !== here);
	const strangers = others.filter((platform) =>
		existsSync(join(app.folder, 'node_modules', '@reprise', platform)),
	);
	check(`${name} leaves other platforms out`, strangers.length === 0, strangers.join(', '));
	testGpu(app, manager);
	if (!name.startsWith('npm')) return;

	const listed = app.manage(['ls', '--all', '--omit=dev', '--parseable']);
	const below = listed.stdout
		.trim()
		.split('\n')
		.slice(1)
		.filter((path) => !/[\\/]reprise$/.test(path));
	check(`${name} ls: at most ${mostPackages} packages`, below.length <= mostPackages, listed);
	console.log(`${name} ls --omit=dev: ${below.length} packages below reprise`);
	const lock = JSON.parse(readFileSync(join(app.folder, 'package-lock.json'), 'utf8')).packages;
	const locked = publishedPlatforms.filter((platform) => `node_modules/@reprise/${platform}` in lock);
	check(
		`${name} locks all platforms`,
		locked.length === publishedPlatforms.length,
		`locked: ${locked.join(', ')}`,
	);
	const line = app.manage(['exec', '--', 'reprise', 'info', 'model.gguf', '--json']);
	check(`${name}: npx reprise info`, /"architecture": "llama"/.test(line.stdout), line);
}

/** A GPU's package that is added by name is found, and taken before the platform's. */
function testGpu(app: App, manager: Manager): void {
	const { name, add } = manager;
	const before = app.node(['where.mjs']);
	check(`${name}: the platform's package is loaded`, before.stdout.includes(`${here}/reprise.node`), before);
	const added = app.manage([...add.slice(0, -1), `@reprise/${gpuPlatform}`]);
	const after = app.node(['where.mjs']);
	const isTaken = after.stdout.includes(`${gpuPlatform}/reprise.node`);
	check(`${name}: the GPU's package is loaded`, isTaken, `${added.stdout}\n${added.stderr}\n${after.stdout}`);
}

/** Without optional packages the error names the reason and the command, and the command helps. */
function testWithoutOptional(manager: Manager, registry: Registry): void {
	const { name, addWithoutOptional } = manager;
	if (addWithoutOptional === null) return;
	const app = new App(folder, `${name} without`, manager, registry);
	const installed = app.manage(addWithoutOptional);
	check(`${name} installs without optional packages`, installed.status === 0, installed);
	writePrograms(app);
	const outcome = app.node(['load.mjs']);
	const { saidWithoutOptional = /^/ } = manager;
	const [, command = ''] = saidWithoutOptional.exec(outcome.stdout) ?? [];
	check(`${name}: the error tells what was left out`, command !== '', outcome);
	const mended = app.manage([...command.split(' '), '--ignore-scripts']);
	const after = app.node(['load.mjs']);
	check(
		`${name}: its advice, ${command}, helps`,
		after.stdout === '' && after.status === 0,
		`${mended.stdout}\n${mended.stderr}\n${after.stdout}\n${after.stderr}`,
	);
}

/** `npx reprise build`, in an app whose platform's package was left out. */
function testBuild(registry: Registry): void {
	const manager = managers.find(({ name }) => name === 'npm11');
	if (!manager?.addWithoutOptional) return;
	const app = new App(folder, 'build', manager, registry);
	app.manage(manager.addWithoutOptional);
	writePrograms(app);
	const refused = app.manage(['exec', '--', 'reprise', 'build']);
	check(
		'reprise build names what is missing',
		/^reprise: To build the addon, /m.test(refused.stderr),
		refused,
	);
	const built = app.manageWithTools(['exec', '--', 'reprise', 'build']);
	check('reprise build builds', built.status === 0 && /^built /.test(built.stdout), built);
	const outcome = app.node(['entries.mjs']);
	check('what was built is found and works', outcome.stdout.trim() === entriesPrint, outcome);
	console.log(`reprise build: ${built.seconds.toFixed(0)} s; ${built.stdout.trim()}`);
}
