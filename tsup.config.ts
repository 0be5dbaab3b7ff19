import { defineConfig } from 'tsup';

export default defineConfig([
	{
		entry: { index: 'lib/index.ts' },
		format: ['esm', 'cjs'],
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
