import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addon } from '../../lib/addon.js';

/** How many tokens before `end` are those at the end of `text`. */
function agreement(text: readonly number[], end: number): number {
	let length = 0;
	while (length < end && text[end - 1 - length] === text[text.length - 1 - length]) length++;
	return length;
}

/**
 * The longest suffix of `text` that also occurs earlier, and the end of its latest earlier occurrence; of a suffix of
 * 32 tokens or more that repeats at most 16 of them over and over, the end of the earliest that lies whole periods
 * before that.
 */
function longestMatch(text: readonly number[]): { length: number; end: number } {
	let best = { length: 0, end: 0 };
	for (let end = 1; end < text.length; end++) {
		const length = agreement(text, end);
		if (length > 0 && length >= best.length) best = { length, end };
	}
	if (best.length < 32) return best;
	const suffix = text.slice(-best.length);
	const repeats = (period: number, tokens: number[]) =>
		tokens.every((token, i) => i < period || token === tokens[i - period]);
	const period = Array.from({ length: 16 }, (_, i) => i + 1).find((p) => repeats(p, suffix.slice(-32)));
	if (period === undefined || !repeats(period, suffix)) return best;
	while (best.end > period && agreement(text, best.end - period) >= best.length) best.end -= period;
	return best;
}

type Edit =
	| { append: number[] }
	| { truncate: number }
	| { repeat: [from: number, count: number] }
	| { cycle: [tokens: number[], count: number] };

/**
 * What happens to a text: tokens of a small alphabet, roll-backs to a share of its length, quotations of itself, a few
 * tokens over and over.
 */
const edits = fc.array(
	fc.oneof(
		fc.record({ append: fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }) }),
		fc.record({ truncate: fc.double({ min: 0, max: 1, noNaN: true }) }),
		fc.record({
			repeat: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 60 })),
		}),
		fc.record({
			cycle: fc.tuple(fc.array(fc.nat(2), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 120 })),
		}),
	),
	{ minLength: 1, maxLength: 30 },
);

/** Makes the edits to an index and to an array, and looks at both after each. */
function follow(
	steps: readonly Edit[],
	look: (index: InstanceType<typeof addon.SuffixIndex>, text: number[]) => void,
): void {
	const index = new addon.SuffixIndex();
	const text: number[] = [];
	const append = (tokens: number[]) => {
		index.append(Int32Array.from(tokens));
		text.push(...tokens);
	};
	for (const step of steps) {
		if ('append' in step) append(step.append);
		else if ('repeat' in step) {
			const from = Math.floor(step.repeat[0] * text.length);
			append(text.slice(from, from + step.repeat[1]));
		} else if ('cycle' in step) {
			const [tokens, count] = step.cycle;
			// One by one, as they are generated.
			for (let i = 0; i < count; i++) append([tokens[i % tokens.length] as number]);
		} else {
			text.length = Math.floor(step.truncate * text.length);
			index.truncate(text.length);
		}
		look(index, text);
	}
}

describe('suffix index', () => {
	test('knows the longest match and its latest place, after any appends and roll-backs', () => {
		fc.assert(
			fc.property(edits, (steps) => {
				follow(steps, (index, text) => {
					expect(index.length).toBe(text.length);
					const { length, end } = index.longestMatch();
					const expected = longestMatch(text);
					expect(length).toBe(expected.length);
					if (length > 0) expect(end).toBe(expected.end);
				});
			}),
			{ numRuns: 300 },
		);
	});

	test('keeps its integrity', () => {
		fc.assert(
			fc.property(edits, (steps) => {
				follow(steps, (index) => expect(index.checkIntegrity()).toBe(''));
			}),
			{ numRuns: 300 },
		);
	});

	test('is a function of its text: what was rolled back leaves no trace', () => {
		fc.assert(
			fc.property(fc.array(fc.nat(2)), fc.array(fc.nat(2)), fc.array(fc.nat(2)), (kept, dropped, after) => {
				const straight = new addon.SuffixIndex();
				straight.append(Int32Array.from([...kept, ...after]));
				const detour = new addon.SuffixIndex();
				detour.append(Int32Array.from([...kept, ...dropped]));
				detour.truncate(kept.length);
				detour.append(Int32Array.from(after));
				expect(detour.longestMatch()).toEqual(straight.longestMatch());
			}),
		);
	});

	test('matches far beyond the tokens that order its places', () => {
		const text = Int32Array.from({ length: 5000 }, (_, i) => (i * i) % 977);
		const index = new addon.SuffixIndex();
		index.append(text);
		index.append(Int32Array.of(-2));
		index.append(text);
		expect(index.longestMatch()).toEqual({ length: 5000, end: 5000 });
	});

	test('takes a long run of one token', () => {
		const index = new addon.SuffixIndex();
		index.append(new Int32Array(200_000).fill(7));
		expect(index.longestMatch()).toEqual({ length: 199_999, end: 199_999 });
		expect(index.checkIntegrity()).toBe('');
		index.truncate(1000);
		expect(index.longestMatch()).toEqual({ length: 999, end: 999 });
	});

	test('holds at most 80 bytes a token', () => {
		const index = new addon.SuffixIndex();
		index.append(Int32Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 50_021));
		expect(index.bytes / index.length).toBeLessThan(80);
	});
});
