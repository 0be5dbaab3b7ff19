import { createHash, type Hash } from 'node:crypto';

/** Whether `oid` is a hash that `contentHash` makes: a SHA-256, or the id of an object of Git. */
export const isContentHash = (oid: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid);

/** What hashes the content of a file of so many bytes as `oid` does. */
export function contentHash(oid: string, bytes: number): Hash {
	if (oid.length === 64) return createHash('sha256');
	// Git hashes a header with the content.
	return createHash('sha1').update(`blob ${bytes}\0`);
}
