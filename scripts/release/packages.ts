import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { publishedPlatforms } from '../../lib/loader/machine.js';
import { fetchLlama } from '../fetch-llama.mjs';
import { nativeNotices } from '../notices/native.js';
import {
	type Manifest,
	mainManifest,
	packageOf,
	platformManifest,
	repository,
	sourceManifest,
} from './manifests.js';

/** A package that is made: its manifest, and what its files hold, by their paths in it. */
export interface Package {
	readonly kind: 'main' | 'platform' | 'source';
	readonly manifest: Manifest;
	/** The platform of a package with a binary, such as `linux-x64-cuda`. */
	readonly platform?: string;
	readonly files: ReadonlyMap<string, Buffer>;
}

/** The binaries by platform. */
export type Binaries = ReadonlyMap<string, string>;

/** All packages, in the order in which they are published: nothing is published before what it depends on. */
export function packages(binaries: Binaries, platforms: readonly string[] = publishedPlatforms): Package[] {
	const missing = platforms.filter((platform) => !binaries.has(platform));
	if (missing.length > 0)
		throw new Error(
			`There is no binary for ${missing.join(', ')}: build it (npm run prebuild:binary), name its file (--binary PLATFORM=FILE), or name the platforms to publish (--platforms)`,
		);
	return [
		...[...binaries].map(([platform, path]) => platformPackage(platform, path)),
		sourcePackage(),
		mainPackage(platforms),
	];
}

/** The binaries that prebuildify has left in the repository. */
export function prebuilds(folder = join(repository, 'prebuilds')): Map<string, string> {
	const names = existsSync(folder) ? readdirSync(folder).sort() : [];
	return new Map(
		names
			.map((name) => [name, join(folder, name, 'reprise.node')] as const)
			.filter(([, path]) => existsSync(path)),
	);
}

/** Writes a package into a folder of its own, without what was there before. */
export function write({ manifest, files }: Package, folder: string): void {
	rmSync(folder, { recursive: true, force: true });
	for (const [path, content] of [
		...files,
		['package.json', `${JSON.stringify(manifest, null, 2)}\n`] as const,
	]) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), content);
	}
}

function mainPackage(platforms: readonly string[]): Package {
	const files = own(['README.md', 'CHANGELOG.md', 'LICENSE']);
	for (const path of filesBelow('dist')) {
		if (path.endsWith('.map')) continue;
		const content = readFileSync(join(repository, path), 'utf8');
		files.set(path, Buffer.from(content.replace(/^\/\/# sourceMappingURL=\S+\n?/m, '')));
	}
	return { kind: 'main', manifest: mainManifest(platforms), files };
}

function platformPackage(platform: string, binary: string): Package {
	const files = own(['LICENSE']);
	files.set('THIRD_PARTY_NOTICES.txt', Buffer.from(nativeNotices(fetchLlama())));
	files.set('README.md', Buffer.from(platformReadme(platform)));
	files.set('reprise.node', readFileSync(binary));
	return { kind: 'platform', manifest: platformManifest(platform), platform, files };
}

function platformReadme(platform: string): string {
	const name = packageOf(platform);
	const installed = (publishedPlatforms as readonly string[]).includes(platform)
		? 'Package managers install it with [reprise](https://www.npmjs.com/package/reprise) where it fits the machine.'
		: `Install it beside [reprise](https://www.npmjs.com/package/reprise), in the same version: \`npm install reprise ${name}\`.`;
	return `# ${name}

The native addon of reprise for ${platform.replaceAll('-', ' ')}. ${installed} It holds one file, \`reprise.node\`, and
what is in it besides reprise stands in
\`THIRD_PARTY_NOTICES.txt\`.
`;
}

function sourcePackage(): Package {
	const files = own([
		...['CMakeLists.txt', 'LICENSE', 'scripts/build.mjs'],
		...filesBelow('cpp'),
		...filesBelow('scripts/patches'),
		...importedBy('scripts/build.mjs'),
	]);
	files.set('README.md', Buffer.from(sourceReadme));
	return { kind: 'source', manifest: sourceManifest(), files };
}

const sourceReadme = `# ${packageOf('source')}

The C++ source of [reprise](https://www.npmjs.com/package/reprise)'s native addon, with the scripts that build it.
\`npx reprise build\` downloads it; there is no need to install it.
`;

/** The files of this repository that a script imports, in any number of steps. */
function importedBy(path: string, known = new Set<string>()): Set<string> {
	const source = readFileSync(join(repository, path), 'utf8');
	for (const [, imported = ''] of source.matchAll(/\bfrom '(\.[^']+)'/g)) {
		const found = join(dirname(path), imported);
		if (known.has(found)) continue;
		known.add(found);
		importedBy(found, known);
	}
	return known;
}

const own = (paths: Iterable<string>) =>
	new Map([...paths].map((path) => [path, readFileSync(join(repository, path))]));

function filesBelow(folder: string): string[] {
	return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(repository, join(entry.parentPath, entry.name)))
		.sort();
}
