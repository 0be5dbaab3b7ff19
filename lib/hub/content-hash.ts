import { createHash, type Hash } from 'node:crypto';

/** What hashes the content of a file as `oid` does; null where `oid` is no known kind of hash. */
export function contentHash(oid: string, bytes: number): Hash | null {
	if (/^[0-9a-f]{64}$/.test(oid)) return createHash('sha256');
	// Git hashes a header with the content.
	if (/^[0-9a-f]{40}$/.test(oid)) return createHash('sha1').update(`blob ${bytes}\0`);
	return null;
}
