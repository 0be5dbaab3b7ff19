import { expect, test } from 'vitest';
import { treeSearch } from '../../../lib/correct/presets/tree-search.js';
import { endsRight, follow } from '../../support/correction.js';
import { ScriptedSession } from '../../support/scripted.js';

/** What may come after a beginning: each way to go on as often as any other, by the step's seed. */
const ways: Readonly<Record<string, readonly string[]>> = {
	'': ['two\n', 'three\n'],
	'two\n': ['and two make\n', 'is even. 2'],
	'two\nand two make\n': ['4', '22'],
	'three\n': ['and one make\n', 'is odd. 3'],
	'three\nand one make\n': ['5'],
};

/** Holds beginnings with "two" for right, by this probability, and others for as unlikely. */
const believing = (probability: number) =>
	new ScriptedSession((messages, { seed = 0, logitBias }) => {
		if (logitBias) {
			const begun = String(messages.at(-2)?.content);
			return { reply: 'Yes', probability: begun.startsWith('two') ? probability : 1 - probability };
		}
		const last = messages.at(-1);
		const next = ways[last?.role === 'assistant' ? last.content : ''] ?? ['.'];
		// The text after a step is what a model would go on with: the search has to end the step.
		return `${next[seed % next.length]}more`;
	});

const strategy = () => treeSearch({ expansions: 12, width: 4, exploration: 0.1 });

test('it goes on from what is valued most, and ends with the first answer that passes', async () => {
	const session = believing(0.9);
	const { answer, brief } = await follow(session, strategy(), {
		verifier: (text, context) => endsRight(text.replace(/more$/, ''), context),
	});
	expect(answer).toBe('two\nand two make\n4more');
	expect(brief.filter((one) => one.includes('and one make'))).toEqual([]);
	expect(session.forks).toBe(0);
});

test('it turns to other beginnings where those valued most come to nothing', async () => {
	const { answer } = await follow(believing(0.1), strategy(), {
		verifier: (text, context) => endsRight(text.replace(/more$/, ''), context),
	});
	expect(answer).toBe('two\nand two make\n4more');
});

test('without a verifier it takes the whole answer that the model holds most probably right', async () => {
	const { answer, events } = await follow(believing(0.9), strategy());
	expect(answer).toMatch(/^two\n/);
	const about = events.flatMap((event) => (event.type === 'verdict' ? [event.about] : []));
	expect(new Set(about)).toEqual(new Set([undefined, 'the answer so far']));
});

test('beginnings are valued by a function of the caller, on a scale of its own', async () => {
	const liked: string[] = [];
	const ofThree = strategy().with({
		value: (_, { text }) => {
			liked.push(text);
			return { outcome: 'score', score: text.startsWith('three') ? 1000 : -1000 };
		},
		verify: (_, { text }) => ({ outcome: 'score', score: text.startsWith('three') ? 1000 : -1000 }),
	});
	expect((await follow(believing(0.9), ofThree)).answer).toMatch(/^three\n/);
	expect(liked).toContain('two\n');
});

test('steps that come out alike are one, and an answer of few steps is searched to its end', async () => {
	const session = new ScriptedSession(() => 'always this');
	const { brief } = await follow(
		session,
		treeSearch({ expansions: 100, width: 3 }).with({ verify: () => ({ outcome: 'fail', message: 'No.' }) }),
	);
	expect(brief.filter((one) => one.startsWith('attempt'))).toHaveLength(3);
	expect(brief.at(-1)).toBe('result 1: always this (done)');
});

test('what is left at the greatest depth is said in one', async () => {
	const session = new ScriptedSession(() => 'a\nb\nc');
	const { brief } = await follow(
		session,
		treeSearch({ depth: 2, width: 1 }).with({
			value: () => ({ outcome: 'pass' }),
			verify: () => ({ outcome: 'pass' }),
		}),
	);
	expect(brief.filter((one) => one.startsWith('attempt'))).toEqual([
		'attempt 1: a\n',
		'attempt 1: a\na\nb\nc',
	]);
});

test('where the search ends before any answer does, the best beginning is gone on from', async () => {
	const { answer } = await follow(believing(0.9), treeSearch({ expansions: 1, width: 4 }));
	expect(answer).toMatch(/^two\n.+/);
});
