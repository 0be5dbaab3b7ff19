import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CorrectOptions } from '../../../lib/correct/correct-options.js';
import type { CorrectionEvent } from '../../../lib/correct/events.js';
import { bestOf } from '../../../lib/correct/presets/best-of.js';
import { strategyByName, strategyNames } from '../../../lib/correct/presets/by-name.js';
import { constitution } from '../../../lib/correct/presets/constitution.js';
import { iterativeDeepening } from '../../../lib/correct/presets/iterative-deepening.js';
import { peers } from '../../../lib/correct/presets/peers.js';
import type { Strategy } from '../../../lib/correct/strategy.js';
import type { Verifier } from '../../../lib/correct/verifier.js';
import { follow, task } from '../../support/correction.js';
import { ScriptedSession } from '../../support/scripted.js';

/** Says something else to every conversation, in every voice, and the same to the same. */
const moody = () =>
	new ScriptedSession((messages, { seed, temperature, logitBias }) => {
		const asked = JSON.stringify([messages, seed, temperature]);
		const [first = 0, second = 0, third = 0] = createHash('sha256').update(asked).digest();
		if (logitBias) {
			const reply = asked.includes('Yes or No') ? 'Yes' : 'True';
			return { reply, probability: (first + 0.5) / 256 };
		}
		return `- say ${first}\n- and ${second}. Now ${third % 3}`;
	});

const half: Verifier = (answer) =>
	answer.length % 2 === 0 ? { outcome: 'pass' } : { outcome: 'fail', message: 'Odd.' };

/** What these need to say more than one thing in a few tokens, or a verifier. */
const prepared: Readonly<Record<string, () => Strategy>> = {
	iterativeDeepening: () => iterativeDeepening({ stretchTokens: 4 }),
	peers: () => peers({ stretchTokens: 4, summaryTokens: 3 }),
	constitution: () => constitution().with({ verify: (_, { text }) => half(text, undefined as never) }),
};
/** A task with an image, which `lookBack` asks for. */
const answer = (session: ScriptedSession, strategy: Strategy, options?: CorrectOptions) =>
	follow(session, strategy, options, { ...task, images: ['numbers.png'] });

/** These have files of their own, and no step to be interrupted at or a verifier to be given. */
const elsewhere: readonly string[] = ['plain', 'threeTurn', 'verifierGuided'];

const presets: ReadonlyArray<() => Strategy> = [
	...strategyNames
		.filter((name) => !elsewhere.includes(name))
		.map((name) => prepared[name] ?? (() => strategyByName(name))),
	() => bestOf({ refine: 'local' }),
	() => bestOf({ refine: 'global' }),
];

/** What happened, times and the cost of computing the cache anew aside. */
const facts = (events: readonly CorrectionEvent[]) =>
	events
		.map((event) =>
			event.type === 'result'
				? { ...event, atMs: 0 }
				: { ...event, atMs: 0, durationMs: 0, cost: { tokens: event.cost.tokens } },
		)
		.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

test.each(presets.map((preset) => [preset().name, preset] as const))(
	'%s goes on as it did, wherever it was interrupted',
	async (_, preset) => {
		const whole = await answer(moody(), preset());
		expect(whole.events.length).toBeGreaterThan(2);
		for (let count = 1; count < whole.events.length; count++) {
			const log: CorrectionEvent[] = JSON.parse(JSON.stringify(whole.events.slice(0, count)));
			const resumed = await answer(moody(), preset(), { log });
			expect(facts(resumed.events)).toEqual(facts(whole.events));
		}
	},
);

test.each(presets.map((preset) => [preset().name, preset] as const))(
	'%s stays within a budget of tokens',
	async (_, preset) => {
		for (const tokens of [1, 5, 12, 30]) {
			const session = moody();
			const { cost, stoppedBy } = await answer(session, preset(), { budget: { tokens } });
			expect(cost.tokens).toBeLessThanOrEqual(tokens);
			if (tokens === 1) expect(stoppedBy).toBe('tokens');
			expect(session.forks).toBe(0);
		}
	},
);

test.each(presets.map((preset) => [preset().name, preset] as const))(
	'%s can be aborted anywhere, and gives its forks back',
	async (_, preset) => {
		const whole = await answer(moody(), preset());
		for (let count = 0; count < whole.events.length - 1; count++) {
			const session = moody();
			const abort = new AbortController();
			let seen = 0;
			if (count === 0) abort.abort();
			const result = await answer(session, preset(), {
				signal: abort.signal,
				onChunk: () => {
					if (++seen === count * 2) abort.abort();
				},
			});
			expect(session.forks).toBe(0);
			if (abort.signal.aborted) expect(['aborted', result.stoppedBy]).toContain(result.stoppedBy);
			else expect(result.answer).toBe(whole.answer);
		}
	},
);

const faulty: ReadonlyArray<readonly [string, Verifier]> = [
	['throws', () => Promise.reject(new Error('no such compiler'))],
	['takes too long', () => new Promise(() => {})],
	['floods its message', () => ({ outcome: 'fail', message: 'x'.repeat(1_000_000) })],
];

describe.each(faulty)('a verifier that %s', (_, verifier) => {
	test.each(presets.map((preset) => [preset().name, preset] as const))(
		'leaves %s an answer',
		async (_, preset) => {
			const session = moody();
			const strategy = preset().with({
				verify: ({ task, signal }, { text }) => verifier(text, { task, signal }),
			});
			const { answer: said, events } = await answer(session, strategy, { verifierTimeoutMs: 5 });
			expect(said).not.toBe('');
			expect(JSON.stringify(events).length).toBeLessThan(400_000);
			expect(session.forks).toBe(0);
		},
	);
});
