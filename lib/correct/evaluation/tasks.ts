import { RepriseError } from '../../errors.js';
import { readJsonLines } from '../../json-lines.js';
import { text } from '../../options.js';
import type { Task } from '../verifier.js';

/**
 * Reads tasks, one JSON object a line, as a stream: `prompt`, `id` (default: the line's number) and `answer`,
 * a text or a number, which may be missing. Other fields stay as they are, for verifiers.
 *
 * Throws `OPTION_INVALID` or `TEXT_INVALID` with the file, the line and the field; an id may not come twice.
 *
 * @param path - The file.
 * @param onRead - This function is called with the bytes of each part of the file that was read.
 */
export async function* readTasks(path: string | URL, onRead?: (bytes: number) => void): AsyncGenerator<Task> {
	const ids = new Set<string>();
	const read = (value: unknown, number: number) => {
		const task = toTask(value, number);
		if (ids.has(task.id)) throw new RepriseError('OPTION_INVALID', `the id ${task.id} comes twice`);
		ids.add(task.id);
		return task;
	};
	yield* readJsonLines(path, { read, of: 'task', onRead });
}

function toTask(fields: unknown, number: number): Task {
	if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
		throw new RepriseError('OPTION_INVALID', 'Expected a JSON object');
	const { id = number, prompt, answer, ...others } = fields as Record<string, unknown>;
	return {
		...others,
		id: text(typeof id === 'number' ? String(id) : id, 'id'),
		prompt: text(prompt, 'prompt'),
		...(answer !== undefined && {
			answer: text(typeof answer === 'number' ? String(answer) : answer, 'answer'),
		}),
	};
}
