import { defineConfig } from 'tsup';

export default defineConfig([
	{
		entry: { index: 'lib/index.ts' },
		format: ['esm', 'cjs'],
		dts: true,
		target: 'node20',
		sourcemap: true,
		shims: true,
		clean: true,
	},
	{
		entry: {
			'cli/main': 'lib/cli/main.ts',
			'tokenizer-worker': 'lib/tokenizer-worker.js',
			'sandbox-child': 'lib/correct/verifiers/sandbox-child.js',
		},
		format: ['esm'],
		target: 'node20',
		sourcemap: true,
	},
]);
