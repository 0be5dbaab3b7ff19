import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import type { Conversation } from '../../lib/replay/conversations.js';
import { copyingNames } from '../../lib/replay/drafters.js';
import { type ReplayOptions, type ReplayRow, replay } from '../../lib/replay/replay.js';
import { embeddedModel } from '../support/models.js';

const vocabulary = await loadModel(embeddedModel, { vocabOnly: true });
afterAll(() => vocabulary.dispose());

const poem = 'Mara found a red box near the market. Tom asked Lena about the coins.\n'.repeat(3);

function conversation(...answers: string[]): Conversation {
	const turns = answers.map((assistant, index) => ({ user: `Say poem ${index}.`, assistant }));
	return { dataset: 'poems', model: 'poet', template: 'chatml', system: '', turns };
}

function run(conversations: Conversation[], options: Partial<ReplayOptions> = {}): Promise<ReplayRow[]> {
	const defaults: ReplayOptions = { drafters: ['copyspec'], passCosts: [0.1], warm: false };
	return replay(conversations, vocabulary, { ...defaults, ...options });
}

const outputLength = (answer: string) => vocabulary.tokenize(answer).length + 1;

describe('tokens', () => {
	test('are those of the answer and the end of the turn, but for the first, which comes with the prompt', async () => {
		const rows = await run([conversation(poem, 'Yes.')]);
		expect(rows.map(({ tokens }) => tokens)).toEqual([outputLength(poem) - 1, outputLength('Yes.') - 1]);
	});

	test('of a text that repeats nothing take a pass each', async () => {
		const [row] = await run([conversation('abcdefghij')]);
		expect(row).toMatchObject({ drafted: 0, tokensPerPass: 1, speedup: 1 });
		expect(row?.passes).toBe(row?.tokens);
	});

	test('of an empty answer are none, and take no pass', async () => {
		const [row] = await run([conversation('')]);
		expect(row).toMatchObject({ conversations: 1, tokens: 0, passes: 0, tokensPerPass: 0, speedup: 0 });
	});
});

describe('the speed-up', () => {
	test.each(copyingNames)(
		'of %s is tokens by cost: a pass and its draft tokens at the pass cost each',
		async (name) => {
			const passCosts = [0, 0.02, 0.3];
			const rows = await run([conversation(poem, poem)], { drafters: [name], passCosts });
			expect(rows.map(({ turn, passCost }) => [turn, passCost])).toEqual(
				[1, 2].flatMap((turn) => passCosts.map((passCost) => [turn, passCost])),
			);
			for (const { tokens, passes, drafted, passCost, tokensPerPass, speedup } of rows) {
				expect(tokensPerPass).toBeCloseTo(tokens / passes, 12);
				expect(speedup).toBeCloseTo(tokens / (passes + Number(passCost) * drafted), 12);
			}
		},
	);

	test('of Reprise does not fall below plain decoding when draft tokens are dear', async () => {
		const [row] = await run([conversation('abcdefghij klmnop')], { drafters: ['reprise'], passCosts: [100] });
		expect(row?.speedup).toBe(1);
	});
});

describe('what a drafter draws on', () => {
	// ngram-mod drafts from longer matches only.
	const names = copyingNames.filter((name) => name !== 'ngram-mod');

	test('is the conversation so far: a second answer like the first takes fewer passes', async () => {
		for (const drafter of names) {
			const [first, second] = await run([conversation(poem, poem)], { drafters: [drafter] });
			expect(second?.tokens, drafter).toBe(first?.tokens);
			expect(second?.passes, drafter).toBeLessThan(first?.passes as number);
		}
	});

	test('is nothing of other conversations when each starts cold', async () => {
		for (const drafter of copyingNames) {
			const [alone] = await run([conversation(poem)], { drafters: [drafter] });
			const [twice] = await run([conversation(poem), conversation(poem)], { drafters: [drafter] });
			expect(twice, drafter).toMatchObject({
				conversations: 2,
				passes: 2 * (alone?.passes as number),
				drafted: 2 * (alone?.drafted as number),
			});
		}
	});

	test('is also those before it when it is warm', async () => {
		for (const drafter of names) {
			const [cold] = await run([conversation(poem), conversation(poem)], { drafters: [drafter] });
			const [warm] = await run([conversation(poem), conversation(poem)], { drafters: [drafter], warm: true });
			expect(warm?.tokens, drafter).toBe(cold?.tokens);
			expect(warm?.passes, drafter).toBeLessThan(cold?.passes as number);
		}
	});
});

test('rows add up conversations by data set and model, turn, drafter and pass cost, in this order', async () => {
	const other = { ...conversation('Yes.'), model: 'other' };
	const rows = await run([conversation('One.', 'Two.'), other, conversation('Three.')], {
		drafters: ['oracle', 'copyspec'],
		passCosts: [0.3, 0.1],
	});
	const lanes = [
		['oracle', 0.3],
		['oracle', 0.1],
		['copyspec', 0.3],
		['copyspec', 0.1],
	];
	const groups = [
		['poet', 1, 2],
		['poet', 2, 1],
		['other', 1, 1],
	];
	expect(
		rows.map(({ model, turn, conversations, drafter, passCost }) => [
			model,
			turn,
			conversations,
			drafter,
			passCost,
		]),
	).toEqual(groups.flatMap((group) => lanes.map((lane) => [...group, ...lane])));
	expect(rows[0]?.tokens).toBe(outputLength('One.') + outputLength('Three.') - 2);
});

test('a signal ends the replay', async () => {
	const controller = new AbortController();
	async function* endless() {
		for (;;) {
			yield conversation('Yes.');
			controller.abort();
		}
	}
	const options: ReplayOptions = { drafters: ['copyspec'], passCosts: [0.1], warm: false };
	await expect(
		replay(endless(), vocabulary, { ...options, signal: controller.signal }),
	).rejects.toMatchObject({ name: 'RepriseError', code: 'ABORTED' });
});
