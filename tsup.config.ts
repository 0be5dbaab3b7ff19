import { defineConfig } from 'tsup';

export default defineConfig([
	{
		// What package.json exports.
		entry: {
			index: 'lib/index.ts',
			correct: 'lib/correct/index.ts',
			verifiers: 'lib/correct/verifiers/index.ts',
		},
		format: ['esm', 'cjs'],
		// What entries have in common is a file of its own, so that they share its classes and its state.
		splitting: true,
		dts: true,
		target: 'node20',
		sourcemap: true,
		// tsup's own shim asks the page for `import.meta.url` where there is one: in Electron's windows and under jsdom.
		esbuildOptions(options, { format }) {
			if (format !== 'cjs') return;
			options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
			options.banner = {
				js: "'use strict';\nconst importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
			};
		},
		clean: true,
	},
	{
		entry: {
			'cli/main': 'lib/cli/main.ts',
			'tokenizer-worker': 'lib/tokenizer-worker.js',
			'check-worker': 'lib/correct/verifiers/support/check-worker.js',
			'sandbox-child': 'lib/correct/sandbox/sandbox-child.js',
		},
		format: ['esm'],
		target: 'node20',
		sourcemap: true,
	},
]);
