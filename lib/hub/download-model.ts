import { mkdir, statfs } from 'node:fs/promises';
import type { DownloadedModel, DownloadProgress } from '../download-model.js';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import { chooseFiles } from './choose-files.js';
import { isContentHash } from './content-hash.js';
import { downloadBlob } from './download-blob.js';
import { HubClient, type RemoteFile } from './hub-client.js';
import { type HubSettings, readHubSettings } from './hub-settings.js';
import { formatModelName, type ModelName } from './model-name.js';
import { bytesOf, RepoCache } from './repo-cache.js';

const betweenCallsMs = 50;

/** The model that the name stands for in the cache; null where that has it not, or not whole. */
export async function cachedModel(name: ModelName, settings: HubSettings): Promise<DownloadedModel | null> {
	const cache = new RepoCache(settings.cacheFolder, name.repo);
	const commit = await cache.commitOf(name.revision);
	if (commit === null) return null;
	try {
		const { parts } = chooseFiles(name, await cache.filesOf(commit), 'the cache');
		return modelAt(cache, commit, parts);
	} catch (error) {
		if (isRepriseError(error) && error.code === 'MODEL_NOT_FOUND') return null;
		throw error;
	}
}

export const notCached = (name: ModelName, { cacheFolder }: HubSettings): RepriseError =>
	new RepriseError(
		'MODEL_NOT_CACHED',
		`${formatModelName(name)} is not in the cache at ${cacheFolder}, or not whole, and offline mode is on: turn it off (HF_HUB_OFFLINE=0) to download it`,
	);

/** What a name stands for on the hub. */
export interface RemoteModel {
	readonly commit: string;
	/** The file, or all parts in order. */
	readonly files: readonly RemoteFile[];
}

export async function remoteModel(name: ModelName, client: HubClient): Promise<RemoteModel> {
	const commit = await client.commitOf(name.revision);
	const files = await client.filesOf(commit);
	const byPath = new Map(files.map((file) => [file.path, file]));
	const { parts } = chooseFiles(name, [...byPath.keys()], client.where);
	const chosen = parts.map((path) => byPath.get(path) as RemoteFile);
	// The checksums become names of files.
	const odd = chosen.find(({ oid, bytes }) => !isContentHash(oid) || !Number.isSafeInteger(bytes));
	if (odd === undefined) return { commit, files: chosen };
	throw new RepriseError(
		'DOWNLOAD_INVALID',
		`The hub lists no checksum or no size for ${odd.path} of ${client.where}`,
	);
}

/** `downloadModel` with a signal alone, whose reason it rejects with. */
export async function download(
	name: ModelName,
	hub: unknown,
	onProgress: (progress: DownloadProgress) => void,
	signal: AbortSignal,
): Promise<DownloadedModel> {
	const settings = readHubSettings(hub);
	try {
		return await fromHub(name, settings, onProgress, signal);
	} catch (error) {
		throw cacheFault(error, settings);
	}
}

async function fromHub(
	name: ModelName,
	settings: HubSettings,
	onProgress: (progress: DownloadProgress) => void,
	signal: AbortSignal,
): Promise<DownloadedModel> {
	const cached = await cachedModel(name, settings);
	// A file of a commit never changes.
	if (cached && (settings.offline || (cached.commit === name.revision && name.file !== null))) return cached;
	if (settings.offline) throw notCached(name, settings);
	// With something to fall back to, nobody waits for a hub that is away.
	const asked = new HubClient({ ...settings, ...(cached && { maxRetries: 0 }) }, name.repo, signal);
	let remote: RemoteModel;
	try {
		remote = await remoteModel(name, asked);
	} catch (error) {
		if (cached && isRepriseError(error) && error.code === 'HUB_UNAVAILABLE') return cached;
		throw error;
	}
	const cache = new RepoCache(settings.cacheFolder, name.repo);
	const client = new HubClient(settings, name.repo, signal);
	await fetchFiles(client, cache, remote, onProgress, signal);
	await cache.noteCommit(name.revision, remote.commit);
	return modelAt(
		cache,
		remote.commit,
		remote.files.map(({ path }) => path),
	);
}

async function fetchFiles(
	client: HubClient,
	cache: RepoCache,
	{ commit, files }: RemoteModel,
	onProgress: (progress: DownloadProgress) => void,
	signal: AbortSignal,
): Promise<void> {
	const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
	await requireSpace(cache, files);
	let before = 0;
	let calledAt = -Infinity;
	for (const file of files) {
		const onBytes = (bytes: number) => {
			const now = performance.now();
			if (now - calledAt < betweenCallsMs && bytes < file.bytes) return;
			calledAt = now;
			onProgress({ file: file.path, doneBytes: before + bytes, totalBytes });
			signal.throwIfAborted();
		};
		await downloadBlob(client, cache, commit, file, onBytes, signal);
		await cache.link(commit, file.path, file.oid);
		before += file.bytes;
	}
}

/** Refuses before the first byte what the disk has no room for. */
async function requireSpace(cache: RepoCache, files: readonly RemoteFile[]): Promise<void> {
	let missing = 0;
	for (const { oid, bytes } of files)
		if ((await bytesOf(cache.blob(oid))) === null)
			missing += bytes - ((await bytesOf(`${cache.blob(oid)}.incomplete`)) ?? 0);
	if (missing <= 0) return;
	await mkdir(cache.folder, { recursive: true });
	const disk = await statfs(cache.folder).catch(() => null);
	if (disk === null || disk.blocks === 0 || disk.bavail * disk.bsize >= missing) return;
	throw new RepriseError(
		'CACHE_IO',
		`The disk at ${cache.folder} has ${gigabytes(disk.bavail * disk.bsize)} left and the download needs ${gigabytes(missing)}: ${otherCache}`,
	);
}

const otherCache = 'free some space, or set HF_HUB_CACHE to a folder on another disk';

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

function modelAt(cache: RepoCache, commit: string, parts: readonly string[]): DownloadedModel {
	const paths = parts.map((part) => cache.snapshot(commit, part));
	return { path: paths[0] as string, parts: paths, commit };
}

/** What the system says of a file or a folder; all else is a fault of ours and stays as it is. */
function cacheFault(error: unknown, { cacheFolder }: HubSettings): unknown {
	const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
	if (syscall === undefined) return error;
	const what =
		code === 'ENOSPC' || code === 'EDQUOT'
			? `no space is left; what has come is kept, and the next download goes on from it: ${otherCache}`
			: messageOf(error);
	return new RepriseError('CACHE_IO', `The cache at ${cacheFolder} cannot be written: ${what}`, {
		cause: error,
	});
}
