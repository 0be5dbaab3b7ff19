import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EncodedImage } from '../../lib/image-input.js';
import type { Model } from '../../lib/model.js';
import type { Session } from '../../lib/session.js';
import { loadReader, noise, readers } from '../support/pictures.js';
import { findFork, nearTie, run } from '../support/runs.js';

const maxTokens = 24;
const contextLength = 512;
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'reprise-images-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(readers)('the cache of $name', (reader) => {
	let model: Model;
	let session: Session;
	let one: EncodedImage;
	let other: EncodedImage;

	beforeAll(async () => {
		model = await loadReader(reader);
		one = await model.readImage(noise(1));
		other = await model.readImage(noise(2, 64, 40));
		session = await model.createSession({ contextLength, threads: 1 });
	});
	afterAll(async () => {
		await session?.dispose();
		await model?.dispose();
	});

	const prompt = (...parts: Array<string | EncodedImage>) =>
		Int32Array.from(
			parts.flatMap((part) => [...(typeof part === 'string' ? model.tokenize(part) : part.tokens)]),
		);

	/** What a session says that has computed nothing before. */
	async function anew(tokens: Int32Array) {
		await using fresh = await model.createSession({ contextLength, threads: 1 });
		return await run(fresh, tokens, { maxTokens, draft: 'off' });
	}

	async function expectAsAnew(
		tokens: Int32Array,
		from: Session = session,
		given: Int32Array | null = tokens,
	) {
		const [said, wanted] = [await run(from, given, { maxTokens, draft: { size: 8 } }), await anew(tokens)];
		const fork = findFork(wanted, said);
		expect(fork === undefined || fork.margin < nearTie, `a fork at ${fork?.margin}`).toBe(true);
		return said.metrics;
	}

	test('keeps an image whose text goes on otherwise, and drops what comes after a change', async () => {
		const first = prompt('Here are two pictures: ', one, ' and ', other, ' What do they show?');
		await expectAsAnew(first);
		const [inText, inImage] = [
			prompt('Here are two pictures: ', one, ' and ', other, ' Which is older?'),
			one.tokens.length,
		];
		const { reusedTokens } = await expectAsAnew(inText);
		if (model.info.drafts === 'tree') expect(reusedTokens).toBeGreaterThan(inImage + other.tokens.length);
		// Another image where the first was, then text in place of it.
		await expectAsAnew(prompt('Here are two pictures: ', other, ' and ', other, ' Which is older?'));
		await expectAsAnew(prompt('Here are two pictures: none, and ', other, ' Which is older?'));
		await expectAsAnew(first);
	});

	test('goes on behind what an image said, and after a rollback to behind or before the image', async () => {
		const text = prompt('Look at ', one, ' closely.');
		const said = await run(session, text, { maxTokens: 12 });
		const whole = Int32Array.from([...text, ...said.tokens, ...prompt(' And at ', other, ' Compare.')]);
		await expectAsAnew(whole);
		const behind = prompt('Look at ', one).length;
		await session.rollback(behind);
		expect([...(await session.history())]).toEqual([...whole.subarray(0, behind)]);
		await session.append(prompt(' closely.'));
		await expectAsAnew(text, session, null);
		await session.rollback(prompt('Look at ').length);
		await session.append(prompt(other, ' closely.'));
		await expectAsAnew(prompt('Look at ', other, ' closely.'), session, null);
	});

	test('takes no rollback into an image, no part of one, and no prompt that ends with one', async () => {
		const text = prompt('Look at ', one, ' closely.');
		await session.prefill(text);
		const middle = text.indexOf(one.tokens.find((token) => token < 0) as number) + 2;
		await expect(session.rollback(middle)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		await expect(session.prefill(text.subarray(0, middle))).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		const rows = text.filter((token) => token < 0);
		const turned = text.map((token) => (token < 0 ? (rows.at(rows.indexOf(token) - 1) as number) : token));
		await expect(session.prefill(turned)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		const ends = text.subarray(0, text.lastIndexOf(rows.at(-1) as number) + 1);
		await expect(session.generate(ends).result).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		await session.prefill(ends);
		await expect(session.generate(null).result).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		await expectAsAnew(text);
	});

	test('is saved with its images, for a process that has not seen them', async () => {
		const path = join(folder, `${reader.shape}.state`);
		const text = prompt('Look at ', one, ' and ', other, ' closely.');
		const wanted = await anew(text);
		await session.prefill(text);
		await session.save(path);
		await using loaded = await loadReader(reader);
		await using later = await loaded.createSession({ contextLength, threads: 1 });
		await later.load(path);
		const said = await run(later, null, { maxTokens, draft: { size: 8 } });
		const fork = findFork(wanted, said);
		expect(fork === undefined || fork.margin < nearTie).toBe(true);
		expect(said.metrics.reusedTokens).toBe(text.length - 1);
		// The images have other ids there, which the same bytes give once more.
		const again = [await loaded.readImage(noise(1)), await loaded.readImage(noise(2, 64, 40))];
		const history = await later.history();
		expect(history.slice(0, text.length).filter((token) => token < 0)).toEqual(
			Int32Array.from(again.flatMap(({ tokens }) => [...tokens].filter((token) => token < 0))),
		);
	});

	test('that was saved says what is missing where an image would have to be computed again', async () => {
		const path = join(folder, `${reader.shape}-missing.state`);
		const text = prompt('Look at ', one, ' and at ', other, ' closely.');
		await session.prefill(text);
		await session.save(path);
		await using loaded = await loadReader(reader);
		await using later = await loaded.createSession({ contextLength, threads: 1 });
		await later.load(path);
		const history = await later.history();
		// What comes before the images is another text.
		const changed = Int32Array.from([
			...model.tokenize('See '),
			...history.subarray(prompt('Look at ').length),
		]);
		await expect(later.generate(changed, { maxTokens }).result).rejects.toMatchObject({
			code: 'IMAGE_INVALID',
		});
		const held = [await loaded.readImage(noise(1)), await loaded.readImage(noise(2, 64, 40))];
		const said = await run(later, changed, { maxTokens, draft: 'off' });
		expect(held).toHaveLength(2);
		const wanted = await anew(prompt('See ', one, ' and at ', other, ' closely.'));
		const fork = findFork(wanted, said);
		expect(fork === undefined || fork.margin < nearTie).toBe(true);
	});

	test('shifts whole images away when the context is full', async () => {
		const small = { contextLength: 96, threads: 1, overflow: 'shift' } as const;
		const text = prompt('Look at ', one, ' and at ', other, ' and say it.');
		const texts: string[] = [];
		for (const draft of ['off', { size: 8 }] as const) {
			await using shifting = await model.createSession(small);
			const said = await run(shifting, text, { maxTokens: 120, draft, logitBias: bansEnds(model) });
			expect(said.metrics.outputTokens).toBe(120);
			texts.push(said.text);
			const rows = (await shifting.history()).filter((token) => token < 0);
			for (const image of [one, other]) {
				const own = image.tokens.filter((token) => token < 0);
				expect([0, own.length]).toContain(rows.filter((row) => own.includes(row)).length);
			}
		}
		expect(texts[0]?.slice(0, 40)).toBe(texts[1]?.slice(0, 40));
	});
});

test('rows of images that stay behind a shift are never drafted', async () => {
	await using model = await loadReader(readers[0]);
	const image = await model.readImage(noise(1));
	const words = [...model.tokenize(' red blue green black white yellow')];
	for (const again of [2, 4, 6, 8])
		for (const draft of ['auto', { size: 16 }] as const) {
			await using session = await model.createSession({ contextLength: 64, threads: 1, overflow: 'shift' });
			const prompt = [...words, ...words.slice(0, again), ...image.tokens, ...image.tokens, 65].slice(-62);
			const { metrics } = await session.generate(prompt, { maxTokens: 40, draft, logitBias: bansEnds(model) })
				.result;
			expect(metrics.outputTokens).toBe(40);
		}
});

test('a state whose images have too many rows for a micro batch is refused', async () => {
	await using model = await loadReader(readers[2]);
	const image = await model.readImage(noise(1));
	const path = join(folder, 'micro-batch.state');
	await using session = await model.createSession({ contextLength: 256 });
	await session.prefill([...model.tokenize('See '), ...image.tokens, ...model.tokenize(' here')]);
	await session.save(path);
	await using small = await model.createSession({ contextLength: 256, microBatchSize: 2 });
	await expect(small.load(path)).rejects.toThrow(/microBatchSize of at least 4/);
});

function bansEnds(model: Model): Record<number, number> {
	return Object.fromEntries(model.info.endTokens.map((token) => [token, Number.NEGATIVE_INFINITY]));
}
