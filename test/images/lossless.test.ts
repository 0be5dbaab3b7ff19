import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EncodedImage } from '../../lib/image-input.js';
import type { Model } from '../../lib/model.js';
import type { Session } from '../../lib/session.js';
import { Choices } from '../support/choices.js';
import { corrupt } from '../support/corrupt.js';
import { isFilterTie } from '../support/filter-tie.js';
import { randomModel } from '../support/models.js';
import { loadReader, noise, readers } from '../support/pictures.js';
import { anyPrompt } from '../support/prompts.js';
import { ForkLog, run } from '../support/runs.js';
import { declarations, samplers, treeSizes } from '../support/samplers.js';

const maxTokens = 40;
const promptsPerSampler = 2;

const allSamplers = [
	{ name: 'greedy', options: {} },
	...samplers,
	{ name: 'a grammar', options: { grammar: declarations, temperature: 0.5 } },
];

/** Texts with images between them. */
function promptWith(model: Model, images: readonly EncodedImage[], choices: Choices): Int32Array {
	const text = () => model.tokenize(anyPrompt(choices));
	const begin = model.info.addBos ? [model.info.bosToken] : [];
	return Int32Array.from([...begin, ...text(), ...images.flatMap(({ tokens }) => [...tokens, ...text()])]);
}

describe.each(readers)('behind images, drafted and plain text of $name', (reader) => {
	let model: Model;
	let session: Session;
	let images: EncodedImage[];

	beforeAll(async () => {
		model = await loadReader(reader);
		session = await model.createSession({ contextLength: 2048, threads: 1 });
		images = [];
		for (const [seed, width, height] of [
			[1, 32, 32],
			[2, 64, 40],
			[3, 16, 48],
		] as const)
			images.push(await model.readImage(noise(seed, width, height)));
	});
	afterAll(async () => {
		await session?.dispose();
		await model?.dispose();
	});

	test.each(allSamplers)('are equal with $name, but for near-ties', async ({ name, options }) => {
		const choices = new Choices(11, `${reader.name} ${name}`);
		const log = new ForkLog();
		let accepted = 0;
		for (let i = 0; i < promptsPerSampler; i++) {
			// The same image twice: what follows it the first time is found behind the second.
			const some = choices.of([[0], [1, 0], [2, 1, 2]]).map((index) => images[index] as EncodedImage);
			const tokens = promptWith(model, some, choices);
			const seeded = { ...options, seed: i, maxTokens };
			const plain = await run(session, tokens, { ...seeded, draft: 'off' });
			await session.clearReferences();
			await session.addReference(corrupt(plain.tokens, 5, model.info.vocabularySize, choices));
			for (const draft of [...treeSizes.map((size) => ({ size })), 'auto' as const]) {
				const prediction = corrupt(plain.tokens, 9, model.info.vocabularySize, choices);
				const other = await run(session, tokens, { ...seeded, draft, prediction });
				await log.compare(`prompt ${i}, ${JSON.stringify(draft)}`, plain, other, async ({ position }) => {
					const said = [...tokens, ...plain.tokens.subarray(0, position)];
					return isFilterTie(session, Int32Array.from(said), other.tokens[position], options);
				});
				accepted += other.metrics.accepted;
			}
		}
		console.log(`${reader.name}, ${name}: ${log.report()}, accepted ${accepted}`);
		expect(log.wide).toEqual([]);
		expect(accepted).toBeGreaterThan(0);
	});

	test('depend on what the images show', async () => {
		const texts = new Set<string>();
		for (const image of images) {
			const tokens = promptWith(model, [image], new Choices(12, reader.name));
			texts.add((await run(session, tokens, { maxTokens })).text);
		}
		expect(texts.size).toBe(images.length);
	});

	test('are equal in forks that share the images’ cells', async () => {
		const choices = new Choices(13, reader.name);
		const tokens = promptWith(model, images.slice(0, 2), choices);
		const plain = await run(session, tokens, { maxTokens, draft: 'off' });
		await session.rollback(0);
		await session.prefill(tokens);
		const forks = await Promise.all(Array.from({ length: 4 }, () => session.fork()));
		try {
			const prediction = corrupt(plain.tokens, 6, model.info.vocabularySize, choices);
			const said = await Promise.all(
				forks.map((fork, i) =>
					run(fork, null, { maxTokens, prediction, draft: i % 2 ? 'auto' : { size: 8 } }),
				),
			);
			const log = new ForkLog();
			for (const [i, one] of said.entries()) await log.compare(`fork ${i}`, plain, one);
			expect(log.wide).toEqual([]);
			for (const { metrics } of said)
				if (model.info.drafts === 'tree') expect(metrics.reusedTokens).toBe(tokens.length - 1);
		} finally {
			for (const fork of forks) await fork.dispose();
		}
	});
});

test('drafts of a smaller model, which sees no images, leave the text as it is', async () => {
	await using model = await loadReader(readers[0], { draft: { model: await randomModel('tiny-llama') } });
	await using session = await model.createSession({ contextLength: 1024, threads: 1 });
	const images = [await model.readImage(noise(1)), await model.readImage(noise(2))];
	const log = new ForkLog();
	let asked = 0;
	for (let i = 0; i < 6; i++) {
		const tokens = promptWith(model, images, new Choices(i, 'a draft model'));
		const plain = await run(session, tokens, { maxTokens, draft: 'off' });
		for (const draft of [{ size: 4 }, { size: 16 }, 'auto' as const]) {
			const other = await run(session, tokens, { maxTokens, draft });
			await log.compare(`prompt ${i}, ${JSON.stringify(draft)}`, plain, other);
			asked += other.metrics.draftModelPasses;
		}
	}
	expect(log.wide).toEqual([]);
	expect(asked).toBeGreaterThan(0);
});
