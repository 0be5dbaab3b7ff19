// Runs at install in a clone: builds the addon from source.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (process.env.REPRISE_SKIP_BUILD === '1') {
	console.error('REPRISE_SKIP_BUILD=1: the addon is not built; run "npm run build:native" before using it');
} else {
	const build = fileURLToPath(new URL('build.mjs', import.meta.url));
	execFileSync(process.execPath, [build], { stdio: 'inherit' });
}
