import { copyFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync } from 'node:zlib';
import { defineConfig, type Options } from 'tsup';
import { thirdPartyNotices } from './scripts/notices/bundled.js';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const notices = thirdPartyNotices();

/**
 * In lib/ the bytes of QuickJS's module come from its file, in dist/ they are in the code of the thread: compressed, since
 * as text they could hardly be when the package is.
 */
const quickjsInline: Plugin = {
	name: 'quickjs-inline',
	setup(build) {
		build.onLoad({ filter: /[\\/]quickjs-wasm\.js$/ }, () => {
			const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
			const text = brotliCompressSync(readFileSync(path)).toString('base64');
			const contents =
				"import { brotliDecompressSync } from 'node:zlib';\n" +
				`export const quickjsWasm = brotliDecompressSync(Buffer.from('${text}', 'base64'));`;
			return { contents, resolveDir: 'lib' };
		});
	},
};

/**
 * Of the hub's packages only what is used comes along. They do not say that their files do nothing when they are
 * loaded; among them are descriptions of all tasks, 300 kB of text. What they load at run time belongs to uploads and to
 * browsers.
 */
const hubTreeShaken: Plugin = {
	name: 'hub-tree-shaken',
	setup(build) {
		build.onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
			const isWithin = /[\\/]node_modules[\\/]@huggingface[\\/]/.test(importer);
			if (pluginData === hubTreeShaken || !(isWithin || /^@huggingface\//.test(path))) return undefined;
			if (isWithin && kind === 'dynamic-import') return { path, namespace: 'left-out' };
			const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: hubTreeShaken });
			return { ...found, sideEffects: false };
		});
		// Only of ES modules does esbuild know what is used.
		build.onLoad({ filter: /[\\/]hub-packages\.cjs$/ }, ({ path }) => ({
			contents: readFileSync(path, 'utf8')
				.replaceAll(/const (\{.*?\}) = require\((.*?)\);/g, 'import $1 from $2;')
				.replace('module.exports =', 'export'),
		}));
		build.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
			contents: `throw new Error('${path} is not part of this package');`,
		}));
	},
};

/** CommonJS has no `import.meta.url`; `url` says what stands for it. */
function addressOfFile(options: Parameters<NonNullable<Options['esbuildOptions']>>[0], url: string): void {
	options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
	options.banner = {
		js: `'use strict';\nconst importMetaUrl = require('node:url').pathToFileURL(${url}).href;`,
	};
}

export default defineConfig([
	{
		// What package.json exports.
		entry: {
			index: 'lib/index.ts',
			correct: 'lib/correct/index.ts',
			verifiers: 'lib/correct/verifiers/index.ts',
			'ai-sdk': 'lib/ai-sdk/index.ts',
		},
		format: ['esm', 'cjs'],
		// What entries have in common is a file of its own, so that they share its classes and its state.
		splitting: true,
		// The AI SDK's interfaces come along, so that they are found where package managers hide what is not asked for.
		dts: { resolve: ['@ai-sdk/provider', 'json-schema'] },
		target: 'node20',
		sourcemap: true,
		// tsup's own shim asks the page for `import.meta.url` where there is one: in Electron's windows and under jsdom.
		esbuildOptions(options, { format }) {
			if (format === 'cjs') addressOfFile(options, '__filename');
		},
		esbuildPlugins: [notices],
		clean: true,
	},
	{
		// The others are the processes in which `reprise bench` measures this package and node-llama-cpp.
		entry: {
			'cli/main': 'lib/cli/main.ts',
			'reprise-arm': 'lib/bench/arms/reprise-arm.ts',
			'node-llama-cpp-arm': 'lib/bench/arms/node-llama-cpp-arm.ts',
		},
		format: ['esm'],
		target: 'node20',
		sourcemap: true,
		// Names stay, for the traces of errors.
		esbuildOptions(options) {
			options.minifyWhitespace = true;
			options.minifySyntax = true;
		},
		esbuildPlugins: [notices],
	},
	{
		// Most of it is the library that draws, which is loaded when there is something to draw.
		entry: { 'draw-svg': 'lib/bench/report/draw-svg.js' },
		format: ['esm'],
		splitting: false,
		noExternal: [/./],
		minify: true,
		target: 'node20',
		sourcemap: true,
		esbuildPlugins: [notices],
	},
	{
		// Each with all it needs in it: threads are given them as text (lib/own-thread.ts), and others are loaded late.
		entry: {
			'tokenizer-worker': 'lib/tokenizer-worker.js',
			'check-worker': 'lib/correct/verifiers/support/check-worker.js',
			'sandbox-worker': 'lib/correct/sandbox/sandbox-worker.js',
			'hub-packages': 'lib/hub/hub-packages.cjs',
			'serve-packages': 'lib/serve/serve-packages.cjs',
			'json-schema-compiler': 'lib/schema/json-schema-compiler.cjs',
		},
		format: ['cjs'],
		outExtension: () => ({ js: '.cjs' }),
		splitting: false,
		noExternal: [/./],
		minify: true,
		target: 'node20',
		sourcemap: true,
		// A thread's text has no file of its own; nothing asks for more than some address.
		esbuildOptions: (options) => addressOfFile(options, 'process.execPath'),
		esbuildPlugins: [notices, quickjsInline, hubTreeShaken],
		onSuccess: async () => copyFileSync('lib/serve/page/page.html', 'dist/serve-page.html'),
	},
]);
