import { expect, test } from 'vitest';
import { cacheNames } from './support/operations/kinds.js';
import { playOperations } from './support/operations/play.js';

// A share of what `npx tsx test/fuzz/random-operations.ts` plays for minutes.
test.each(cacheNames)(
	'sessions say what a session alone says, whatever is done to their family (cache: %s)',
	async (cache) => {
		const tally = await playOperations({ cache, seed: 2026, operations: 360 });
		console.log(`${cache}: ${JSON.stringify(tally)}`);
		expect(tally.compared).toBeGreaterThan(100);
		expect(tally.shifts).toBeGreaterThan(0);
		if (cache === 'recurrent') expect(tally.accepted).toBe(0);
		else expect(tally.accepted).toBeGreaterThan(100);
	},
);
