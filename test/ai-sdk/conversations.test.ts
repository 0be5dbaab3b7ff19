import { generateText, type ModelMessage, streamText } from 'ai';
import { afterAll, describe, expect, test } from 'vitest';
import { createReprise } from '../../lib/ai-sdk/index.js';
import { loadModel } from '../../lib/index.js';
import { embeddedModel } from '../support/models.js';

const session = { contextLength: 1024, threads: 1 };
const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());

const names = ['Mara', 'Tom', 'Lena', 'Ivo', 'Nia', 'Sam', 'Rosa', 'Ben', 'Kira', 'Otto'];
const sourceOf = (name: string) =>
	`${name} found a lantern near the harbor. Every Friday Tom brings 24 candles to the library. ` +
	'The carpet costs 58 dollars.';
const user = (content: string): ModelMessage => ({ role: 'user', content });
const asked = (name: string) => user(`Copy this text: ${sourceOf(name)}`);
const follow = user('Change the lantern into a violin.');

describe('a conversation', () => {
	test('is computed from where it goes on', async () => {
		await using reprise = createReprise({ session });
		const first = await generateText({ model: reprise(model), messages: [asked('Mara')] });
		expect(first.usage.inputTokenDetails.cacheReadTokens).toBe(0);
		const second = await generateText({
			model: reprise(model),
			messages: [asked('Mara'), ...first.response.messages, follow],
		});
		const { inputTokens = 0, inputTokenDetails } = second.usage;
		const said = (first.usage.inputTokens ?? 0) + (first.usage.outputTokens ?? 0);
		expect(inputTokenDetails.cacheReadTokens).toBeGreaterThanOrEqual(said - 1);
		expect(inputTokenDetails.noCacheTokens).toBe(inputTokens - (inputTokenDetails.cacheReadTokens ?? 0));
		expect(inputTokenDetails.noCacheTokens).toBeLessThan(30);

		await using fresh = createReprise({ session });
		const anew = await generateText({
			model: fresh(model),
			messages: [asked('Mara'), ...first.response.messages, follow],
		});
		expect(anew.text).toBe(second.text);
	});

	test('is kept while others go on', async () => {
		await using reprise = createReprise({ session, keep: 3 });
		const talks = names.slice(0, 3).map((name) => [asked(name)]);
		for (let turn = 0; turn < 3; turn++)
			for (const talk of talks) {
				const { usage, response } = await generateText({
					model: reprise(model),
					messages: talk,
					maxOutputTokens: 30,
				});
				if (turn > 0) expect(usage.inputTokenDetails.noCacheTokens).toBeLessThan(30);
				talk.push(...response.messages, follow);
			}
	});

	test('of which there are more than are kept gives way to the one that was used last', async () => {
		await using reprise = createReprise({ session, keep: 1 });
		const cached = async (name: string) =>
			(await generateText({ model: reprise(model), messages: [asked(name)] })).usage.inputTokenDetails
				.cacheReadTokens;
		await cached('Mara');
		expect(await cached('Mara')).toBeGreaterThan(30);
		expect(await cached('Otto')).toBeLessThan(30);
		expect(await cached('Otto')).toBeGreaterThan(30);
	});
});

/** What the library says to each alone. */
async function saidAlone(): Promise<string[]> {
	const texts: string[] = [];
	for (const name of names) {
		await using own = await model.createSession(session);
		texts.push(
			await own
				.chat()
				.send(`Copy this text: ${sourceOf(name)}`)
				.text(),
		);
	}
	return texts;
}

describe('calls at the same time', () => {
	test('give each the text that it gives alone, however many there are', async () => {
		const expected = await saidAlone();
		expect(new Set(expected).size).toBeGreaterThan(3);
		for (const parallel of [1, 2, 4]) {
			await using reprise = createReprise({ session, parallel });
			const texts = await Promise.all(
				names.map((name, index) =>
					index % 2 === 0
						? generateText({ model: reprise(model), messages: [asked(name)] }).then(({ text }) => text)
						: streamText({ model: reprise(model), messages: [asked(name)] }).text,
				),
			);
			expect(texts).toEqual(expected);
		}
	});

	test('wait in their order, and one that is aborted meanwhile lets the others pass', async () => {
		const expected = await saidAlone();
		await using reprise = createReprise({ session, parallel: 1 });
		const done: string[] = [];
		const stop = new AbortController();
		const calls = names.map((name, index) =>
			generateText({
				model: reprise(model),
				messages: [asked(name)],
				...(index % 3 === 1 && { abortSignal: stop.signal }),
			}).then(
				({ text }) => void done.push(text),
				(error) => void expect(error).toBe(stop.signal.reason),
			),
		);
		stop.abort(new Error('enough'));
		await Promise.all(calls);
		expect(done).toEqual(expected.filter((_, index) => index % 3 !== 1));
	});
});
