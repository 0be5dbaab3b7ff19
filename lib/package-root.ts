import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package and its version: bundled, this file lies at another depth than in `lib/`. */
export function packageRoot(): { folder: string; version: string } {
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
