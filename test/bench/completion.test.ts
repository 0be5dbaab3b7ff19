import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Completion, readCompletion, requirePossible } from '../../lib/bench/arms/completion.js';

const answer = {
	content: 'a b',
	tokens: [1, 2],
	tokens_evaluated: 5,
	timings: { prompt_n: 5, prompt_ms: 3, predicted_n: 2, predicted_ms: 4.5, draft_n: 3, draft_n_accepted: 1 },
};
const withTimings = (changes: Record<string, unknown>) => ({
	...answer,
	timings: { ...answer.timings, ...changes },
});

describe('an answer of a server', () => {
	test('has its tokens and what it took', () => {
		expect(readCompletion(JSON.stringify(answer))).toEqual({
			...{ content: 'a b', tokens: [1, 2], promptTokens: 5, outputTokens: 2, decodeMs: 4.5 },
			...{ drafted: 3, accepted: 1 },
		});
	});

	test('may leave out its tokens and its drafts', () => {
		const { tokens: _, tokens_evaluated: __, ...rest } = answer;
		const timings = { prompt_n: 5, predicted_n: 2, predicted_ms: 4.5 };
		expect(readCompletion(JSON.stringify({ ...rest, timings }))).toMatchObject({
			...{ tokens: [], promptTokens: 5, drafted: null, accepted: null },
		});
	});

	test.each([
		['no JSON', 'is no JSON'],
		['null', 'null for its answer'],
		[JSON.stringify({ ...answer, timings: undefined }), 'nothing for timings'],
		[JSON.stringify({ ...answer, tokens: ['a'] }), '["a"] for tokens'],
		[JSON.stringify({ ...answer, content: 3 }), '3 for content'],
		[JSON.stringify(withTimings({ predicted_ms: null })), 'null for predicted_ms'],
		[JSON.stringify(withTimings({ predicted_ms: -1 })), '-1 for predicted_ms'],
		[JSON.stringify(withTimings({ predicted_n: 1.5 })), '1.5 for predicted_n'],
		[JSON.stringify(withTimings({ draft_n: 'x' })), '"x" for draft_n'],
	])('that is another one is refused: %s', (text, message) => {
		expect(() => readCompletion(text)).toThrow(message);
	});

	test('is read or refused with an error that says so, whatever it is', () => {
		fc.assert(
			fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
				expect(() => readCompletion(text)).toThrow(/^The server/);
			}),
		);
	});
});

describe('what a server says of itself', () => {
	const said: Completion = {
		...{ content: '', tokens: [1, 2, 3], promptTokens: 5, outputTokens: 3, decodeMs: 4 },
		...{ drafted: 2, accepted: 1 },
	};
	const request = { tokens: 8, totalMs: 10 };

	test('is taken where it can be', () => {
		requirePossible(said, request);
		// The token that ends the turn is counted and not told.
		requirePossible({ ...said, outputTokens: 4 }, request);
		requirePossible({ ...said, tokens: [] }, request);
	});

	test.each([
		[{ tokens: [], outputTokens: 9 }, '9 tokens of a budget of 8'],
		[{ outputTokens: 5 }, 'counted 5 tokens and told 3'],
		[{ outputTokens: 2 }, 'counted 2 tokens and told 3'],
		[{ decodeMs: 11 }, 'decoded for 11 ms of a request of 10.0 ms'],
		[{ accepted: 3 }, 'accepted 3 of 2 drafted tokens'],
	])('is refused where it cannot: %j', (changes, message) => {
		expect(() => requirePossible({ ...said, ...changes }, request)).toThrow(message);
	});
});
