import { describe, expect, test } from 'vitest';
import { verifierGuided } from '../../lib/correct/presets/verifier-guided.js';
import type { Verifier } from '../../lib/correct/verifier.js';
import { follow } from '../support/correction.js';
import { ScriptedSession } from '../support/scripted.js';

const five = () => new ScriptedSession((messages) => `It is 5${'!'.repeat(messages.length)}`);

async function judgementsBy(verifier: unknown, rest: object = {}) {
	const options = { verifier: verifier as Verifier, budget: { rounds: 2 }, ...rest };
	const { events, brief, stoppedBy } = await follow(five(), verifierGuided(), options);
	return {
		judgements: events.flatMap((event) => (event.type === 'verdict' ? [event.judgement] : [])),
		brief,
		stoppedBy,
	};
}

describe('a verifier that', () => {
	test('throws has given no verdict: the answer stays, with the fault in the log', async () => {
		const { judgements, brief } = await judgementsBy(() => {
			throw new Error('no such compiler');
		});
		expect(judgements).toEqual([{ outcome: 'none', fault: 'threw', message: 'no such compiler' }]);
		expect(brief).toEqual(['attempt 1: It is 5!', 'verdict 1: threw', 'result 1: It is 5! (done)']);
	});

	test('rejects with no error is reported as well', async () => {
		const { judgements } = await judgementsBy(() => Promise.reject('gone'));
		expect(judgements).toEqual([{ outcome: 'none', fault: 'threw', message: 'gone' }]);
	});

	test('takes too long is told to stop', async () => {
		let told = false;
		const { judgements } = await judgementsBy(
			(_: string, { signal }: { signal: AbortSignal }) =>
				new Promise(() => {
					signal.addEventListener('abort', () => {
						told = true;
					});
				}),
			{ verifierTimeoutMs: 30 },
		);
		expect(judgements).toEqual([
			{ outcome: 'none', fault: 'timeout', message: 'There was no verdict within 30 ms' },
		]);
		expect(told).toBe(true);
	});

	test('floods its message is heard at both ends', async () => {
		const flood = `first ${'x'.repeat(10_000_000)} last`;
		const { judgements, brief } = await judgementsBy(() => ({ outcome: 'fail', message: flood }));
		expect(judgements).toHaveLength(2);
		const { message } = judgements[0] as { message: string };
		expect(message.length).toBeLessThan(4100);
		expect(message).toMatch(/^first x+\n… \(9996011 characters left out\) …\nx+ last$/);
		expect(brief.at(-1)).toBe('result 2: It is 5!!! (rounds)');
	});

	test('writes half a character is mended, as the message goes into a prompt', async () => {
		const { judgements } = await judgementsBy(() => ({ outcome: 'fail', message: 'bad \uD83D' }));
		expect(judgements[0]).toMatchObject({ message: 'bad \uFFFD' });
	});

	test.each([
		['nothing', undefined],
		['another outcome', { outcome: 'maybe' }],
		['a failure without a message', { outcome: 'fail' }],
		['a score that is none', { outcome: 'score', score: Number.NaN }],
		['a message that is none', { outcome: 'pass', message: 3 }],
		['what cannot be shown', { outcome: 1n }],
	])('returns %s has given no verdict', async (_, verdict) => {
		const { judgements } = await judgementsBy(() => verdict);
		expect(judgements).toMatchObject([{ outcome: 'none', fault: 'invalid' }]);
	});

	test('is at fault can end the run as an error', async () => {
		const failing = () => {
			throw new Error('no such compiler');
		};
		await expect(judgementsBy(failing, { onFault: 'throw' })).rejects.toMatchObject({
			code: 'VERIFIER_FAILED',
			message: 'The verifier gave no verdict: no such compiler',
		});
	});
});

test('a verifier sees the answer and the task', async () => {
	const seen: unknown[] = [];
	await judgementsBy((answer: string, { task }: { task: unknown }) => {
		seen.push(answer, task);
		return { outcome: 'pass' };
	});
	expect(seen).toEqual(['It is 5!', { id: 'sum', prompt: 'What is 2 + 2?', answer: '4' }]);
});
