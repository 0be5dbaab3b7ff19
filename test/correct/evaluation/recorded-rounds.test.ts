import { afterAll, describe, expect, test } from 'vitest';
import { recordedRounds } from '../../../lib/correct/evaluation/recorded-rounds.js';
import { loadModel } from '../../../lib/index.js';
import { parseConversation } from '../../../lib/replay/conversations.js';
import { renderConversation } from '../../../lib/replay/render.js';
import { embeddedModel } from '../../support/models.js';

const vocabulary = await loadModel(embeddedModel, { vocabOnly: true });
afterAll(() => vocabulary.dispose());

const program = 'const pears = 12;\nconst bags = 7;\nconst all = pears * bags;\nconsole.log(all);';
const talk = (id: number, correct: Array<boolean | null>) =>
	parseConversation(
		JSON.stringify({
			...{ dataset: 'sums', model: 'pupil', template: 'chatml', correct },
			turns: [
				{ user: `Write a program, number ${id}.`, assistant: program },
				{ user: 'Read it again.', assistant: `${program}\nIt is right.` },
				{ user: 'The final program, please.', assistant: program },
			],
		}),
		'here',
	);
const talks = [talk(1, [true, null, true]), talk(2, [false, null, true]), talk(3, [false, null, false])];
const rows = await recordedRounds(talks, vocabulary, { passCost: 0.1 });

test('tokens per pass rise by round', () => {
	const [first = 0, second = 0, third = 0] = rows.map(({ tokensPerPass }) => tokensPerPass);
	expect(second).toBeGreaterThan(first);
	expect(third).toBeGreaterThan(second);
});

test('beside them stands what reading each round anew would compute', () => {
	const turns = talks.map((conversation) => renderConversation(conversation, vocabulary));
	const sum = (size: (turn: (typeof turns)[number]) => number) =>
		turns.reduce((all, one) => all + size(one), 0);
	const length = (turn: (typeof turns)[number], index: number) => ({
		prompt: turn[index]?.prompt.length ?? 0,
		output: turn[index]?.output.length ?? 0,
	});
	expect(rows.map(({ promptTokens }) => promptTokens)).toEqual(
		[0, 1, 2].map((index) => sum((turn) => length(turn, index).prompt)),
	);
	expect(rows[2]?.rereadTokens).toBe(
		sum((turn) => {
			const [first, second, third] = [0, 1, 2].map((index) => length(turn, index));
			return (
				(first?.prompt ?? 0) +
				(first?.output ?? 0) +
				(second?.prompt ?? 0) +
				(second?.output ?? 0) +
				(third?.prompt ?? 0)
			);
		}),
	);
	expect(rows[0]?.rereadTokens).toBe(rows[0]?.promptTokens);
});

describe('measures', () => {
	test('go from the last answers that were judged', () => {
		expect(rows.map(({ measures }) => measures?.after.value ?? null)).toEqual([1 / 3, null, 2 / 3]);
		expect(rows[2]?.measures?.cells).toEqual({ rightRight: 1, rightWrong: 0, wrongRight: 1, wrongWrong: 1 });
	});

	test('are unknown where nothing is said about right and wrong', async () => {
		const { correct: _, ...unjudged } = talk(1, []);
		const [row] = await recordedRounds([unjudged], vocabulary, { passCost: 0.1 });
		expect(row?.measures).toBeNull();
	});
});
