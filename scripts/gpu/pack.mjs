// Packs what scripts/gpu/check.sh and scripts/train/on-gpu.sh need on a machine without network and without Node into
// the folder .gpu: Node, llama.cpp's patched source, the headers that the addon and its tests include, the scripts in
// TypeScript as one file each, vocabularies, and recorded conversations where they are given. Linux on x86-64 alone.
//
//   node scripts/gpu/pack.mjs [conversations.jsonl …]
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { fetchLlama } from '../fetch-llama.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const out = join(root, '.gpu');
const require = createRequire(import.meta.url);
const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });

/** What of llama.cpp neither the addon nor its tests are built from. */
const unused = [
	...[
		'app',
		'benches',
		'ci',
		'conversion',
		'docs',
		'examples',
		'gguf-py',
		'media',
		'models',
		'pocs',
		'skills',
	],
	...['tests', 'tools/ui', 'tools/server'],
];
/** Of ggml's backends, those that the check builds. */
const backends = ['ggml-cpu', 'ggml-cuda', 'ggml-rpc'];

function packLlama() {
	const source = fetchLlama();
	const others = readdirSync(join(source, 'ggml', 'src'), { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && !backends.includes(entry.name))
		.map(({ name }) => `ggml/src/${name}`);
	const excluded = [...unused, ...others].map((folder) => `--exclude=./${folder}`);
	run('tar', '-C', source, ...excluded, '-cJf', join(out, 'llama.cpp.tar.xz'), '.');
	copyFileSync(join(source, 'models', 'ggml-vocab-qwen2.gguf'), join(out, 'vocabulary.gguf'));
	run('xz', '-T0', '-9', join(out, 'vocabulary.gguf'));
}

/** Packing it takes minutes of one core, so one of this version stays. */
const nodeName = `node-${process.version}`;

function packNode() {
	const node = join(out, nodeName);
	if (existsSync(`${node}.xz`)) return;
	copyFileSync(process.execPath, node);
	run('strip', node);
	run('xz', '-T0', '-9', node);
}

function packHeaders() {
	const headers = join(out, 'include');
	cpSync(join(dirname(require.resolve('node-api-headers/package.json')), 'include'), headers, {
		recursive: true,
	});
	const addonApi = dirname(require.resolve('node-addon-api/package.json'));
	for (const name of readdirSync(addonApi).filter((name) => name.endsWith('.h')))
		copyFileSync(join(addonApi, name), join(headers, name));
	const doctest = ['/usr/include/doctest', '/usr/local/include/doctest'].find(existsSync);
	if (!doctest) throw new Error('no header of doctest: install it (Debian: doctest-dev)');
	cpSync(doctest, join(headers, 'doctest'), { recursive: true });
}

async function packScripts() {
	await build({
		config: false,
		silent: true,
		entry: {
			check: join(root, 'scripts', 'gpu', 'check', 'main.ts'),
			generate: join(root, 'scripts', 'train', 'generate.ts'),
		},
		format: 'esm',
		target: 'node20',
		noExternal: [/./],
		outDir: join(out, 'js'),
		outExtension: () => ({ js: '.mjs' }),
		// Bundled CommonJS modules ask for Node's own.
		banner: {
			js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
		},
	});
}

if (process.platform !== 'linux' || process.arch !== 'x64')
	throw new Error(`Expected Linux on x64 but this is ${process.platform} on ${process.arch}`);
// Objects that an earlier check has brought back stay: they spare the next one most of its build.
mkdirSync(out, { recursive: true });
for (const name of readdirSync(out))
	if (!name.startsWith('objects-') && name !== `${nodeName}.xz`) rmSync(join(out, name), { recursive: true });
packLlama();
packNode();
packHeaders();
await packScripts();
const embedded = join(root, 'models', 'reprise-2m.gguf');
run(
	'npx',
	'tsx',
	join(root, 'scripts', 'train', 'vocabulary.ts'),
	embedded,
	'--out',
	join(out, 'vocabulary.json'),
);
mkdirSync(join(out, 'conversations'));
for (const path of process.argv.slice(2)) {
	copyFileSync(path, join(out, 'conversations', basename(path)));
	run('xz', '-T0', '-9', '-f', join(out, 'conversations', basename(path)));
}
const sizeOf = (path) =>
	statSync(path).isDirectory()
		? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
		: statSync(path).size;
console.log(`.gpu holds ${(sizeOf(out) / 2 ** 20).toFixed(1)} MiB`);
