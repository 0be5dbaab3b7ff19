import { describe, expect, test } from 'vitest';
import { copiedFrom } from '../../lib/bench/workloads/copied-share.js';
import { range } from '../support/replay.js';

const copied = (prompt: number[], answer: number[]) =>
	copiedFrom(Int32Array.from(prompt), Int32Array.from(answer));

describe('what can be copied', () => {
	test('is nothing where all tokens are new', () => {
		expect(copied(range(1, 50), range(100, 120))).toEqual({ share: 0, meanLength: 0, tokensPerPass: 1 });
	});

	test('is all of an answer that stands in the prompt', () => {
		expect(copied(range(1, 50), range(11, 30))).toEqual({ share: 1, meanLength: 20, tokensPerPass: 20 });
	});

	test('is parted by what is new', () => {
		// Ten tokens, a new one, and nine.
		const answer = [...range(1, 10), 99, ...range(20, 28)];
		expect(copied(range(1, 50), answer)).toEqual({ share: 19 / 20, meanLength: 9.5, tokensPerPass: 10 });
	});

	test('leaves out copies of a few tokens', () => {
		const answer = [1, 2, 3, 99, 7, 8, 98];
		expect(copied(range(1, 50), answer)).toMatchObject({ share: 0, tokensPerPass: 3.5 });
	});

	test('comes from the answer itself, too', () => {
		const answer = [...range(100, 109), 99, ...range(100, 109)];
		expect(copied([1], answer)).toMatchObject({ share: 10 / 21, meanLength: 10 });
	});

	test('is nothing in an empty answer', () => {
		expect(copied([1, 2], [])).toEqual({ share: 0, meanLength: 0, tokensPerPass: 0 });
	});
});
