import { expect, test } from 'vitest';
import { Meeting } from '../../../../lib/correct/presets/support/meeting.js';

test('each gets what the others brought, in their order', async () => {
	const meeting = new Meeting<string>(3);
	const exchanged = await Promise.all([2, 0, 1].map((member) => meeting.exchange(member, `of ${member}`)));
	expect(exchanged).toEqual([
		['of 0', 'of 1'],
		['of 1', 'of 2'],
		['of 0', 'of 2'],
	]);
});

test('nobody waits for who has left', async () => {
	const meeting = new Meeting<string>(3);
	meeting.leave(0);
	const first = meeting.exchange(1, 'one');
	meeting.leave(2);
	expect(await first).toEqual([]);
});

test('what is brought next belongs to the next exchange', async () => {
	const meeting = new Meeting<number>(2);
	for (let round = 0; round < 3; round++) {
		const both = Promise.all([meeting.exchange(0, round), meeting.exchange(1, 10 + round)]);
		expect(await both).toEqual([[10 + round], [round]]);
	}
});

test('who has left after bringing something is still heard', async () => {
	const meeting = new Meeting<string>(3);
	const first = meeting.exchange(0, 'zero');
	const second = meeting.exchange(1, 'one');
	meeting.leave(2);
	expect([await first, await second]).toEqual([['one'], ['zero']]);
});
