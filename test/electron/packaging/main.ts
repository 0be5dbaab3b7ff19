// Installs examples/electron from the tarballs of a release and packages it, with the tools that apps are packaged
// with. Electron's own binary is not needed: a folder that looks like it takes its place. It runs on Linux.
//
//     npm run test:electron
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { pack } from '../../../scripts/release/pack.js';
import { packages } from '../../../scripts/release/packages.js';
import { writeDistribution } from './distribution.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const platform = `${process.platform}-${process.arch}`;
const scratch = mkdtempSync(join(tmpdir(), 'reprise-packaging-'));
const app = join(scratch, 'app');
const addonPath = join('node_modules', '@reprise', platform, 'reprise.node');

/** npm's variables are of the run that this is in. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

try {
	install();
	checkTypes();
	await checkRebuild();
	await checkPackage();
	runPackaged();
} finally {
	rmSync(scratch, { recursive: true, force: true });
}

/**
 * The example, from the tarballs that a release publishes; scripts are blocked. Another platform's package is there, as
 * where apps are packaged for several: npm's --force installs it.
 */
function install(): void {
	cpSync(join(root, 'examples', 'electron'), app, { recursive: true });
	const binary = join(root, 'build', 'Release', 'reprise.node');
	const platforms = [platform, 'darwin-arm64'];
	const binaries = new Map(platforms.map((one) => [one, binary]));
	const made = pack(packages(binaries, platforms), join(scratch, 'packages'));
	const tarballs = made.filter(({ package: { kind } }) => kind !== 'source').map(({ tarball }) => tarball);
	run('npm', ['install', '--no-save', '--ignore-scripts', '--force', '--no-audit', '--no-fund', ...tarballs]);
	say('the example is installed from tarballs, scripts blocked');
}

/** The example uses Electron's API as Electron's own declarations have it. */
function checkTypes(): void {
	const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
	const read = run(process.execPath, [tsc, '-p', 'jsconfig.json', '--listFiles']);
	for (const file of [
		'electron/electron.d.ts',
		'reprise/dist/index.d.ts',
		'src/main.mjs',
		'src/page/page.js',
	])
		expect(read.includes(file), true, `tsc reads ${file}`);
	say("its types fit Electron's declarations");
}

/** @electron/rebuild builds what has a binding.gyp: nothing. */
async function checkRebuild(): Promise<void> {
	const { rebuild } = await fromApp<typeof import('./tools.js').rebuild>('@electron/rebuild');
	const { version: electronVersion } = manifest('electron');
	const found = async (options: object) => {
		let names: string[] = [];
		const rebuilding = rebuild({ buildPath: app, electronVersion, force: true, ...options });
		rebuilding.lifecycle.on('modules-found', (all) => {
			names = all;
		});
		await rebuilding;
		return names;
	};
	expect(await found({}), [], 'modules that @electron/rebuild finds');
	// It would find a package that has one.
	const gyp = join(app, 'node_modules', 'reprise', 'binding.gyp');
	writeFileSync(gyp, '{}');
	expect(await found({ ignoreModules: ['reprise'] }), ['reprise'], 'modules with a binding.gyp');
	rmSync(gyp);
	say('@electron/rebuild finds nothing to build');
}

/** electron-builder packs the app, and the addon beside its archive. */
async function checkPackage(): Promise<void> {
	const asar = await fromApp<typeof import('./tools.js').asar>('@electron/asar');
	const distribution = join(scratch, 'electron');
	await writeDistribution(distribution, manifest('electron').version, asar.createPackage);
	const builder = ['electron-builder', '--dir', '--linux', `-c.electronDist=${distribution}`];
	run('npx', ['--no-install', ...builder, '--publish', 'never']);

	const archive = join(resources(), 'app.asar');
	const packed = asar.listPackage(archive, { isPack: false });
	for (const path of ['/src/main.mjs', '/src/page/index.html', '/node_modules/reprise/dist/index.js'])
		expect(packed.includes(path), true, `${path} is in the archive`);
	const binaries = packed.filter((path) => path.endsWith('.node'));
	expect(binaries, [`/${addonPath}`], 'binaries, of this platform alone');
	const file = asar.statFile(archive, addonPath);
	expect('unpacked' in file && file.unpacked, true, 'the addon is unpacked');
	const addon = readFileSync(join(resources(), 'app.asar.unpacked', addonPath));
	expect(addon.equals(readFileSync(join(app, addonPath))), true, 'the unpacked addon is whole');
	say(`electron-builder packs ${packed.length} files, and ${addonPath} beside them`);

	const { getCurrentFuseWire } = await fromApp<typeof import('./tools.js').fuses>('@electron/fuses');
	const binary = join(resources(), '..', 'reprise-electron-example');
	const [off, on] = ['0'.charCodeAt(0), '1'.charCodeAt(0)];
	const wire = await getCurrentFuseWire(binary);
	expect(
		[0, 1, 2, 3, 4, 5].map((fuse) => wire[fuse]),
		[off, on, off, off, on, on],
		'fuses',
	);
	say('its fuses are as electron-builder.yml has them, RunAsNode off');

	// Archives become folders, as emulated-asar.mjs has them.
	const extracted = join(scratch, 'extracted');
	asar.extractAll(archive, extracted);
	rmSync(join(extracted, addonPath));
	rmSync(archive);
	cpSync(extracted, archive, { recursive: true });
	cpSync(join(root, 'models', 'tiny-edit-1m.gguf'), join(archive, 'model.gguf'));
}

/**
 * The packaged app runs, its model's process loads the addon from beside the archive, and the sandbox runs programs in
 * a thread.
 */
function runPackaged(): void {
	const standIn = join(resources(), 'node_modules', 'electron');
	cpSync(join(root, 'test', 'electron', 'stand-in'), standIn, { recursive: true });
	const model = join(root, 'models', 'tiny-edit-1m.gguf');
	const sentence = 'Tom brings 24 candles to the library.';
	const printed = run(
		process.execPath,
		[
			join(here, 'run-app.mjs'),
			join(resources(), 'app.asar'),
			join(standIn, 'index.mjs'),
			model,
			`Copy this text: ${sentence}`,
		],
		{ NODE_OPTIONS: `--import ${pathToFileURL(join(here, 'emulated-asar.mjs')).href}` },
	);
	const { refused, text, addon, outcome } = JSON.parse(printed);
	expect(text.trim(), sentence, 'the reply');
	expect(addon, join(resources(), 'app.asar.unpacked', addonPath), 'the addon that is loaded');
	expect(refused.includes('model.gguf, which is inside an asar archive'), true, refused);
	expect(outcome, 'pass', 'the verdict of the sandbox');
	say('packaged, it replies; a model inside the archive is refused; the sandbox starts no process');
}

function resources(): string {
	const folder = process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`;
	return join(app, 'release', folder, 'resources');
}

function manifest(name: string): { version: string } {
	return JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8'));
}

/** A package of the app's, below whichever of its packages it is. */
async function fromApp<T>(name: string): Promise<T> {
	const builder = createRequire(join(app, 'package.json')).resolve('electron-builder');
	const library = createRequire(builder).resolve('app-builder-lib');
	return import(pathToFileURL(createRequire(library).resolve(name)).href);
}

function run(program: string, args: readonly string[], added: NodeJS.ProcessEnv = {}): string {
	const ended = spawnSync(program, args, {
		cwd: app,
		encoding: 'utf8',
		env: { ...env, ...added },
		maxBuffer: 2 ** 26,
	});
	if (ended.status !== 0)
		throw new Error(
			`${program} ${args.join(' ')} ended with ${ended.status}\n${ended.stdout}${ended.stderr}`,
		);
	return ended.stdout;
}

function expect(received: unknown, expected: unknown, what: string): void {
	if (!isDeepStrictEqual(received, expected))
		throw new Error(
			`Expected ${JSON.stringify(expected)} (${what}) but received ${JSON.stringify(received)}`,
		);
}

function say(what: string): void {
	console.log(`✓ ${what}`);
}
