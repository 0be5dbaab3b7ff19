import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RepriseError } from '../../errors.js';
import { filePath } from '../../options.js';
import { readConversations } from '../../replay/conversations.js';
import type { RecordedTalk } from './chat.js';

/**
 * The conversations of a file, or of all `.jsonl` files of a folder, in the form that `reprise replay` reads.
 *
 * Throws what `readConversations` does, and `OPTION_INVALID` where the folder has no such file.
 */
export async function readTalks(path: string): Promise<RecordedTalk[]> {
	const talks: RecordedTalk[] = [];
	for (const file of await filesOf(filePath(path, 'chat')))
		for await (const { system, turns } of readConversations(file)) talks.push({ system, turns });
	return talks;
}

async function filesOf(path: string): Promise<string[]> {
	const isFolder = await stat(path).then(
		(found) => found.isDirectory(),
		() => false,
	);
	if (!isFolder) return [path];
	const files = (await readdir(path)).filter((name) => name.endsWith('.jsonl')).sort();
	if (files.length > 0) return files.map((name) => join(path, name));
	throw new RepriseError(
		'OPTION_INVALID',
		`The folder ${path} has no .jsonl files with recorded conversations`,
	);
}
