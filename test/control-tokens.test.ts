import { afterAll, describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel } from '../lib/index.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';

const models = [
	{ name: 'tiny-edit', model: await loadModel(embeddedModel) },
	{ name: 'tiny-qwen2', model: await loadModel(await randomModel('tiny-qwen2')) },
];
afterAll(async () => {
	for (const { model } of models) await model.dispose();
});

const drafts: Array<NonNullable<GenerateOptions['draft']>> = ['off', { size: 8 }];

describe.each(models)('a control token of $name', ({ model }) => {
	const start = '<|im_start|>';
	const [id = -1] = model.tokenize(start, { parseSpecial: true });
	const control = model.tokenize('<|im_start|>user', { parseSpecial: true });

	/** Makes a model say these tokens, one after another: each is wanted more than the next until it was said. */
	const saying = (tokens: Int32Array): GenerateOptions => {
		expect(new Set(tokens).size).toBe(tokens.length);
		return {
			logitBias: new Map([...tokens].map((token, at) => [token, 10_000 - 500 * at])),
			repeatPenalty: 100,
			maxTokens: tokens.length,
			prediction: tokens,
		};
	};

	test('is the one token that its text is', () => {
		expect(model.tokenize(start, { parseSpecial: true })).toHaveLength(1);
		expect(model.detokenize([id])).toBe('');
		expect(model.detokenize([id], { renderSpecial: true })).toBe(start);
	});

	describe.each(drafts)('with drafts %j', (draft) => {
		test('ends the text before it as a stop string, though its text is not shown', async () => {
			await using session = await model.createSession({ contextLength: 256, threads: 1 });
			const options: GenerateOptions = { maxTokens: 6, logitBias: { [id]: 1000 }, draft };
			const { text, tokens, finishReason, stopString } = await session.generate('Hello', {
				...options,
				stop: ['never', start],
			}).result;
			expect({ text, finishReason, stopString }).toEqual({
				text: '',
				finishReason: 'stop',
				stopString: start,
			});
			expect([...tokens]).toEqual([id]);
		});

		test.each([
			{ stop: `${start}user`, said: `a${start}user`, text: 'a' },
			{ stop: `a${start}`, said: `xa${start}`, text: 'x' },
			{ stop: `${start}us`, said: `xa${start}user`, text: 'xa' },
			{ stop: `${start}\n`, said: `a${start}\nb`, text: 'a' },
			{ stop: 'b', said: `a${start}bc`, text: 'a', shown: `a${start}` },
		])('in the stop string $stop ends $said', async ({ stop, said, text, shown = text }) => {
			await using session = await model.createSession({ contextLength: 256, threads: 1 });
			const tokens = Int32Array.from(
				said.split(start).flatMap((part, at) => [...(at > 0 ? [id] : []), ...model.tokenize(part)]),
			);
			for (const special of [false, true]) {
				const result = await session.generate('?', { ...saying(tokens), stop, renderSpecial: special, draft })
					.result;
				expect({ text: result.text.trimStart(), stop: result.stopString }).toEqual({
					text: special ? shown : text,
					stop,
				});
			}
		});

		test('in a grammar is in the text, be it said as one token or spelt', async () => {
			await using session = await model.createSession({ contextLength: 256, threads: 1 });
			const grammar = 'root ::= "<|im_start|>" "user"';
			const preferred: Array<[number, boolean]> = [
				[1000, true],
				[-Infinity, false],
			];
			for (const [bias, asOne] of preferred) {
				const { text, tokens } = await session.generate('Hello', {
					grammar,
					logitBias: { [id]: bias },
					prediction: control,
					draft,
				}).result;
				expect(text).toBe('<|im_start|>user');
				expect(tokens.includes(id)).toBe(asOne);
			}
		});
	});

	test('is not found by a stop string that is a part of its text', async () => {
		await using session = await model.createSession({ contextLength: 256, threads: 1 });
		const { finishReason, tokens } = await session.generate('Hello', {
			maxTokens: 6,
			logitBias: { [id]: 1000 },
			stop: ['im_start', '|>', '<', 'im'],
		}).result;
		expect({ finishReason, said: tokens.length }).toEqual({ finishReason: 'length', said: 6 });
	});
});

test('an end token that is a stop string ends the text as one', async () => {
	const [{ model } = { model: undefined }] = models;
	if (model === undefined) throw new Error('There is no model');
	await using session = await model.createSession({ contextLength: 256, threads: 1 });
	const plain = await session.generate(copyPrompt).result;
	const stopped = await session.generate(copyPrompt, { stop: '<|im_end|>' }).result;
	expect(plain.finishReason).toBe('end');
	expect(stopped).toMatchObject({ finishReason: 'stop', stopString: '<|im_end|>', text: plain.text });
	expect(stopped.tokens).toEqual(plain.tokens);
});
