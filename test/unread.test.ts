import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NativeChunk, NativeSegment } from '../lib/addon.js';
import { NativeGeneration } from '../lib/generation.js';
import type { NativeMetrics } from '../lib/native-metrics.js';
import { type Gathered, LongText, Unread } from '../lib/unread.js';
import { noneBySource } from './support/by-source.js';

const metricsOf = (outputTokens: number): NativeMetrics => ({
	promptTokens: 0,
	reusedTokens: 0,
	prefillMs: 0,
	timeToFirstTokenMs: 0,
	totalMs: 0,
	outputTokens,
	reasoningTokens: 0,
	passes: 0,
	passTokens: 0,
	drafted: 0,
	accepted: 0,
	decodeMs: 0,
	decodeMsByPart: { drafting: 0, compute: 0, sampling: 0, bookkeeping: 0 },
	acceptedBySource: noneBySource,
	draftedBySource: noneBySource,
	passesByRows: [],
	plainMsEstimate: 0,
	nearTies: 0,
	logitBytesRead: 0,
	logitRowsFetched: 0,
	draftModelPasses: 0,
	draftModelMs: 0,
});

/** The `index`th chunk: a token and its text for each source. */
function chunk(index: number, sources: ReadonlyArray<NativeSegment['source']>): NativeChunk {
	return {
		segments: sources.map((source, i) => ({ text: `${index}.${i} `, source })),
		tokens: Int32Array.from(sources, (_, i) => 10 * index + i),
		margins: Float32Array.from(sources, (_, i) => index + i / 4),
		logprobs: sources.map((_, i) => ({
			token: 10 * index + i,
			text: `${index}.${i} `,
			logprob: -i,
			top: [],
		})),
		metrics: metricsOf(index),
	};
}

/** By token: its text's source, and its margin. What chunks hold, however they are cut. */
function flatten(chunks: readonly Gathered[]) {
	return {
		texts: chunks.flatMap(({ segments }) =>
			segments.flatMap(({ text, source }) =>
				text.split(' ').flatMap((word) => (word ? [[word, source]] : [])),
			),
		),
		tokens: chunks.flatMap(({ tokens }) => [...tokens]),
		margins: chunks.flatMap(({ margins }) => [...margins]),
		logprobs: chunks.flatMap(({ logprobs }) => logprobs),
	};
}

const source = fc.constantFrom<NativeSegment['source']>('model', 'prompt', 'output');
const steps = fc.array(
	fc.oneof(
		{ weight: 6, arbitrary: fc.record({ add: fc.array(source, { maxLength: 4 }) }) },
		{ weight: 1, arbitrary: fc.record({ take: fc.nat(3) }) },
	),
	{ maxLength: 400 },
);

describe('unread chunks', () => {
	test('come in their order with every text, token and margin, and the last metrics of each', () => {
		fc.assert(
			fc.property(steps, (script) => {
				const unread = new Unread();
				const given: NativeChunk[] = [];
				const taken: Gathered[] = [];
				const take = () => {
					const next = unread.take();
					if (next) taken.push(next);
					return next !== undefined;
				};
				for (const step of script) {
					if ('take' in step) for (let i = 0; i < step.take; i++) take();
					else {
						given.push(chunk(given.length, step.add));
						unread.add(given.at(-1) as NativeChunk);
					}
				}
				while (take());
				expect(flatten(taken)).toEqual(flatten(given));
				expect(taken.at(-1)?.metrics.outputTokens).toBe(given.at(-1)?.metrics.outputTokens);
				const counts = taken.map(({ metrics }) => metrics.outputTokens);
				expect(counts).toEqual([...new Set(counts)].toSorted((a, b) => a - b));
			}),
			{ numRuns: 200 },
		);
	});

	test('are as they were given where the reader keeps up', () => {
		const unread = new Unread();
		for (let i = 0; i < 200; i++) {
			const given = chunk(i, ['model', 'model', 'prompt']);
			unread.add(given);
			// Those of one origin in one chunk come from the addon as one already.
			const { segments, ...rest } = unread.take() as Gathered;
			const { segments: parts, ...others } = given;
			expect(rest).toEqual(others);
			expect(segments.map(({ text }) => text).join('')).toBe(parts.map(({ text }) => text).join(''));
		}
		expect(unread.take()).toBeUndefined();
	});

	test('that nobody reads are few, however long the generation', async () => {
		const passes = 100_000;
		const said = new NativeGeneration(
			async (onChunk) => {
				for (let i = 0; i < passes; i++) onChunk(chunk(i, ['model']));
				return { finishReason: 'end', stopString: '', metrics: metricsOf(passes) };
			},
			() => {},
			0,
		);
		const result = await said.result;
		const chunks = [];
		for await (const one of said) chunks.push(one);
		expect(chunks.length).toBeLessThan(100);
		expect(chunks.map(({ text }) => text).join('')).toBe(result.text);
		expect(chunks.flatMap(({ tokens }) => [...tokens])).toEqual([...result.tokens]);
		expect(result.tokens).toHaveLength(passes);
	});
});

test('a long text is its parts', () => {
	fc.assert(
		fc.property(fc.array(fc.string(), { maxLength: 50 }), fc.nat(60), (parts, repeated) => {
			const text = new LongText(parts[0]);
			const rest = Array.from({ length: repeated }).flatMap(() => parts);
			for (const part of rest) text.add(part);
			expect(text.whole()).toBe((parts[0] ?? '') + rest.join(''));
			text.add('.');
			expect(text.whole()).toBe(`${(parts[0] ?? '') + rest.join('')}.`);
		}),
	);
});
