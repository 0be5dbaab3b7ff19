import { existsSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/**
 * Where a file of an asar archive lies on the disk when the packager has unpacked it: in a folder beside the
 * archive, `app.asar.unpacked`. Null where the path leads into no archive.
 *
 * Electron's `fs` reads archives as if they were folders. C code, the system's loader and other programs do not.
 */
export function unpackedPath(path: string): string | null {
	if (!path.includes('.asar')) return null;
	const parts = resolve(path).split(sep);
	const archive = parts.findIndex(
		(part, at) => part.endsWith('.asar') && isArchive(parts.slice(0, at + 1).join(sep)),
	);
	if (archive === -1 || archive === parts.length - 1) return null;
	parts[archive] += '.unpacked';
	return parts.join(sep);
}

/** What can be opened in place of `path`: the path itself, or the unpacked file; null where that is missing. */
export function pathOnDisk(path: string): string | null {
	const unpacked = unpackedPath(path);
	if (unpacked === null) return path;
	return existsSync(unpacked) ? unpacked : null;
}

/** Whether an archive, that is a file, is at `path`; a folder may have such a name, too. */
function isArchive(path: string): boolean {
	const electron: NodeJS.Process & { noAsar?: boolean } = process;
	const { noAsar } = electron;
	// With it, Electron's `fs` says what is on the disk.
	electron.noAsar = true;
	try {
		return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
	} catch {
		return false;
	} finally {
		if (noAsar === undefined) delete electron.noAsar;
		else electron.noAsar = noAsar;
	}
}
