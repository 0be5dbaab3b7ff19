import type { Chat, Task } from './chat.js';
import { codeEdits } from './code-edits.js';
import { copy } from './copies.js';
import { jsonEdits } from './json-edits.js';
import { paragraph } from './paragraphs.js';
import { repair, review, solve } from './programs.js';
import { quotations } from './questions.js';
import { Source, type Split } from './source.js';
import { textEdits } from './text-edits.js';

/** The tasks, and their parts of the training chats in percent. */
const tasks: Record<Task, { make: (source: Source) => Chat; percent: number }> = {
	copy: { make: copy, percent: 3 },
	solve: { make: solve, percent: 18 },
	review: { make: review, percent: 6 },
	repair: { make: repair, percent: 15 },
	text: { make: textEdits, percent: 25 },
	code: { make: codeEdits, percent: 15 },
	json: { make: jsonEdits, percent: 14 },
	question: { make: quotations, percent: 3 },
	paragraph: { make: paragraph, percent: 1 },
};

export const taskNames = Object.keys(tasks) as Task[];

/** Endless chats of all tasks in their shares, or of one; the same seed gives the same chats. */
export function* endlessChats(seed: number, split: Split, only?: Task): Generator<Chat, never> {
	const source = new Source(seed, split);
	const weighted = taskNames.flatMap((task) => Array<Task>(tasks[task].percent).fill(task));
	for (;;) yield tasks[only ?? source.pick(weighted)].make(source);
}

/** `count` chats of one task. */
export function chatsOf(task: Task, count: number, seed: number, split: Split): Chat[] {
	const chats = endlessChats(seed, split, task);
	return Array.from({ length: count }, () => chats.next().value);
}
