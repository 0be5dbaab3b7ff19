import { afterAll, describe, expect, test } from 'vitest';
import { type Chunk, loadModel } from '../lib/index.js';
import { concatTokens } from '../lib/tokens.js';
import { copyPrompt, createEndlessSession, endless } from './support/endless.js';
import { embeddedModel } from './support/models.js';

const model = await loadModel(embeddedModel);
const session = await createEndlessSession(model);
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

async function collect(chunks: AsyncIterable<Chunk>): Promise<Chunk[]> {
	const all: Chunk[] = [];
	for await (const chunk of chunks) all.push(chunk);
	return all;
}

describe('chunks', () => {
	test('make up the result', async () => {
		const generation = session.generate(copyPrompt, { draft: { size: 4 } });
		const chunks = await collect(generation);
		const result = await generation.result;
		expect(chunks.map(({ text }) => text).join('')).toBe(result.text);
		expect(concatTokens(...chunks.map(({ tokens }) => tokens))).toEqual(result.tokens);
		for (const { text, segments } of chunks)
			expect(segments.map((segment) => segment.text).join('')).toBe(text);
		for (const { tokens, margins } of chunks) expect(margins).toHaveLength(tokens.length);
	});

	test('say which text was drafted, and from where', async () => {
		const segments = (await collect(session.generate(copyPrompt, { draft: { size: 4 } }))).flatMap(
			(chunk) => chunk.segments,
		);
		expect(segments.map(({ source }) => source)).toContain('prompt');
		const plain = (await collect(session.generate(copyPrompt, { draft: 'off' }))).flatMap(
			(chunk) => chunk.segments,
		);
		expect(new Set(plain.map(({ source }) => source))).toEqual(new Set(['model']));
	});

	test('carry the metrics so far', async () => {
		const generation = session.generate(copyPrompt, { ...endless(model), maxTokens: 200 });
		let said = 0;
		for await (const { tokens, metrics } of generation) {
			said += tokens.length;
			expect(metrics.outputTokens).toBe(said);
		}
		expect((await generation.result).metrics.outputTokens).toBe(said);
		expect(said).toBe(200);
	});

	test('are still there when the generation has ended', async () => {
		const generation = session.generate(copyPrompt);
		const { text } = await generation.result;
		expect((await collect(generation)).map((chunk) => chunk.text).join('')).toBe(text);
	});
});

describe('aborting', () => {
	test('by leaving the loop ends the generation before the next line runs', async () => {
		const generation = session.generate(copyPrompt, endless(model));
		for await (const { tokens } of generation) if (tokens.length > 0) break;
		expect((await session.generate(copyPrompt).result).finishReason).toBe('end');
		expect((await generation.result).finishReason).toBe('aborted');
	});

	test('by abort() keeps what was said, in the result and in the history', async () => {
		await session.rollback(0);
		const generation = session.generate(copyPrompt, { ...endless(model), maxTokens: 100_000 });
		const iterator = generation[Symbol.asyncIterator]();
		await iterator.next();
		generation.abort();
		const { finishReason, tokens } = await generation.result;
		expect(finishReason).toBe('aborted');
		const history = await session.history();
		const tail = Math.min(tokens.length, 20);
		expect([...history.slice(-tail)]).toEqual([...tokens.slice(-tail)]);
	});

	test('by a signal resolves with what was said', async () => {
		const controller = new AbortController();
		const generation = session.generate(copyPrompt, { ...endless(model), signal: controller.signal });
		for await (const _ of generation) controller.abort();
		expect(await generation.result).toMatchObject({
			finishReason: 'aborted',
			text: expect.stringMatching(/./),
		});
	});

	test('by a signal that was aborted before says nothing', async () => {
		const { finishReason, tokens } = await session.generate(copyPrompt, { signal: AbortSignal.abort() })
			.result;
		expect({ finishReason, said: tokens.length }).toEqual({ finishReason: 'aborted', said: 0 });
	});

	test('after the end does nothing to the next generation', async () => {
		const first = session.generate(copyPrompt);
		await first.result;
		const second = session.generate(copyPrompt);
		first.abort();
		expect((await second.result).finishReason).toBe('end');
	});
});

describe('a failure', () => {
	const fail = () => session.generate(copyPrompt, { grammar: 'no grammar' });

	test('rejects the result', async () => {
		await expect(fail().result).rejects.toMatchObject({ code: 'GRAMMAR_INVALID' });
		await expect(fail().text()).rejects.toMatchObject({ code: 'GRAMMAR_INVALID' });
	});

	test('is thrown where the iteration ends', async () => {
		await expect(collect(fail())).rejects.toMatchObject({ code: 'GRAMMAR_INVALID' });
	});

	test('is never an unhandled rejection where the caller only iterates', async () => {
		const unhandled: unknown[] = [];
		const listener = (reason: unknown) => unhandled.push(reason);
		process.on('unhandledRejection', listener);
		await collect(fail()).catch(() => {});
		await new Promise((resolve) => setImmediate(resolve));
		process.off('unhandledRejection', listener);
		expect(unhandled).toEqual([]);
	});
});
