// Runs at install: a prebuilt binary that loads is taken as it is, otherwise the addon is built from source.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function prebuiltLoads() {
	if (!existsSync(join(root, 'prebuilds'))) return false;
	try {
		createRequire(import.meta.url)('node-gyp-build')(root);
		return true;
	} catch {
		return false;
	}
}

if (process.env.REPRISE_SKIP_BUILD === '1') {
	console.error('REPRISE_SKIP_BUILD=1: the addon is not built; run "npm run build:native" before using it');
} else if (!prebuiltLoads()) {
	execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
}
