import { randomUUID } from 'node:crypto';
import {
	copyFile,
	link,
	mkdir,
	readdir,
	readFile,
	realpath,
	rename,
	rm,
	stat,
	symlink,
	writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { getRepoFolderName } from './hub-packages.js';

/**
 * A repository's folder in the cache of the hub, which Python's `huggingface_hub` and others share: contents are in
 * `blobs/` under their hashes, `snapshots/COMMIT/` has links to them under their names, and `refs/` says which
 * commit a branch was at when it was asked for last.
 */
export class RepoCache {
	readonly folder: string;
	readonly #locks: string;

	constructor(cacheFolder: string, repo: string) {
		const name = getRepoFolderName({ type: 'model', name: repo });
		this.folder = join(cacheFolder, name);
		this.#locks = join(cacheFolder, '.locks', name);
	}

	/** Where the content with this hash is once it is whole; while it comes it has `.incomplete` behind it. */
	blob(oid: string): string {
		return join(this.folder, 'blobs', oid);
	}

	/** Python's own locks there end with `.lock`, and are of another kind. */
	lock(oid: string): string {
		return join(this.#locks, `${oid}.reprise`);
	}

	snapshot(commit: string, path = ''): string {
		return join(this.folder, 'snapshots', commit, ...path.split('/'));
	}

	/** The commit that a revision was at; null where that is not known. */
	async commitOf(revision: string): Promise<string | null> {
		if (/^[0-9a-f]{40}$/.test(revision)) return revision;
		const commit = await readFile(this.#ref(revision), 'utf8').catch(() => '');
		return /^[0-9a-f]{40}$/.test(commit.trim()) ? commit.trim() : null;
	}

	async noteCommit(revision: string, commit: string): Promise<void> {
		if (revision === commit || (await this.commitOf(revision)) === commit) return;
		const path = this.#ref(revision);
		await mkdir(dirname(path), { recursive: true });
		await place(path, (temporary) => writeFile(temporary, commit));
	}

	/** The branches and tags that are known, by their commits. */
	async revisions(): Promise<Map<string, string[]>> {
		const found = new Map<string, string[]>();
		for (const revision of await filesUnder(join(this.folder, 'refs'))) {
			const commit = await this.commitOf(revision);
			if (commit !== null) found.set(commit, [...(found.get(commit) ?? []), revision]);
		}
		return found;
	}

	async commits(): Promise<string[]> {
		return readdir(join(this.folder, 'snapshots')).catch(() => []);
	}

	/** The paths of the files of a commit that are there, whole. */
	async filesOf(commit: string): Promise<string[]> {
		const found: string[] = [];
		for (const path of await filesUnder(this.snapshot(commit)))
			if ((await bytesOf(this.snapshot(commit, path))) !== null) found.push(path);
		return found;
	}

	/** Puts a name to a content that is there. */
	async link(commit: string, path: string, oid: string): Promise<void> {
		const target = this.snapshot(commit, path);
		if ((await realpath(target).catch(() => null)) === (await realpath(this.blob(oid)))) return;
		await mkdir(dirname(target), { recursive: true });
		await place(target, (temporary) =>
			symlink(relative(dirname(target), this.blob(oid)), temporary)
				// Windows lets only some users make symbolic links, and some file systems have no links at all.
				.catch(() => link(this.blob(oid), temporary))
				.catch(() => copyFile(this.blob(oid), temporary)),
		);
	}

	/**
	 * Removes files of a commit, what they alone link to, and the folder itself once no file is left. Gives the bytes
	 * of what is gone.
	 */
	async remove(commit: string, paths: readonly string[]): Promise<number> {
		const gone = new Map<string, number>();
		for (const path of paths) {
			const target = this.snapshot(commit, path);
			const content = await contentAt(target);
			if (content) gone.set(content.key, content.bytes);
			await rm(target, { force: true });
		}
		let files = 0;
		for (const other of await this.commits())
			for (const path of await filesUnder(this.snapshot(other))) {
				files++;
				const content = await contentAt(this.snapshot(other, path));
				if (content) gone.delete(content.key);
			}
		for (const name of await filesUnder(join(this.folder, 'blobs'))) {
			const content = await contentAt(this.blob(name));
			if (content && gone.has(content.key)) await rm(this.blob(name), { force: true });
		}
		if (files === 0)
			for (const folder of [this.folder, this.#locks]) await rm(folder, { recursive: true, force: true });
		return [...gone.values()].reduce((sum, bytes) => sum + bytes, 0);
	}

	#ref(revision: string): string {
		return join(this.folder, 'refs', ...revision.split('/'));
	}
}

/** The repositories of models in a cache, as `owner/name`. */
export async function cachedRepos(cacheFolder: string): Promise<string[]> {
	const names = await readdir(cacheFolder).catch(() => [] as string[]);
	return names.flatMap((name) => {
		const [, owner, repo] = /^models--(.+?)--(.+)$/.exec(name) ?? [];
		return owner === undefined ? [] : [`${owner}/${repo}`];
	});
}

/** The size of what is at a path, through links; null where nothing is. */
export async function bytesOf(path: string): Promise<number | null> {
	return stat(path).then(
		({ size }) => size,
		() => null,
	);
}

/** What a path leads to, whether by a symbolic or a hard link; null where it leads nowhere. */
async function contentAt(path: string): Promise<{ key: string; bytes: number } | null> {
	return stat(path, { bigint: true }).then(
		({ dev, ino, size }) => ({ key: `${dev}:${ino}`, bytes: Number(size) }),
		() => null,
	);
}

/** Makes a file by another name first, so that others see it whole or not at all. */
async function place(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
	const temporary = `${path}.${randomUUID()}.tmp`;
	try {
		await make(temporary);
		await rename(temporary, path);
	} finally {
		await rm(temporary, { force: true });
	}
}

/** The paths below a folder, with `/` between; none where there is no folder. */
async function filesUnder(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
	const nested = await Promise.all(
		entries.map(async (entry) => {
			if (!entry.isDirectory()) return [entry.name];
			return (await filesUnder(join(folder, entry.name))).map((path) => `${entry.name}/${path}`);
		}),
	);
	return nested.flat().sort();
}
