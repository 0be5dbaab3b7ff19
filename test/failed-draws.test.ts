import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { GenerateOptions } from '../lib/generate-options.js';
import { loadModel } from '../lib/index.js';
import type { Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import { modelWithNanToken, modelWithNorm } from './support/damaged-model.js';
import { copyPrompt, noEnd } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';
import { ForkLog, run } from './support/runs.js';

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
const folders: string[] = [];
afterAll(async () => {
	await session.dispose();
	await model.dispose();
	for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Bans tokens by what their text holds. */
function without(model: Model, pattern: RegExp): Map<number, number> {
	const ids = Array.from({ length: model.info.vocabularySize }, (_, id) => id);
	return new Map(
		ids
			.filter((id) => pattern.test(model.detokenize([id], { renderSpecial: true })))
			.map((id) => [id, Number.NEGATIVE_INFINITY]),
	);
}

const drafts: Array<{ draft: NonNullable<GenerateOptions['draft']> }> = [
	{ draft: 'off' },
	{ draft: { size: 8 } },
];

/** Fails after "The cat sat ", for no digit may be said. */
function failing(model: Model): GenerateOptions {
	return {
		grammar: 'root ::= "The cat sat " [0-9]',
		logitBias: without(model, /\d/),
		prediction: 'The cat sat 5',
	};
}

describe.each(drafts)('a draw that finds no token, with %j', (draft) => {
	test('ends the text where the grammar allows nothing more and the end is banned', async () => {
		for (const temperature of [0, 1]) {
			const options = { ...draft, temperature, seed: 1, logitBias: noEnd(model) };
			const { text, finishReason, tokens } = await session.generate(copyPrompt, {
				...options,
				grammar: 'root ::= "ab cd ef"',
				prediction: 'ab cd ef gh',
			}).result;
			expect({ text, finishReason }).toEqual({ text: 'ab cd ef', finishReason: 'end' });
			const prompt = model.tokenize(copyPrompt, { parseSpecial: true });
			expect([...(await session.history())]).toEqual([...prompt, ...tokens]);
		}
	});

	test('ends the text at once where the grammar allows none', async () => {
		const { text, tokens, finishReason } = await session.generate(copyPrompt, {
			...draft,
			grammar: 'root ::= ""',
			logitBias: noEnd(model),
		}).result;
		expect({ text, said: tokens.length, finishReason }).toEqual({ text: '', said: 0, finishReason: 'end' });
		expect(await session.history()).toEqual(model.tokenize(copyPrompt, { parseSpecial: true }));
	});

	test('is an error where every token is banned, and commits nothing', async () => {
		const logitBias = without(model, /^/);
		expect(logitBias.size).toBe(model.info.vocabularySize);
		for (const temperature of [0, 1]) {
			const options = { ...draft, temperature, logitBias };
			await expect(session.generate(copyPrompt, options).result).rejects.toMatchObject({
				code: 'OPTION_INVALID',
				message: expect.stringContaining('logitBias bans every token'),
			});
			expect(await session.history()).toEqual(model.tokenize(copyPrompt, { parseSpecial: true }));
		}
	});

	test('is an error where no token that is left fits the grammar; what was said before is told', async () => {
		const generation = session.generate(copyPrompt, { ...draft, ...failing(model) });
		let text = '';
		const tokens: number[] = [];
		const read = async () => {
			for await (const chunk of generation) {
				text += chunk.text;
				tokens.push(...chunk.tokens);
			}
		};
		await expect(read()).rejects.toMatchObject({ code: 'GRAMMAR_INVALID' });
		expect(text).toBe('The cat sat ');
		const prompt = model.tokenize(copyPrompt, { parseSpecial: true });
		expect([...(await session.history())]).toEqual([...prompt, ...tokens]);
	});
});

describe.each([Number.NaN, Number.POSITIVE_INFINITY])('a model that computes %d', (value) => {
	test('gives an error and no token, however it is sampled', async () => {
		const path = await modelWithNorm(value);
		folders.push(dirname(path));
		await using damaged = await loadModel(path);
		await using broken = await damaged.createSession({ contextLength: 128, threads: 1 });
		const kinds: GenerateOptions[] = [
			{},
			{ temperature: 0.8, topK: 40 },
			{ repeatPenalty: 1.2 },
			{ logitBias: { 7: 1e300 } },
			{ grammar: 'root ::= "a"' },
		];
		for (const options of kinds) {
			await expect(broken.generate('Hello', { maxTokens: 8, ...options }).result).rejects.toMatchObject({
				code: 'DECODE_FAILED',
				message: expect.stringContaining('The model computed'),
			});
			expect(await broken.history()).toEqual(damaged.tokenize('Hello'));
		}
	});

	test.each([1, 2, 3])('gives an error where a prompt is computed by %i tokens', async (batchSize) => {
		const path = await modelWithNorm(value);
		folders.push(dirname(path));
		await using damaged = await loadModel(path);
		await using broken = await damaged.createSession({ contextLength: 128, threads: 1, batchSize });
		const fork = await broken.fork();
		const prompt = [5, 6, 7, 8, 9, 10, 11];
		const both = [broken, fork].map((one) => one.generate(prompt, { maxTokens: 8 }).result);
		for (const one of both) await expect(one).rejects.toMatchObject({ code: 'DECODE_FAILED' });
		await fork.dispose();
	});
});

describe.each(['tiny-edit', 'tiny-gemma3', 'tiny-lfm2', 'tiny-mamba'] as const)(
	'one of several sessions of %s that fails in a shared pass',
	(shape) => {
		test.each(drafts)('leaves the others and its own history as they are, with %j', async (draft) => {
			await using family = await loadModel(shape === 'tiny-edit' ? embeddedModel : await randomModel(shape));
			const text = 'Mara found a red box near the market. Tom asked Lena about the coins.';
			const prompt = family.tokenize(text, { addSpecial: family.info.addBos });
			const options = { contextLength: 1024, threads: 1, maxSequences: 32 };
			await using root = await family.createSession(options);
			await root.prefill(prompt);
			const members: Session[] = [root];
			for (let i = 0; i < 3; i++) members.push(await root.fork());
			const says = (index: number): GenerateOptions => ({
				...draft,
				maxTokens: 24,
				seed: index,
				temperature: index % 2,
				logitBias: noEnd(family),
				prediction: text,
			});
			const fails = { ...draft, ...failing(family) };
			const failed = (members[1] as Session).generate(null, fails).result;
			const others = [0, 2, 3].map(async (index) => ({
				index,
				outcome: await run(members[index] as Session, null, says(index)),
			}));
			await expect(failed).rejects.toMatchObject({ code: 'GRAMMAR_INVALID' });

			const forks = new ForkLog();
			await using alone = await family.createSession(options);
			for (const { index, outcome } of await Promise.all(others))
				await forks.compare(`member ${index}`, await run(alone, prompt, says(index)), outcome);
			expect(forks.runs).toBe(3);

			// The one that failed goes on from what it had said, and so do the others.
			const said = family.detokenize((await (members[1] as Session).history()).slice(prompt.length));
			expect(said.trim()).toBe('The cat sat');
			for (const member of members) {
				const history = await member.history();
				const further = await run(member, null, says(6));
				await forks.compare('further', await run(alone, history, says(6)), further);
			}
			expect(forks.wide).toEqual([]);
			for (const member of members.slice(1)) await member.dispose();
		});
	},
);

describe.each(drafts)('a token that the model embeds as NaN, with %j', (draft) => {
	test('fails the session that reads it alone, and leaves nothing behind in the cache', async () => {
		const path = await modelWithNanToken(300);
		folders.push(dirname(path));
		const spoilt = await loadModel(path);
		const options = {
			...draft,
			maxTokens: 30,
			logitBias: { ...noEnd(spoilt), 300: Number.NEGATIVE_INFINITY },
			prediction: [300, 301],
		};
		const prompt = [5, 6, 7, 8];
		const alone = await spoilt.createSession({ contextLength: 256 });
		const right = await alone.generate(prompt, options).result;
		await alone.dispose();

		const one = await spoilt.createSession({ contextLength: 256 });
		await one.prefill(prompt);
		const other = await one.fork();
		const failing = other.generate([5, 6, 300, 7], options).result;
		const healthy = one.generate(null, options).result;
		await expect(failing).rejects.toMatchObject({ code: 'DECODE_FAILED' });
		expect([...(await healthy).tokens]).toEqual([...right.tokens]);
		await other.prefill([5, 300, 6, 7]);
		expect([...(await one.generate(prompt, options).result).tokens]).toEqual([...right.tokens]);
		await other.dispose();
		await one.rollback(0);
		expect([...(await one.generate(prompt, options).result).tokens]).toEqual([...right.tokens]);
		await one.dispose();
		await spoilt.dispose();
	});
});
