import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type GenerateOptions, loadModel } from '../lib/index.js';
import { ask, problem } from './support/chatml.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel } from './support/models.js';

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

const drafts = [{ draft: 'off' as const }, { draft: { size: 16 } }];
const whole = await session.generate(copyPrompt).result;

describe('the context', () => {
	test('is the prompt, of which the prefix shared with the history is not computed again', async () => {
		const history = model.tokenize(copyPrompt, { parseSpecial: true });
		await session.prefill(history);
		const { metrics } = await session.generate([...history.slice(0, 10), ...history]).result;
		expect(metrics.promptTokens).toBe(history.length + 10);
		expect(metrics.reusedTokens).toBe(10);
	});

	test('is the history where there is no prompt', async () => {
		await session.prefill(copyPrompt);
		expect(await session.generate().text()).toBe(whole.text);
	});

	test('may be given as tokens', async () => {
		expect(await session.generate(model.tokenize(copyPrompt, { parseSpecial: true })).text()).toBe(
			whole.text,
		);
	});

	test('is in the history afterwards, with what was said', async () => {
		const { tokens } = await session.generate(copyPrompt).result;
		const prompt = model.tokenize(copyPrompt, { parseSpecial: true });
		expect([...(await session.history())]).toEqual([...prompt, ...tokens]);
	});

	test('reports how far its computation is', async () => {
		await session.rollback(0);
		const reports: Array<[number, number]> = [];
		await session.generate(copyPrompt, { onPrefill: (done, total) => reports.push([done, total]) }).result;
		const [done, total] = reports.at(-1) ?? [];
		expect(done).toBe(total);
		expect(total).toBe(model.tokenize(copyPrompt, { parseSpecial: true }).length);
	});
});

describe.each(drafts)('the end, with $draft', (draft) => {
	test('comes with the model’s end-of-turn token, which is no text', async () => {
		const { finishReason, tokens, text } = await session.generate(copyPrompt, draft).result;
		expect(finishReason).toBe('end');
		expect(model.info.endTokens).toContain(tokens.at(-1));
		expect(text).toBe(model.detokenize(tokens.slice(0, -1)));
	});

	test('with special has the end-of-turn token in the text', async () => {
		expect(await session.generate(copyPrompt, { ...draft, renderSpecial: true }).text()).toBe(
			`${whole.text}<|im_end|>`,
		);
	});

	test('comes after maxTokens', async () => {
		for (const maxTokens of [1, 2, 7]) {
			const { finishReason, tokens } = await session.generate(copyPrompt, { ...draft, maxTokens }).result;
			expect(finishReason).toBe('length');
			expect([...tokens]).toEqual([...whole.tokens.slice(0, maxTokens)]);
		}
	});

	test('comes exactly before a stop string, wherever in a draft it falls', async () => {
		const length = whole.text.length;
		await fc.assert(
			fc.asyncProperty(fc.nat(length - 1), fc.integer({ min: 1, max: 12 }), async (start, size) => {
				const stop = whole.text.slice(start, start + size);
				const result = await session.generate(copyPrompt, { ...draft, stop }).result;
				expect(result).toMatchObject({
					finishReason: 'stop',
					stopString: stop,
					text: whole.text.slice(0, whole.text.indexOf(stop)),
				});
			}),
			{ numRuns: 40 },
		);
	});

	test('comes before the stop string that is complete first', async () => {
		const result = await session.generate(copyPrompt, { ...draft, stop: ['market.', 'box', 'never'] }).result;
		expect(result.stopString).toBe('box');
		expect(whole.text.startsWith(`${result.text}box`)).toBe(true);
	});

	test('gives out text that only began like a stop string', async () => {
		const stop = `${whole.text.slice(-6)} and more`;
		expect(await session.generate(copyPrompt, { ...draft, stop }).result).toMatchObject({
			finishReason: 'end',
			text: whole.text,
		});
	});
});

describe('sampling', () => {
	const warm = { temperature: 1.5, maxTokens: 30 };

	test('gives the same text for the same seed', async () => {
		const first = await session.generate(copyPrompt, { ...warm, seed: 7 }).result;
		expect((await session.generate(copyPrompt, { ...warm, seed: 7 }).result).text).toBe(first.text);
		expect(first.seed).toBe(7);
	});

	test('gives other texts for other seeds', async () => {
		const texts = new Set<string>();
		for (let seed = 0; seed < 5; seed++)
			texts.add(await session.generate(copyPrompt, { ...warm, seed }).text());
		expect(texts.size).toBeGreaterThan(1);
	});

	test('without a seed draws one, which gives the text again', async () => {
		const first = await session.generate(copyPrompt, warm).result;
		expect(await session.generate(copyPrompt, { ...warm, seed: first.seed }).text()).toBe(first.text);
	});

	test('among the best one alone is greedy', async () => {
		expect(await session.generate(copyPrompt, { temperature: 1.5, topK: 1 }).text()).toBe(whole.text);
	});

	test('never says a banned token', async () => {
		const banned = whole.tokens[0] as number;
		for (const logitBias of [
			{ [banned]: Number.NEGATIVE_INFINITY },
			new Map([[banned, Number.NEGATIVE_INFINITY]]),
		])
			expect((await session.generate(copyPrompt, { logitBias, maxTokens: 40 }).result).tokens).not.toContain(
				banned,
			);
	});

	test('by each filter draws other texts, and the same one for the same seed', async () => {
		const texts = new Set<string>();
		for (const filter of [
			{},
			{ topNSigma: 4 },
			{ typicalP: 0.99 },
			{ xtcProbability: 1, xtcThreshold: 0.01 },
			{ mirostat: 2, mirostatTau: 6 } as const,
		]) {
			const options = { temperature: 3, maxTokens: 40, seed: 11, ...filter };
			const text = await session.generate(copyPrompt, { ...options, draft: 'off' }).text();
			expect(await session.generate(copyPrompt, options).text()).toBe(text);
			texts.add(text);
		}
		expect(texts.size).toBe(5);
	});

	test('with XTC at every token never takes the best one where another is probable enough', async () => {
		const exclude = { xtcProbability: 1, xtcThreshold: 0.001, temperature: 1, seed: 1, maxTokens: 30 };
		const { logprobs } = await session.generate(copyPrompt, { ...exclude, logprobs: 2 }).result;
		const probable = logprobs.filter(({ top }) => Math.exp(top[1]?.logprob ?? 0) >= 0.0011);
		expect(probable.length).toBeGreaterThan(0);
		for (const { token, top } of probable) expect(token).not.toBe(top[0]?.token);
		const never = { ...exclude, xtcThreshold: 0.6 };
		expect(await session.generate(copyPrompt, never).text()).toBe(
			await session.generate(copyPrompt, { ...never, xtcProbability: 0 }).text(),
		);
	});

	test('under DRY does not go on with what it said, but after a breaker', async () => {
		const ends = new Map(model.info.endTokens.map((token) => [token, Number.NEGATIVE_INFINITY]));
		const options = { logitBias: ends, maxTokens: 120, dryPenaltyLastN: 1000 };
		const longest = (tokens: Int32Array) => {
			let most = 0;
			for (let i = 0; i < tokens.length; i++)
				for (let j = 0; j < i; j++) {
					let length = 0;
					while (i + length < tokens.length && tokens[i + length] === tokens[j + length]) length++;
					most = Math.max(most, length);
				}
			return most;
		};
		const plain = await session.generate(copyPrompt, options).result;
		const dry = { ...options, dryMultiplier: 50, dryAllowedLength: 3, drySequenceBreakers: [] };
		const penalised = await session.generate(copyPrompt, dry).result;
		expect(longest(plain.tokens)).toBeGreaterThan(10);
		expect(longest(penalised.tokens)).toBeLessThanOrEqual(4);
		const breakers = [...'abcdefghijklmnopqrstuvwxyz .'];
		const broken = await session.generate(copyPrompt, { ...dry, drySequenceBreakers: breakers }).result;
		expect(longest(broken.tokens)).toBeGreaterThan(10);
	});

	test.each([
		[{ mirostat: 1 }, /0 \(off\) or 2 \(Mirostat 2\) for mirostat but received 1/],
		[{ typicalP: 1.1 }, /a number in 0…1 for typicalP/],
		[{ topNSigma: -1 }, /a number in 0…100 for topNSigma/],
		[{ xtcProbability: 2 }, /a number in 0…1 for xtcProbability/],
		[{ dryBase: 0.5 }, /a number in 1…100 for dryBase/],
		[{ drySequenceBreakers: '\n' }, /an array of at most 64 strings for drySequenceBreakers/],
		[{ drySequenceBreakers: [''] }, /strings of 1…40 bytes for drySequenceBreakers but received ""/],
		[{ drySequenceBreakers: ['é'.repeat(21)] }, /strings of 1…40 bytes/],
	])('cannot have %j', (options, message) => {
		const given = options as GenerateOptions;
		expect(() => session.generate(copyPrompt, given)).toThrow(
			expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(message) }),
		);
	});

	test('with a high frequency penalty repeats less', async () => {
		const repeats = (tokens: Int32Array) => tokens.length - new Set(tokens).size;
		const ends = new Map(model.info.endTokens.map((token) => [token, Number.NEGATIVE_INFINITY]));
		const options = { logitBias: ends, maxTokens: 100 };
		const plain = await session.generate(copyPrompt, options).result;
		const penalised = await session.generate(copyPrompt, {
			...options,
			frequencyPenalty: 10,
			penaltyWindow: 200,
		}).result;
		expect(repeats(penalised.tokens)).toBeLessThan(repeats(plain.tokens));
	});
});

describe('a grammar', () => {
	test('is followed', async () => {
		const answers = ['yes', 'no', 'maybe'];
		const grammar = `root ::= ${answers.map((answer) => `"${answer}"`).join(' | ')}`;
		for (const draft of drafts)
			expect(answers).toContain(await session.generate(copyPrompt, { ...draft, grammar }).text());
	});

	test('of several bytes a character never splits one across chunks', async () => {
		const line = 'é🙂漢字🙂é';
		const texts: string[] = [];
		for await (const { text } of session.generate(copyPrompt, { grammar: `root ::= "${line}"` }))
			texts.push(text);
		expect(texts.join('')).toBe(line);
		for (const text of texts) expect(text).not.toContain('\uFFFD');
	});

	test('that cannot be parsed is an error, and the session stays usable', async () => {
		await expect(session.generate(copyPrompt, { grammar: 'root ::= (' }).result).rejects.toMatchObject({
			code: 'GRAMMAR_INVALID',
		});
		expect(await session.generate(copyPrompt).text()).toBe(whole.text);
	});
});

test('drafts unless told not to, where the text repeats itself', async () => {
	const ends = new Map(model.info.endTokens.map((token) => [token, Number.NEGATIVE_INFINITY]));
	const { metrics } = await session.generate(copyPrompt, { logitBias: ends, maxTokens: 400 }).result;
	expect(metrics.accepted).toBeGreaterThan(0);
});

test('a prediction is drafted from', async () => {
	const plain = await session.generate(ask(problem), { draft: 'off' }).result;
	for (const prediction of [plain.text, plain.tokens]) {
		const result = await session.generate(ask(problem), { draft: { size: 8 }, prediction }).result;
		expect(result.text).toBe(plain.text);
		expect(result.metrics.acceptedBySource.prediction).toBeGreaterThan(0);
	}
});

describe('a full context', () => {
	const endTokens = new Map(model.info.endTokens.map((token) => [token, Number.NEGATIVE_INFINITY]));

	test('ends the generation, which says so', async () => {
		await using small = await model.createSession({ contextLength: 64, threads: 1 });
		const { finishReason, metrics } = await small.generate(copyPrompt, { logitBias: endTokens }).result;
		expect(finishReason).toBe('context');
		expect(metrics.promptTokens + metrics.outputTokens).toBeGreaterThanOrEqual(64);
	});

	test('with overflow: shift goes on', async () => {
		await using small = await model.createSession({ contextLength: 64, threads: 1, overflow: 'shift' });
		const { finishReason, tokens } = await small.generate(copyPrompt, {
			logitBias: endTokens,
			maxTokens: 200,
		}).result;
		expect(finishReason).toBe('length');
		expect(tokens).toHaveLength(200);
	});
});
