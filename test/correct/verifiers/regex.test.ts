import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { regex } from '../../../lib/correct/verifiers/regex.js';
import { verify } from '../../support/verify.js';

test('passes answers in which the pattern is found', async () => {
	expect(await verify(regex(/^answer: \d+$/m), 'So:\nanswer: 12')).toEqual({ outcome: 'pass' });
	expect(await verify(regex('^\\p{Lu}'), 'Über')).toEqual({ outcome: 'pass' });
	expect(await verify(regex(/^answer/, { message: 'Begin with answer.' }), 'x')).toEqual({
		outcome: 'fail',
		message: 'Begin with answer.',
	});
});

test('a global pattern starts at the beginning of every answer', async () => {
	const verifier = regex(/a/g);
	for (let i = 0; i < 3; i++) expect(await verify(verifier, 'a')).toEqual({ outcome: 'pass' });
});

test('a search that takes for ever is stopped, and the caller’s error', async () => {
	const slow = regex(/^(a+)+$/, { timeoutMs: 50 });
	await expect(verify(slow, `${'a'.repeat(50)}b`)).rejects.toMatchObject({
		code: 'VERIFIER_FAILED',
		message: 'The pattern /^(a+)+$/ took more than 50 ms on an answer; simplify it, or raise timeoutMs',
	});
	expect(await verify(slow, 'aaa')).toEqual({ outcome: 'pass' });
});

test('JavaScript goes on while a search takes long, and a signal ends it', async () => {
	const slow = regex(/^(a+)+$/, { timeoutMs: 60_000 });
	const controller = new AbortController();
	let ticks = 0;
	const timer = setInterval(() => ++ticks === 20 && controller.abort(), 5);
	const late = verify(slow, `${'a'.repeat(50)}b`, {}, controller.signal);
	await expect(late).rejects.toMatchObject({ code: 'ABORTED' });
	clearInterval(timer);
	expect(ticks).toBeGreaterThanOrEqual(20);
	await expect(verify(slow, 'a', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
});

test('many searches at once wait for each other', async () => {
	const verdicts = Array.from({ length: 20 }, (_, i) =>
		verify(regex(new RegExp(`^${i}$`, 'u')), `${i % 10}`),
	);
	expect((await Promise.all(verdicts)).map(({ outcome }) => outcome)).toEqual([
		...Array(10).fill('pass'),
		...Array(10).fill('fail'),
	]);
});

test('takes a pattern of another realm', async () => {
	const foreign = runInNewContext('/^a+$/i') as RegExp;
	expect(await verify(regex(foreign), 'AA')).toEqual({ outcome: 'pass' });
});

test('what is no pattern is the caller’s error', () => {
	expect(() => regex('(')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
	expect(() => regex(3 as never)).toThrow('a RegExp or a string for pattern');
});
