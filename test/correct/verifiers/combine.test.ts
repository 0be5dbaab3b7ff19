import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../lib/correct/verifier.js';
import { all, any } from '../../../lib/correct/verifiers/combine.js';
import { verify } from '../../support/verify.js';

const pass: Verdict = { outcome: 'pass' };
const fail = (message: string, score?: number): Verdict => ({
	outcome: 'fail',
	message,
	...(score !== undefined && { score }),
});
const score = (score: number): Verdict => ({ outcome: 'score', score });
const give = (verdict: Verdict) => async () => verdict;

describe('all', () => {
	test.each<[string, Verdict[], Verdict]>([
		['every verifier passes', [pass, pass], pass],
		['one fails', [pass, fail('too long')], fail('too long')],
		['several fail', [fail('too long'), pass, fail('no rhyme')], fail('too long\nno rhyme')],
		['some score', [pass, score(0.7), score(0.4)], score(0.4)],
		['one scores and one fails', [score(0.7), fail('too long', 0.2)], fail('too long', 0.2)],
	])('where %s', async (_, verdicts, expected) => {
		expect(await verify(all(...verdicts.map(give)), 'x')).toEqual(expected);
	});
});

describe('any', () => {
	test.each<[string, Verdict[], Verdict]>([
		['one passes', [fail('too long'), pass], pass],
		['none passes', [fail('too long'), fail('no rhyme')], fail('too long\nno rhyme')],
		['some score', [fail('too long', 0.1), score(0.7), score(0.4)], score(0.7)],
	])('where %s', async (_, verdicts, expected) => {
		expect(await verify(any(...verdicts.map(give)), 'x')).toEqual(expected);
	});
});

test('a verifier that throws is heard', async () => {
	const throwing = () => {
		throw new Error('broken');
	};
	await expect(verify(all(give(pass), throwing), 'x')).rejects.toThrow('broken');
});

test('what is no verifier is the caller’s error', () => {
	expect(() => all()).toThrow('at least one verifier for all');
	expect(() => any(give(pass), 'js' as never)).toThrow('a function for verifier 2 of any');
});
