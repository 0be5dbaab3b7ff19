import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Packed } from './check.js';
import { npm } from './npm.js';
import { type Package, write } from './packages.js';

/** Writes packages below `out`, each in a folder of its own, and packs them beside these folders. */
export function pack(all: readonly Package[], out: string): Packed[] {
	mkdirSync(out, { recursive: true });
	return all.map((one) => {
		const folder = join(out, one.manifest.name.replace('@', '').replace('/', '-'));
		write(one, folder);
		const printed = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', out], folder);
		return { package: one, folder, ...readPacked(printed, out) };
	});
}

interface Told {
	filename: string;
	size: number;
	unpackedSize: number;
	files: Array<{ path: string }>;
}

/** npm prints a list, and from version 12 on an object by the packages' names. */
function readPacked(printed: string, out: string) {
	const [told] = Object.values(JSON.parse(printed) as Record<string, Told>);
	if (told === undefined) throw new Error(`npm pack printed ${printed}`);
	return {
		tarball: join(out, told.filename),
		packedBytes: told.size,
		unpackedBytes: told.unpackedSize,
		paths: told.files.map(({ path }) => path),
	};
}
