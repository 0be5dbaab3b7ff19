import { isRepriseError, messageOf, RepriseError } from '../../errors.js';
import { readLines } from '../../lines.js';
import { text } from '../../options.js';
import type { Task } from '../verifier.js';

/**
 * Reads tasks, one JSON object a line, as a stream: `prompt`, `id` (default: the line's number) and `answer`,
 * a text or a number, which may be missing. Other fields stay as they are, for verifiers.
 *
 * Throws `OPTION_INVALID` or `TEXT_INVALID` with the file, the line and the field; an id may not come twice.
 */
export async function* readTasks(path: string | URL, onRead?: (bytes: number) => void): AsyncGenerator<Task> {
	const ids = new Set<string>();
	let number = 0;
	for await (const line of readLines(path, onRead)) {
		number++;
		if (line.trim() === '') continue;
		const task = parseTask(line, number, `${path}, line ${number}`);
		if (ids.has(task.id))
			throw new RepriseError('OPTION_INVALID', `${path}, line ${number}: the id ${task.id} comes twice`);
		ids.add(task.id);
		yield task;
	}
	if (ids.size === 0) throw new RepriseError('OPTION_INVALID', `${path} holds no task`);
}

function parseTask(line: string, number: number, place: string): Task {
	try {
		const fields: unknown = JSON.parse(line);
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
	} catch (error) {
		if (isRepriseError(error)) throw new RepriseError(error.code, `${place}: ${error.message}`);
		throw new RepriseError('OPTION_INVALID', `${place}: Expected a JSON object: ${messageOf(error)}`);
	}
}
