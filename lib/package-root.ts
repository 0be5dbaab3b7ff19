import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What webpack gives to the modules of its bundles, which keep the URLs that they had outside. */
declare const __webpack_require__: unknown;

/**
 * The folder of this package and its version: in dist/ this file lies at another depth than in lib/. Throws in the
 * bundle of an app.
 */
export function packageRoot(): { folder: string; version: string } {
	if (typeof __webpack_require__ === 'function') throw new Error('webpack has put reprise into a bundle');
	for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
		const path = join(folder, 'package.json');
		if (existsSync(path)) {
			const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
			if (name === 'reprise') return { folder, version };
		}
		if (folder === dirname(folder)) throw new Error(`no package.json of reprise above ${import.meta.url}`);
	}
}

/** The path of the manifest of a package that one in `folder` can load; null where there is none. */
export function manifestOf(name: string, folder: string): string | null {
	try {
		return createRequire(join(folder, 'package.json')).resolve(`${name}/package.json`);
	} catch {
		return null;
	}
}
