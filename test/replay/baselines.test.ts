import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptedTokens } from '../../lib/replay/drafter.js';
import { copyingNames, createDrafter } from '../../lib/replay/drafters.js';
import { coldPasses, passesOf, plainPasses, range } from '../support/replay.js';

const end = 999;

describe('a draft tree', () => {
	// 5 ─┬─ 6 ── 7
	//    └─ 8 ── 9
	const tree = { tokens: [5, 6, 8, 7, 9], parents: [-1, 0, 0, 1, 2] };

	test.each([
		['the whole of a path', [5, 8, 9], 3],
		['a path as far as it agrees', [5, 6, 9], 2],
		['no token whose parent was not', [6, 7], 0],
		['no more than there is', [5, 8], 2],
	])('has accepted %s', (_, truth, accepted) => {
		expect(acceptedTokens(tree, Int32Array.from(truth))).toBe(accepted);
	});
});

describe('every drafter', () => {
	const texts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });

	test.each(copyingNames)('%s gives the whole output, and never drafts its last token for it', (name) => {
		fc.assert(
			fc.property(texts, texts, (prompt, output) => {
				const passes = coldPasses(name, prompt, output);
				const given = passes.reduce((sum, [, accepted]) => sum + accepted + 1, 0);
				expect(given).toBe(output.length - 1);
				for (const [drafted, accepted] of passes) expect(accepted).toBeLessThanOrEqual(drafted);
			}),
			{ numRuns: 50 },
		);
	});
});

describe('copyspec', () => {
	test('drafts once three tokens have matched', () => {
		expect(coldPasses('copyspec', range(1, 6), [...range(1, 6), end])).toEqual([
			[0, 0],
			[0, 0],
			[6, 3],
		]);
	});

	test('drafts from the first place that matches, ten tokens', () => {
		const prompt = [1, 2, 3, ...range(4, 20), 1, 2, 3, ...range(30, 50)];
		expect(coldPasses('copyspec', prompt, [1, 2, 3, ...range(4, 13), end])).toEqual([
			[0, 0],
			[0, 0],
			[10, 10],
		]);
		expect(coldPasses('copyspec', prompt, [1, 2, 3, 30, end])).toEqual([
			[0, 0],
			[0, 0],
			[10, 0],
			[10, 0],
		]);
	});
});

describe('prompt-lookup', () => {
	test('drafts when one token has matched', () => {
		expect(coldPasses('prompt-lookup', range(1, 6), [...range(1, 6), end])).toEqual([[6, 5]]);
	});

	test('prefers the place that three tokens match to an earlier one that fewer do', () => {
		const prompt = [3, ...range(40, 49), 1, 2, 3, ...range(4, 13)];
		expect(coldPasses('prompt-lookup', prompt, [1, 2, 3, 4, end])).toEqual([[10, 3]]);
		expect(coldPasses('prompt-lookup', prompt, [3, 40, 41, end])).toEqual([[10, 2]]);
	});
});

describe('ngram-simple', () => {
	test('drafts once twelve tokens have matched, as far as the text goes', () => {
		expect(coldPasses('ngram-simple', range(1, 20), [...range(1, 20), end])).toEqual([
			...plainPasses(11),
			[20, 8],
		]);
	});

	test('drafts from the latest place that matches, 48 tokens', () => {
		const prompt = [...range(1, 12), 50, ...range(1, 12), ...range(100, 160)];
		expect(coldPasses('ngram-simple', prompt, [...range(1, 12), ...range(100, 150), end])).toEqual([
			...plainPasses(11),
			[48, 48],
			[48, 2],
		]);
	});
});

describe('ngram-mod', () => {
	test('drafts 64 tokens once 24 have matched', () => {
		expect(coldPasses('ngram-mod', range(1, 100), [...range(1, 90), end])).toEqual([
			...plainPasses(23),
			[64, 64],
			[64, 1],
		]);
	});

	test('makes no draft of fewer than 48 tokens', () => {
		const prompt = [...range(200, 260), ...range(1, 60)];
		const output = [...range(21, 47), end];
		expect(coldPasses('ngram-mod', prompt, output)).toEqual(plainPasses(27));
		expect(coldPasses('ngram-simple', prompt, output)).not.toEqual(plainPasses(27));
	});

	test('forgets everything after five weak drafts in a row', () => {
		const blocks = range(1, 6).map((block) => range(1000 * block, 1000 * block + 90));
		const drafter = createDrafter('ngram-mod');
		for (const block of blocks) {
			passesOf(drafter, block, [end]);
			drafter.nextConversation([]);
		}
		const output = blocks.flatMap((block, index) => [...block.slice(0, 24), index]);
		const drafted = passesOf(drafter, [end], [...output, end]).filter(([tokens]) => tokens > 0);
		expect(drafted).toEqual(Array(5).fill([64, 0]));
	});
});

describe('suffix-tree', () => {
	test('takes the match whose draft scores best: as long as it, by the share of what followed', () => {
		// After 1: two of three places go on with 2. After 1 2 3, at depth 3: 9 1 2, with 1/3 each.
		const prompt = [1, 2, 3, 9, 1, 2, 3, 8];
		expect(coldPasses('suffix-tree', prompt, [1, 2, 3, 9, 7])).toEqual([
			[1, 1],
			[3, 1],
		]);
	});

	test('drafts nothing less probable than 0.1', () => {
		const followers = (count: number) => range(100, 99 + count).flatMap((token) => [5, token]);
		expect(coldPasses('suffix-tree', followers(9), [5, 100, end])).toEqual([[1, 1]]);
		expect(coldPasses('suffix-tree', followers(10), [5, 100, end])[0]).toEqual([0, 0]);
	});

	test('drafts as many tokens as have matched, both together at most 24', () => {
		expect(coldPasses('suffix-tree', range(1, 60), [...range(1, 60), end])).toEqual([
			[1, 1],
			[3, 3],
			[7, 7],
			[12, 12],
			[12, 12],
			[12, 12],
			[12, 6],
		]);
	});

	test('that branches drafts what else may follow', () => {
		const prompt = [1, 2, 3, 9, 1, 2, 3, 8];
		expect(coldPasses('suffix-tree', prompt, [1, 2, 3, 8, 7])[1]).toEqual([3, 0]);
		expect(coldPasses('suffix-tree-branching', prompt, [1, 2, 3, 8, 7])[1]).toEqual([3, 1]);
	});

	test('draws on earlier answers, not on earlier prompts', () => {
		for (const [said, expected] of [
			['prompt', [0, 0]],
			['output', [1, 1]],
		] as const) {
			const drafter = createDrafter('suffix-tree');
			const turn = { prompt: Int32Array.of(), output: Int32Array.of(), [said]: Int32Array.of(5, 6, 7) };
			drafter.nextConversation([turn]);
			expect(passesOf(drafter, [1], [5, 6, end])[0], said).toEqual(expected);
		}
	});
});

describe('oracle', () => {
	test('copies the longest part of the output that occurs anywhere', () => {
		expect(coldPasses('oracle', range(1, 5), [3, 4, 5, 1, 2, 9, 1])).toEqual([
			[2, 2],
			[1, 1],
			[0, 0],
		]);
	});

	// ngram-mod and Reprise go from one stretch to another within a draft, and so could do better.
	const copying = [
		'copyspec',
		'prompt-lookup',
		'ngram-simple',
		'suffix-tree',
		'suffix-tree-branching',
	] as const;

	test.each(copying)('never costs more than %s', (name) => {
		const token = fc.integer({ min: 0, max: 4 });
		const phrases = fc.array(fc.array(token, { minLength: 1, maxLength: 20 }), {
			minLength: 1,
			maxLength: 4,
		});
		const text = phrases.chain((known) =>
			fc.array(fc.oneof(fc.constantFrom(...known), fc.array(token, { maxLength: 3 })), { maxLength: 12 }),
		);
		const cost = (passes: ReturnType<typeof coldPasses>, passCost: number) =>
			passes.reduce((sum, [drafted]) => sum + 1 + passCost * drafted, 0);
		fc.assert(
			fc.property(text, text, fc.constantFrom(0, 0.02, 0.3, 1), (before, after, passCost) => {
				const [prompt, output] = [before.flat(), [0, ...after.flat()]];
				const best = cost(coldPasses('oracle', prompt, output), passCost);
				expect(best).toBeLessThanOrEqual(cost(coldPasses(name, prompt, output), passCost) + 1e-9);
			}),
		);
	});
});
