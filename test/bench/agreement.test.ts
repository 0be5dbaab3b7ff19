import { expect, test } from 'vitest';
import { AgreementCount, compareOutputs } from '../../lib/bench/agreement.js';

const end = 9;
const prompt = Int32Array.of(1, 2);
const plain = Int32Array.of(3, 4, 5, end);

async function compare(output: number[], nearTieAfter?: number[]) {
	const asked: number[][] = [];
	const isNearTie = async (context: Int32Array) => {
		asked.push([...context]);
		return String([...context]) === String(nearTieAfter);
	};
	const comparison = await compareOutputs(prompt, plain, Int32Array.from(output), [end], isNearTie);
	return { comparison, asked };
}

test('texts are equal whether or not the token that ends the turn is told', async () => {
	for (const output of [
		[3, 4, 5, end],
		[3, 4, 5],
	])
		expect(await compare(output)).toEqual({ comparison: 'equal', asked: [] });
});

test('texts that part are asked about where they part, prompt included', async () => {
	expect(await compare([3, 7, 7], [1, 2, 3])).toEqual({ comparison: 'near-tie', asked: [[1, 2, 3]] });
	expect(await compare([3, 7, 7])).toEqual({ comparison: 'different', asked: [[1, 2, 3]] });
	expect(await compare([8], [1, 2])).toMatchObject({ comparison: 'near-tie' });
});

test('a text that ends earlier or later parts at the end of the shorter one', async () => {
	expect(await compare([3, 4, end], [1, 2, 3, 4])).toMatchObject({ comparison: 'near-tie' });
	expect(await compare([3, 4, 5, 6], [1, 2, 3, 4, 5])).toMatchObject({ comparison: 'near-tie' });
});

test('comparisons are counted by arm, on from those of an earlier part', () => {
	const count = new AgreementCount([{ arm: 'reprise', texts: 2, equal: 2, nearTies: 0, different: 0 }]);
	count.add('reprise', 'near-tie');
	count.add('llama-server', 'different');
	expect(count.counts).toEqual([
		{ arm: 'reprise', texts: 3, equal: 2, nearTies: 1, different: 0 },
		{ arm: 'llama-server', texts: 1, equal: 0, nearTies: 0, different: 1 },
	]);
});
