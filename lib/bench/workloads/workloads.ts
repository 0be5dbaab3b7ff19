import type { Workload } from '../task.js';
import { chat, chatOf } from './chat.js';
import { codeEdit } from './code-edit.js';
import { correct } from './correct.js';
import { jsonEdit } from './json-edit.js';
import { prose } from './prose.js';
import { quote } from './quote.js';
import { readTalks } from './recorded-talks.js';
import { rewrite } from './rewrite.js';

/** All kinds of tasks, in the order of the report. */
export const workloads: readonly Workload[] = [rewrite, codeEdit, jsonEdit, quote, correct, chat, prose];

/**
 * All kinds of tasks, with `chat` from recorded conversations: a file or a folder of files as `reprise replay` reads
 * them. Rejects as `readTalks` does.
 */
export async function workloadsWithChat(path: string): Promise<readonly Workload[]> {
	const recorded = chatOf(
		await readTalks(path),
		'a later turn of a recorded conversation, which may follow others of the record',
	);
	return workloads.map((workload) => (workload === chat ? recorded : workload));
}
