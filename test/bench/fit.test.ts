import { describe, expect, test } from 'vitest';
import type { TaskRequest, TaskText } from '../../lib/bench/task.js';
import { isNear, longestThatFits, mostThatFit } from '../../lib/bench/workloads/fit.js';

/** Tasks of so many parts, with ten tokens for each and fifty for the rest. */
const make = (parts: number): TaskText => ({
	messages: [{ role: 'user', content: String(parts) }],
	answer: `${parts}`,
});
function request(context: number, counted: number[] = []): TaskRequest {
	return {
		...{ context, seed: 0 },
		countTokens: async ([message]) => {
			counted.push(50 + 10 * Number(message?.content));
			return counted.at(-1) ?? 0;
		},
	};
}

describe('the task with the most parts that fit', () => {
	test.each([
		[50, 0],
		[59, 0],
		[60, 1],
		[99, 4],
		[333, 28],
		[1000, 95],
		[1050, 100],
		[9999, 100],
	])('for %i tokens has %i of a hundred', async (context, parts) => {
		expect(await mostThatFit(request(context), { most: 100 }, make)).toMatchObject({
			parts,
			tokens: 50 + 10 * parts,
		});
	});

	test('is found without counting texts of more than twice the length', async () => {
		const counted: number[] = [];
		await mostThatFit(request(1000, counted), { most: 100_000 }, make);
		expect(Math.max(...counted)).toBeLessThan(2100);
		expect(counted.length).toBeLessThan(20);
	});

	test('has the fewest where even these are too long', async () => {
		expect(await mostThatFit(request(40), { least: 3, most: 100 }, make)).toMatchObject({ parts: 3 });
	});
});

test('a prompt that is too long or too short says how long it is', async () => {
	expect(await longestThatFits(request(40), { most: 9 }, make)).toEqual({
		skipped: 'the shortest prompt has 50 tokens',
	});
	expect(await longestThatFits(request(1000), { most: 9 }, make)).toEqual({
		skipped: 'the longest prompt that fits has 140 tokens',
	});
	expect(await longestThatFits(request(145), { most: 9 }, make)).toEqual(make(9));
});

test('a prompt is near when it lacks a quarter or 64 tokens, and never when it is longer', () => {
	expect(isNear(8192 - 2048, 8192)).toBe(true);
	expect(isNear(8192 - 2049, 8192)).toBe(false);
	expect(isNear(64, 128)).toBe(true);
	expect(isNear(63, 128)).toBe(false);
	expect(isNear(129, 128)).toBe(false);
});
