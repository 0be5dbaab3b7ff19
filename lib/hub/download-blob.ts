import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRepriseError } from '../errors.js';
import { BlobLock } from './blob-lock.js';
import type { HubClient, RemoteFile } from './hub-client.js';
import { bytesOf, type RepoCache } from './repo-cache.js';
import { Transfer } from './transfer.js';

/**
 * Puts the content of a file into the cache, unless it is there. What has come of it before, in this process or
 * another, is gone on from. Rejects with `DOWNLOAD_INVALID` where the content is not what the hub lists; nothing of
 * it is kept then.
 *
 * @param onBytes - Called with the bytes that are there.
 * @param signal - The client's.
 */
export async function downloadBlob(
	client: HubClient,
	cache: RepoCache,
	commit: string,
	file: RemoteFile,
	onBytes: (bytes: number) => void,
	signal: AbortSignal,
): Promise<void> {
	const blob = cache.blob(file.oid);
	const partial = `${blob}.incomplete`;
	const isThere = async () => (await bytesOf(blob)) !== null;
	if (await isThere()) return;
	await mkdir(dirname(blob), { recursive: true });
	const lock = await BlobLock.take(cache.lock(file.oid), signal, async () => {
		onBytes((await bytesOf(partial)) ?? 0);
		return isThere();
	});
	if (lock === null) return;
	try {
		if (await isThere()) return;
		const url = client.addressOf(commit, file.path);
		await download(client, url, file, partial, onBytes);
		if (!(await lock.isHeld())) {
			// Another may have written to the file meanwhile: what was hashed counts no more, what is there does.
			if (await isThere()) return;
			await download(client, url, file, partial, onBytes);
		}
		await rename(partial, blob).catch(async (error: unknown) => {
			if (!(await isThere())) throw error;
		});
	} finally {
		await lock.release();
	}
}

async function download(
	client: HubClient,
	url: string,
	file: RemoteFile,
	partial: string,
	onBytes: (bytes: number) => void,
): Promise<void> {
	for (;;) {
		const handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
		let isResumed = false;
		try {
			const transfer = new Transfer(client, url, file, handle, onBytes);
			isResumed = await transfer.resume();
			await client.retrying(
				() => transfer.fetchRest(),
				() => transfer.bytes,
			);
			return transfer.verify();
		} catch (error) {
			const isInvalid = isRepriseError(error) && error.code === 'DOWNLOAD_INVALID';
			if (isInvalid) await rm(partial, { force: true });
			// What an earlier run has left may be at fault, and it is gone now.
			if (!isInvalid || !isResumed) throw error;
		} finally {
			await handle.close();
		}
	}
}
