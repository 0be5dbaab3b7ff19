import { afterAll, expect, test } from 'vitest';
import { loadModel, type Metrics } from '../lib/index.js';
import { copyPrompt } from './support/endless.js';
import { embeddedModel } from './support/models.js';

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 512, threads: 1 });
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

async function measure(draft: 'off' | { size: number }): Promise<Metrics> {
	return (await session.generate(copyPrompt, { draft }).result).metrics;
}

test('a verify pass gives its accepted drafts and one more, but for one whose drafts end the text', async () => {
	const metrics = await measure({ size: 8 });
	expect(metrics.accepted).toBeGreaterThan(0);
	expect([0, 1]).toContain(metrics.passes + metrics.accepted - metrics.passTokens);
});

test('the prompt’s pass gives the first token and verify passes all others', async () => {
	await session.rollback(0);
	const metrics = await measure({ size: 8 });
	expect(metrics.passTokens).toBe(metrics.outputTokens - 1);
});

test('rates are made of the counts beside them', async () => {
	const metrics = await measure({ size: 8 });
	expect(metrics.tokensPerPass).toBeCloseTo(metrics.passTokens / metrics.passes);
	expect(metrics.tokensPerSecond).toBeCloseTo((1000 * metrics.passTokens) / metrics.decodeMs);
	expect(metrics.acceptanceRate).toBeCloseTo(metrics.accepted / metrics.drafted);
	expect(metrics.speedupEstimate).toBeCloseTo(metrics.plainMsEstimate / metrics.decodeMs);
});

test('what decoding was spent on adds up to its time', async () => {
	for (const draft of [{ size: 8 }, 'off'] as const) {
		await session.rollback(0);
		const { decodeMs, decodeMsByPart, draftMicrosPerPass, passes } = await measure(draft);
		const { drafting, compute, sampling, bookkeeping } = decodeMsByPart;
		expect(drafting + compute + sampling + bookkeeping).toBeCloseTo(decodeMs, 6);
		expect(Math.min(drafting, compute, sampling, bookkeeping)).toBeGreaterThan(0);
		expect(compute).toBeGreaterThan(decodeMs / 2);
		expect(draftMicrosPerPass).toBeCloseTo((1000 * drafting) / passes);
	}
});

test('accepted and drafted tokens add up over their sources', async () => {
	const metrics = await measure({ size: 8 });
	const sum = (counts: Record<string, number>) =>
		Object.values(counts).reduce((total, count) => total + count, 0);
	expect(sum(metrics.acceptedBySource)).toBe(metrics.accepted);
	expect(sum(metrics.draftedBySource)).toBe(metrics.drafted);
});

test('passes add up over their numbers of rows, a row for each draft and one for the last token', async () => {
	const metrics = await measure({ size: 8 });
	const passes = metrics.passesByRows.reduce((total, row) => total + row.passes, 0);
	const rows = metrics.passesByRows.reduce((total, row) => total + row.passes * row.rows, 0);
	expect(passes).toBe(metrics.passes);
	expect(rows).toBe(metrics.passes + metrics.drafted);
});

test('without drafts every pass gives one token', async () => {
	const metrics = await measure('off');
	expect(metrics.tokensPerPass).toBe(1);
	expect(metrics.drafted).toBe(0);
	expect(metrics.acceptanceRate).toBe(0);
});

test('a generation of one token makes no verify pass, and its rates are 0', async () => {
	await session.rollback(0);
	const { metrics } = await session.generate(copyPrompt, { maxTokens: 1 }).result;
	expect(metrics).toMatchObject({ outputTokens: 1, passes: 0, tokensPerPass: 0, tokensPerSecond: 0 });
});
