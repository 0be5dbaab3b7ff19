import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import type { CacheType, SessionOptions } from '../lib/session-options.js';
import { Choices } from './support/choices.js';
import { corrupt } from './support/corrupt.js';
import { embeddedModel, randomModel } from './support/models.js';
import { anyPrompt, editPrompt } from './support/prompts.js';
import { findFork, run } from './support/runs.js';

/**
 * Near-ties in logits by cache type, as in cpp/engine/near_tie.cc: the largest difference of one token's margins in
 * plain and drafted passes that bench/margins.ts measured, and at least a quarter more. docs/lossless.md has the table.
 */
const kinds: Array<{ keyType: CacheType; valueType: CacheType; flash: 'on' | 'off'; nearTie: number }> = [
	{ keyType: 'f32', valueType: 'f32', flash: 'off', nearTie: 0.1 },
	{ keyType: 'f16', valueType: 'f16', flash: 'off', nearTie: 0.1 },
	{ keyType: 'f16', valueType: 'f16', flash: 'on', nearTie: 0.1 },
	{ keyType: 'q8_0', valueType: 'f16', flash: 'off', nearTie: 0.2 },
	{ keyType: 'q8_0', valueType: 'q8_0', flash: 'on', nearTie: 0.2 },
	{ keyType: 'f16', valueType: 'q4_0', flash: 'on', nearTie: 0.2 },
	{ keyType: 'q4_0', valueType: 'f16', flash: 'off', nearTie: 1 },
	{ keyType: 'q4_0', valueType: 'q4_0', flash: 'on', nearTie: 1 },
];

const models = [
	{ name: 'tiny-edit', model: await loadModel(embeddedModel), makePrompt: editPrompt },
	{ name: 'tiny-qwen2', model: await loadModel(await randomModel('tiny-qwen2')), makePrompt: anyPrompt },
];
afterAll(async () => {
	for (const { model } of models) await model.dispose();
});

describe.each(models)('of $name', ({ name, model, makePrompt }) => {
	test.each(kinds)(
		'$keyType keys and $valueType values, flash attention $flash: texts part at near-ties only',
		async ({ keyType, valueType, flash, nearTie }) => {
			const options: SessionOptions = { keyType, valueType, flashAttention: flash, threads: 1 };
			await using session = await model.createSession({ ...options, contextLength: 512 });
			const choices = new Choices(4, name);
			let compared = 0;
			for (let i = 0; i < 4; i++) {
				const { addBos } = model.info;
				const prompt = model.tokenize(makePrompt(choices), { addSpecial: addBos, parseSpecial: true });
				for (const temperature of [0, 0.8]) {
					const say = { temperature, seed: i, maxTokens: 30 };
					const plain = await run(session, prompt, { ...say, draft: 'off' });
					// Margins are in units of the temperature.
					const distances = plain.margins.map((margin) => margin * (temperature || 1));
					const close = distances.filter((distance) => distance < nearTie).length;
					expect(plain.metrics.nearTies).toBe(close);
					const prediction = corrupt(plain.tokens, 8, model.info.vocabularySize, choices);
					const drafted = await run(session, prompt, { ...say, draft: { size: 16 }, prediction });
					const fork = findFork(plain, drafted);
					if (fork) expect(distances[fork.position]).toBeLessThan(nearTie);
					const agreed = fork?.position ?? plain.tokens.length;
					for (let at = 0; at < agreed; at++) {
						const difference = Math.abs((plain.margins[at] ?? 0) - (drafted.margins[at] ?? 0));
						expect(difference * (temperature || 1)).toBeLessThan(nearTie);
						compared++;
					}
				}
			}
			expect(compared).toBeGreaterThan(100);
		},
	);
});

test.each(['q8_0', 'q4_0'] as const)(
	'%s keys shift, though 64 does not divide the heads',
	async (keyType) => {
		for (const { model } of models) {
			await using session = await model.createSession({ keyType, contextLength: 64, overflow: 'shift' });
			const logitBias = Object.fromEntries(model.info.endTokens.map((id) => [id, -Infinity]));
			const { tokens } = await session.generate('Once upon a time', { maxTokens: 150, logitBias }).result;
			expect(tokens).toHaveLength(150);
		}
	},
);

test('a filter that leaves one token has the near-ties of greedy choice, which takes the same tokens', async () => {
	const choices = new Choices(5, 'one left');
	let nearTies = 0;
	for (const { model, makePrompt } of models) {
		await using session = await model.createSession({ contextLength: 512, threads: 1, keyType: 'q4_0' });
		for (let i = 0; i < 4; i++) {
			const prompt = makePrompt(choices);
			const greedy = await run(session, prompt, { maxTokens: 30, draft: 'off' });
			for (const filter of [{ topK: 1 }, { topP: 0 }, { minP: 1 }]) {
				const options = { ...filter, temperature: 0.7, seed: i, maxTokens: 30, draft: 'off' } as const;
				const filtered = await run(session, prompt, options);
				expect(filtered.tokens).toEqual(greedy.tokens);
				expect(filtered.margins.every((margin) => margin === Infinity)).toBe(true);
				expect(filtered.metrics.nearTies).toBe(greedy.metrics.nearTies);
				nearTies += filtered.metrics.nearTies;
			}
		}
	}
	expect(nearTies).toBeGreaterThan(0);
});
