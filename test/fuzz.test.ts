import { expect, test } from 'vitest';
import { ended, tally } from './fuzz/children.js';
import { fuzzModels } from './fuzz/gguf.js';
import { sweepSessions } from './fuzz/sessions.js';

// A share of what `npx tsx test/fuzz/gguf.ts` and `test/fuzz/sessions.ts` do.

test('no mutated model file ends the process or hangs it, and every refusal has a code', async () => {
	const outcomes = await fuzzModels(300, 10_000, 1);
	expect(ended(outcomes)).toEqual([]);
	expect(outcomes.size).toBe(300);
	expect(tally(outcomes)).not.toContain('NATIVE_FAILED');
	expect(tally(outcomes)).toContain('said');
}, 900_000);

test('no shape, options and calls of sessions end the process or hang it', async () => {
	const outcomes = await sweepSessions(96, 10_000, 1);
	expect(ended(outcomes)).toEqual([]);
	expect(outcomes.size).toBe(96);
	expect(tally(outcomes)).not.toContain('NATIVE_FAILED');
	expect(tally(outcomes)).toContain('done');
}, 900_000);
