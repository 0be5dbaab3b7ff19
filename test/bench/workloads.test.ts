import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { ModelFile } from '../../lib/bench/model-file.js';
import type { TaskText, Workload } from '../../lib/bench/task.js';
import { chatOf } from '../../lib/bench/workloads/chat.js';
import { copiedFrom } from '../../lib/bench/workloads/copied-share.js';
import { isNear } from '../../lib/bench/workloads/fit.js';
import { readTalks } from '../../lib/bench/workloads/recorded-talks.js';
import { workloads, workloadsWithChat } from '../../lib/bench/workloads/workloads.js';
import { embeddedModel } from '../support/models.js';

const model = await ModelFile.open(embeddedModel, new AbortController().signal);
afterAll(() => model[Symbol.asyncDispose]());
afterEach(() => vi.unstubAllGlobals());

const named = workloads.map((workload) => [workload.name, workload] as const);

async function make(workload: Workload, context: number, seed: number): Promise<TaskText> {
	const countTokens = async (messages: TaskText['messages']) => (await model.prompt(messages)).length;
	const task = await workload.text({ context, seed, countTokens });
	if ('skipped' in task) throw new Error(`${workload.name} ${context} ${seed}: ${task.skipped}`);
	return task;
}

const contexts = [512, 1024, 4096];
const seeds = [0, 1, 2];
const requests = contexts.flatMap((context) => seeds.map((seed) => ({ context, seed })));

describe.each(named)('%s', (name, workload) => {
	test('has prompts of about the length that was asked for, which end with the user', async () => {
		for (const { context, seed } of requests) {
			const { messages, answer } = await make(workload, context, seed);
			const { length } = await model.prompt(messages);
			expect(isNear(length, context), `${length} of ${context}`).toBe(true);
			expect(messages.at(-1)?.role).toBe('user');
			expect(answer.length).toBeGreaterThan(100);
		}
	});

	test('gives the same task for the same request, whatever the time', async () => {
		const first = await make(workload, 1024, 3);
		const refuse = () => {
			throw new Error('not from outside');
		};
		vi.stubGlobal('fetch', refuse);
		vi.stubGlobal('Date', refuse);
		vi.stubGlobal('Math', Object.create(Math, { random: { value: refuse } }));
		expect(await make(workload, 1024, 3)).toEqual(first);
	});

	test('has another answer for each length and seed', async () => {
		const answers = new Set<string>();
		for (const { context, seed } of requests) answers.add((await make(workload, context, seed)).answer);
		expect(answers.size).toBe(requests.length);
	});

	/** The least and the most that can be copied of an answer, on average. */
	const shares: Record<string, [number, number]> = {
		rewrite: [0.6, 0.95],
		'code-edit': [0.6, 0.95],
		'json-edit': [0.8, 0.98],
		quote: [0.3, 0.7],
		correct: [0.7, 0.98],
		chat: [0.05, 0.8],
		prose: [0, 0.05],
	};

	test('has as much to copy as it says', async () => {
		let sum = 0;
		for (const { context, seed } of requests) {
			const { messages, answer } = await make(workload, context, seed);
			sum += copiedFrom(await model.prompt(messages), model.tokens(answer).subarray(0, 192), 8).share;
		}
		const [least, most] = shares[name] as [number, number];
		expect(sum / requests.length).toBeGreaterThanOrEqual(least);
		expect(sum / requests.length).toBeLessThanOrEqual(most);
	});
});

const byName = (name: string) => workloads.find((workload) => workload.name === name) as Workload;
const json = (text: string) => JSON.parse(text.split('```json\n')[1]?.split('```')[0] ?? '');

test('a JSON file stays one with as many records when it is changed', async () => {
	for (const seed of [0, 1, 2, 3, 4, 5, 6]) {
		const { messages, answer } = await make(byName('json-edit'), 1024, seed);
		const [before, after] = [json(messages[0]?.content ?? ''), json(answer)];
		expect(after).not.toEqual(before);
		const [list] = Object.values(before);
		const [changed] = Object.values(after);
		if (Array.isArray(list)) expect(changed).toHaveLength(list.length);
		else expect(Object.keys(after)).toHaveLength(Object.keys(before).length);
	}
});

test('the corrected answer is the first one without its mistakes', async () => {
	for (const seed of [0, 1, 2, 3]) {
		const { messages, answer } = await make(byName('correct'), 2048, seed);
		expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
		const first = messages[1]?.content ?? '';
		expect(first).not.toBe(answer);
		expect(copiedFrom(model.tokens(first), model.tokens(answer), 8).share).toBeGreaterThan(0.6);
	}
});

test('prose answers with other texts where the length or the seed is another', async () => {
	const beginnings = new Set<string>();
	for (const context of [256, 512, 1024, 2048, 4096, 8192, 16384])
		for (let seed = 0; seed < 8; seed++) {
			const countTokens = async () => context;
			const task = await byName('prose').text({ context, seed, countTokens });
			if (!('skipped' in task)) beginnings.add(task.answer.slice(0, 60));
		}
	expect(beginnings.size).toBe(56);
});

test('a task that has no room says how much it needs', async () => {
	for (const [, workload] of named) {
		const countTokens = async () => 1000;
		expect(await workload.text({ context: 32, seed: 0, countTokens })).toEqual({
			skipped: expect.stringMatching(/1000|length/),
		});
	}
});

describe('recorded conversations', () => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-talks-'));
	const line = (system: string, topic: string) =>
		JSON.stringify({
			...{ dataset: 'talks', model: 'some', template: 'chatml', system },
			turns: [1, 2, 3].map((turn) => ({
				user: `Question ${turn} on ${topic}?`,
				assistant: `Answer ${turn} on ${topic}: ${`it is about ${topic}. `.repeat(6)}`,
			})),
		});
	writeFileSync(join(folder, 'b.jsonl'), `${line('', 'trees')}\n${line('', 'boats')}\n`);
	writeFileSync(join(folder, 'a.jsonl'), `${line('Be brief.', 'kites')}\n`);
	writeFileSync(join(folder, 'notes.txt'), 'no conversation');

	test('come from a file or from all of a folder', async () => {
		expect(await readTalks(join(folder, 'b.jsonl'))).toHaveLength(2);
		const talks = await readTalks(folder);
		expect(talks.map(({ system }) => system)).toEqual(['Be brief.', '', '']);
	});

	test('give later turns, with what was recorded as the answer', async () => {
		const all = await workloadsWithChat(folder);
		const chat = all.find(({ name }) => name === 'chat') as Workload;
		expect(all).toHaveLength(workloads.length);
		const { messages, answer } = await make(chat, 256, 0);
		const [, turn, topic] = /^Question (\d) on (\w+)/.exec(messages.at(-1)?.content ?? '') ?? [];
		expect(Number(turn)).toBeGreaterThan(1);
		expect(answer).toContain(`Answer ${turn} on ${topic}`);
	});

	test('have no task where there is nothing like it', async () => {
		const none = chatOf([{ system: '', turns: [{ user: 'Hello', assistant: 'Hello!' }] }], 'talks');
		const countTokens = async () => 10;
		expect(await none.text({ context: 256, seed: 0, countTokens })).toEqual({
			skipped: expect.stringContaining('second turn'),
		});
		await expect(readTalks(join(folder, 'nothing.jsonl'))).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		await expect(readTalks(mkdtempSync(join(folder, 'empty-')))).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining('.jsonl'),
		});
	});
});
