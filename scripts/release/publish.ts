import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Packed } from './check.js';
import { npm } from './npm.js';

/**
 * Publishes packages in the order given. One that the registry has already, as after a release that broke off, is
 * passed over where it is the same, and is an error where it is not.
 */
export function publish(all: readonly Packed[], registry: string, flags: readonly string[] = []): void {
	for (const { package: one, tarball } of all) {
		const { name, version } = one.manifest;
		const published = integrityIn(registry, `${name}@${version}`, dirname(tarball));
		if (published === null) {
			const args = ['publish', tarball, '--registry', registry, '--access', 'public', '--ignore-scripts'];
			npm([...args, ...flags], dirname(tarball));
			console.log(`published ${name} ${version}`);
		} else if (published === integrityOf(tarball)) {
			console.log(`${name} ${version} is published already`);
		} else {
			throw new Error(`${name} ${version} is published already, with other contents: choose another version`);
		}
	}
}

/** The hash of a published version; null where the registry does not have it. */
function integrityIn(registry: string, spec: string, cwd: string): string | null {
	try {
		return npm(['view', spec, 'dist.integrity', '--registry', registry], cwd).trim() || null;
	} catch (error) {
		if (/E404/.test((error as Error).message)) return null;
		throw error;
	}
}

const integrityOf = (path: string) =>
	`sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
