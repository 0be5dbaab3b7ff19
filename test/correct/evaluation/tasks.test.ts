import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTasks } from '../../../lib/correct/evaluation/tasks.js';
import type { Task } from '../../../lib/correct/verifier.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-tasks-'));

async function read(...lines: string[]): Promise<Task[]> {
	const path = join(folder, 'tasks.jsonl');
	writeFileSync(path, lines.join('\n'));
	const tasks: Task[] = [];
	for await (const task of readTasks(path)) tasks.push(task);
	return tasks;
}

test('a line is a task, which keeps its further fields', async () => {
	const lines = ['{"id":"a","prompt":"2 + 2?","answer":"4","level":1}', '', '{"prompt":"3 + 3?","answer":6}'];
	expect(await read(...lines)).toEqual([
		{ id: 'a', prompt: '2 + 2?', answer: '4', level: 1 },
		{ id: '3', prompt: '3 + 3?', answer: '6' },
	]);
});

test.each([
	['no JSON', '{"prompt":', /line 1: Expected a JSON object/],
	['no object', '[]', /line 1: Expected a JSON object/],
	['no prompt', '{"id":"a"}', /line 1: Expected a string for prompt but received undefined/],
	['an answer that is none', '{"prompt":"","answer":[]}', /for answer but received an array of 0/],
	['an id twice', '{"id":"a","prompt":""}\n{"id":"a","prompt":""}', /line 2: the id a comes twice/],
	['nothing', '', /holds no task/],
])('%s is an error that says where', async (_, lines, message) => {
	await expect(read(lines)).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringMatching(message),
	});
});
