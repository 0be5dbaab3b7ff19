import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		setupFiles: process.env.REPRISE_TEST_DEVICE_LOGITS === 'on' ? ['test/support/device-logits.ts'] : [],
		// A native crash must take down one file's process, never the run; two files at once share the cores.
		pool: 'forks',
		maxWorkers: 2,
		testTimeout: 120_000,
		hookTimeout: 120_000,
	},
});
