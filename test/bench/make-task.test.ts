import { afterAll, describe, expect, test } from 'vitest';
import { makeTask } from '../../lib/bench/make-task.js';
import { ModelFile } from '../../lib/bench/model-file.js';
import type { TaskRequest, Workload } from '../../lib/bench/task.js';
import { embeddedModel } from '../support/models.js';

const model = await ModelFile.open(embeddedModel, new AbortController().signal);
afterAll(() => model[Symbol.asyncDispose]());

/** A workload whose text is `question`, and which notes what it was asked for. */
function asking(question: string, answer: string): { workload: Workload; requests: TaskRequest[] } {
	const requests: TaskRequest[] = [];
	return {
		requests,
		workload: {
			name: 'asking',
			description: 'a question',
			text: async (request) => {
				requests.push(request);
				return { messages: [{ role: 'user', content: question }], answer };
			},
		},
	};
}

const recorded = { choices: 'recorded', tokens: 8, contextLength: 1024 } as const;
const answer = 'Mara found a lantern near the harbor, and Tom brings 24 candles.';

describe('a task', () => {
	test('is the prompt through the model’s template, and the beginning of the answer', async () => {
		const { workload } = asking('What did Mara find?', answer);
		const task = await makeTask(workload, { context: 64, seed: 3 }, model, recorded);
		if ('skipped' in task) throw new Error(task.skipped);
		expect(task).toMatchObject({ workload: 'asking', context: 64, seed: 3 });
		expect(model.text(task.prompt)).toMatch(/What did Mara find\?[\s\S]*assistant\n$/);
		expect(task.answer).toHaveLength(8);
		expect(answer.startsWith(model.text(task.answer ?? new Int32Array()))).toBe(true);
	});

	test('leaves the choices to the model unless they are recorded', async () => {
		const { workload } = asking('What did Mara find?', answer);
		const task = await makeTask(workload, { context: 64, seed: 0 }, model, { ...recorded, choices: 'own' });
		expect(task).toMatchObject({ answer: null });
	});

	test('is asked for with a way to count its tokens, template and all', async () => {
		const { workload, requests } = asking('What?', answer);
		const task = await makeTask(workload, { context: 64, seed: 0 }, model, recorded);
		const count = await requests[0]?.countTokens([{ role: 'user', content: 'What?' }]);
		expect('skipped' in task ? 0 : task.prompt.length).toBe(count);
	});
});

describe('there is no task', () => {
	const long = 'What did Mara find? '.repeat(400);

	test.each([
		['longer than the arms have room for', long, answer, recorded, 64],
		['without an answer to decode', 'What?', 'a', recorded, 64],
		[
			'beyond what a model that chooses was trained for',
			'What?',
			answer,
			{ ...recorded, choices: 'own' as const },
			5000,
		],
	])('%s', async (_, question, text, options, context) => {
		const { workload } = asking(question, text);
		expect(await makeTask(workload, { context, seed: 0 }, model, options)).toEqual({
			skipped: expect.any(String),
		});
	});
});
