import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel, type Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import type { SessionOptions } from '../lib/session-options.js';
import { concatTokens } from '../lib/tokens.js';
import { randomModel, tinyShapes } from './support/models.js';
import { ForkLog, run } from './support/runs.js';

/** What can be done to a member of a family of sessions. */
type Step = { member: number } & (
	| { do: 'prefill' | 'append' | 'abort prompt'; tokens: number[] }
	| { do: 'generate'; maxTokens: number; size: number; temperature: number }
	| { do: 'abort'; after: number; size: number }
	| { do: 'rollback'; share: number }
	| { do: 'fork' | 'save and load' | 'dispose' }
);

const member = fc.nat({ max: 100 });
// Few different tokens, so that texts repeat themselves and drafts are found.
const tokens = (maxLength: number) =>
	fc.array(fc.integer({ min: 300, max: 320 }), { minLength: 1, maxLength });
const size = fc.constantFrom(1, 5, 30);

const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ member, do: fc.constantFrom('prefill' as const, 'append' as const), tokens: tokens(60) }),
	fc.record({ member, do: fc.constant('abort prompt' as const), tokens: tokens(200) }),
	fc.record({
		member,
		do: fc.constant('generate' as const),
		maxTokens: fc.integer({ min: 1, max: 30 }),
		size,
		temperature: fc.constantFrom(0, 0.7),
	}),
	fc.record({ member, do: fc.constant('abort' as const), after: fc.integer({ min: 0, max: 12 }), size }),
	fc.record({
		member,
		do: fc.constant('rollback' as const),
		share: fc.double({ min: 0, max: 1, noNaN: true }),
	}),
	fc.record({ member, do: fc.constant('fork' as const) }),
	fc.record({ member, do: fc.constantFrom('save and load' as const, 'dispose' as const) }),
);

interface Member {
	session: Session;
	/** What its history must be, kept outside of it. */
	history: Int32Array;
}

async function apply(step: Step, family: Member[], stateFile: string): Promise<void> {
	const at = step.member % family.length;
	const member = family[at] as Member;
	const { session, history } = member;
	switch (step.do) {
		case 'prefill':
			member.history = Int32Array.from(step.tokens);
			await session.prefill(member.history);
			break;
		case 'append':
			member.history = concatTokens(history, Int32Array.from(step.tokens));
			await session.append(step.tokens);
			break;
		case 'abort prompt': {
			const prompt = concatTokens(history, Int32Array.from(step.tokens));
			const generation = session.generate(prompt, { onPrefill: () => generation.abort(), maxTokens: 4 });
			member.history = concatTokens(prompt, (await generation.result).tokens);
			break;
		}
		case 'generate': {
			if (history.length === 0) return;
			const { maxTokens, size, temperature } = step;
			const options = { maxTokens, temperature, seed: 1, draft: { size }, prediction: history };
			const { tokens } = await session.generate(null, options).result;
			member.history = concatTokens(history, tokens);
			break;
		}
		case 'abort': {
			if (history.length === 0) return;
			const generation = session.generate(null, { maxTokens: 60, draft: { size: step.size } });
			for await (const chunk of generation) if (chunk.metrics.outputTokens > step.after) break;
			member.history = concatTokens(history, (await generation.result).tokens);
			break;
		}
		case 'rollback':
			member.history = history.slice(0, Math.floor(step.share * history.length));
			await session.rollback(member.history.length);
			break;
		case 'fork':
			if (family.length < 6) family.push({ session: await session.fork(), history });
			break;
		case 'save and load':
			await session.save(stateFile);
			await session.prefill([310]);
			await session.load(stateFile);
			break;
		case 'dispose':
			if (family.length === 1) return;
			await session.dispose();
			family.splice(at, 1);
			break;
	}
}

const kinds: Array<{ name: string; shape: (typeof tinyShapes)[number]; options?: SessionOptions }> = [
	...tinyShapes.map((shape) => ({ name: shape, shape })),
	{
		name: 'tiny-gemma3 with a pruned sliding window',
		shape: 'tiny-gemma3',
		options: { fullSlidingWindow: false, batchSize: 64, microBatchSize: 32 },
	},
];

describe.each(kinds)('sessions of $name, whatever was done to them', ({ name, shape, options }) => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-history-'));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	const createSession = (model: Model) =>
		model.createSession({ contextLength: 4096, threads: 1, maxSequences: 32, ...options });

	test('have the histories they should have, and go on as fresh ones would', async () => {
		await using model = await loadModel(await randomModel(shape));
		await using fresh = await createSession(model);
		const log = new ForkLog();
		await fc.assert(
			fc.asyncProperty(tokens(40), fc.array(step, { minLength: 2, maxLength: 8 }), async (first, steps) => {
				const forks = new ForkLog();
				const family: Member[] = [{ session: await createSession(model), history: new Int32Array() }];
				await apply({ member: 0, do: 'prefill', tokens: first }, family, '');
				for (const step of steps) await apply(step, family, join(folder, 'state'));
				for (const { session, history } of family) {
					expect(await session.history()).toEqual(history);
					if (history.length === 0) continue;
					const plain = await run(fresh, history, { maxTokens: 12, draft: 'off' });
					const gone = await run(session, history, { maxTokens: 12, draft: { size: 8 } });
					await forks.compare(JSON.stringify(steps), plain, gone);
				}
				for (const { session } of family) await session.dispose();
				log.runs += forks.runs;
				log.near.push(...forks.near);
				expect(forks.wide).toEqual([]);
			}),
			{ numRuns: 100, seed: 9 },
		);
		console.log(`${name}: ${log.runs} sessions, ${log.near.length} forks at near-ties`);
		expect(log.runs).toBeGreaterThan(100);
	});
});
