import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { copyPrompt, noEnd } from './support/endless.js';
import { runFixture } from './support/fixture.js';
import { embeddedModel, randomModel } from './support/models.js';

const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());

const optional = (part: string, count: number) => `root ::= ${`${part}? `.repeat(count)}"!"`;

/** A grammar with 2^`depth` readings of its first character, each with another rest. */
function branching(depth: number): string {
	const rules = Array.from({ length: depth }, (_, i) => `r${i} ::= r${i + 1} "x" | r${i + 1} "y"`);
	return `root ::= r0\n${rules.join('\n')}\nr${depth} ::= [a-z]`;
}

describe('a grammar', () => {
	test.each(['"a"', '[a-z]', '[^b]', '("a" | "b" "c"?)'])('of 300 times %s? is followed', async (part) => {
		await using session = await model.createSession({ contextLength: 1024, threads: 1 });
		const options = { grammar: optional(part, 300), maxTokens: 40, logitBias: noEnd(model) };
		const { tokens } = await session.generate(copyPrompt, options).result;
		expect(tokens.length).toBeGreaterThan(0);
	});

	test('with more readings than can be followed is refused', async () => {
		await using session = await model.createSession({ contextLength: 256, threads: 1 });
		await expect(session.generate('Hello', { grammar: branching(40) }).result).rejects.toMatchObject({
			code: 'GRAMMAR_INVALID',
			message: expect.stringContaining('too many readings'),
		});
		expect(await session.history()).toEqual(model.tokenize('Hello'));
	});

	test('that takes long at every token can be aborted, and keeps no other session waiting for ever', async () => {
		// As many readings as may just be followed, made anew at every token.
		const grammar = `${branching(12).replace('root ::= r0', 'root ::= r0 root')}`;
		await using busy = await model.createSession({ contextLength: 512, threads: 1, maxSequences: 16 });
		await busy.prefill(copyPrompt);
		await using other = await busy.fork();
		const alone = await other.generate(copyPrompt).text();
		const abort = new AbortController();
		const long = busy.generate('Hello', { grammar, maxTokens: 100_000, signal: abort.signal }).result;
		expect(await other.generate(copyPrompt).text()).toBe(alone);
		abort.abort();
		expect(['aborted', 'context']).toContain(
			await long.then(
				({ finishReason }) => finishReason,
				({ code }) => (code === 'GRAMMAR_INVALID' ? 'context' : code),
			),
		);
	});

	test('that is being matched does not keep dispose() waiting', async () => {
		const session = await model.createSession({ contextLength: 512, threads: 1 });
		const long = session.generate('Hello', { grammar: branching(17), maxTokens: 100_000 }).result;
		long.catch(() => {});
		await session.dispose();
		await expect(session.history()).rejects.toMatchObject({ code: 'DISPOSED' });
	});

	test('of 10,000 words is followed with a vocabulary of 150,000 tokens', async () => {
		await using large = await loadModel(await randomModel('tiny-qwen2'));
		await using session = await large.createSession({ contextLength: 256, threads: 1 });
		const words = Array.from({ length: 10_000 }, (_, i) => `word${i}`);
		const grammar = `root ::= ${words.map((word) => `"${word}"`).join(' | ')}`;
		expect(words).toContain(await session.generate('Hello', { grammar }).text());
	});
});

describe('a grammar from elsewhere', () => {
	test.each([
		'parentheses',
		'groups',
		'chain',
		'left',
		'hidden',
		'repeated',
		'backwards',
		'literal',
		'token',
	])('that is hostile (%s) does not end the process', async (name) => {
		const { signal, status, stdout } = await runFixture('hostile-grammar', { args: [name] });
		expect({ signal, status, stdout: stdout.trim() }).toEqual({
			signal: null,
			status: 0,
			stdout: expect.stringMatching(/^(GRAMMAR_INVALID|said .*)$/),
		});
	});
});
