import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runFixture } from './support/fixture.js';
import { twoThreads } from './support/threads.js';

test.runIf(process.platform === 'linux')(
	'where the system has no thread left each call rejects, later ones work, and the process exits',
	async () => {
		const folder = mkdtempSync(join(tmpdir(), 'reprise-no-threads-'));
		try {
			const library = join(folder, 'failing_threads.so');
			const source = fileURLToPath(new URL('native/linux/failing_threads.c', import.meta.url));
			execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
			const { status, signal, stdout, stderr } = await runFixture('no-threads', {
				args: [join(folder, 'corpus')],
				env: { LD_PRELOAD: library, REPRISE_THREADS_LEFT: join(folder, 'threads-left') },
			});
			expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
			expect(stdout.trim().split('\n')).toEqual([
				'loadModel with 0: OUT_OF_MEMORY',
				'createSession with 0: OUT_OF_MEMORY',
				...(twoThreads === 2 ? ['createSession with 1: OUT_OF_MEMORY'] : []),
				'saveCorpus with 0: OUT_OF_MEMORY',
				'generate from a text with 0: OUT_OF_MEMORY',
				'generate from tokens with 0: done',
			]);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	},
);
