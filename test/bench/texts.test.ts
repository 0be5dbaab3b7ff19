import { describe, expect, test } from 'vitest';
import { articles } from '../../lib/bench/texts/articles.js';
import { talks } from '../../lib/bench/texts/conversations.js';
import { essays } from '../../lib/bench/texts/essays.js';
import { problems } from '../../lib/bench/texts/problems.js';
import { sources } from '../../lib/bench/texts/sources.js';
import { changes, mistakes, rename, resolve, revisions } from '../../lib/bench/workloads/marks.js';
import { join, passagesOf } from '../../lib/bench/workloads/passages.js';

const titles = articles.map(({ title }, index) => [title, index] as const);
const article = (index: number) => articles[index] as (typeof articles)[number];
const signs = /[{}|«»¦‹›]/;

describe('an article', () => {
	test.each(titles)('has whole marks, and sentences that make its text: %s', (_, index) => {
		const { text } = article(index);
		for (const takes of ['first', 'second'] as const)
			expect(resolve(text, revisions, takes)).not.toMatch(signs);
		const whole = resolve(text, revisions, 'first').replace(/\s+/g, ' ').trim();
		expect(join(passagesOf(article(index)).slice(1)).replace(/\s+/g, ' ')).toBe(whole);
	});

	test.each(titles)('is quoted word for word: %s', (_, index) => {
		const { answer } = article(index);
		const text = join(passagesOf(article(index)))
			.replace(/\s+/g, ' ')
			.toLowerCase();
		const quotations = answer.split('"').filter((_, place) => place % 2 === 1);
		expect(quotations.length).toBeGreaterThanOrEqual(3);
		for (const quotation of quotations) expect(text).toContain(quotation.replace(/[.,]$/, '').toLowerCase());
	});

	test.each(titles)('has an account whose mistakes are mended: %s', (_, index) => {
		const { account, review, name, text } = article(index);
		expect(account === undefined).toBe(review === undefined);
		if (account !== undefined) {
			for (const takes of ['first', 'second'] as const)
				expect(resolve(account, revisions, takes)).not.toMatch(signs);
			expect(resolve(account, revisions, 'first')).not.toBe(resolve(account, revisions, 'second'));
		}
		if (name) expect(text.replace(/\s+/g, ' ')).toContain(name[0]);
	});
});

describe('a source file', () => {
	test.each(sources.map((source) => [source.path, source] as const))('can be changed: %s', (_, source) => {
		const right = resolve(source.text, mistakes, 'second');
		const before = resolve(right, changes, 'first');
		const after = resolve(right, changes, 'second');
		expect(before).not.toMatch(/[«»¦‹›]/);
		expect(after).not.toMatch(/[«»¦‹›]/);
		expect(after).not.toBe(before);
		for (const [from] of source.renames) expect(rename(before, [[from, '']])).not.toBe(before);
		expect(source.purpose === undefined).toBe(source.review === undefined);
		if (source.purpose !== undefined) expect(resolve(source.text, mistakes, 'first')).not.toBe(right);
	});
});

test.each(problems.map((problem) => [problem.question.slice(0, 40), problem] as const))(
	'a problem has a wrong solution and a right one: %s',
	(_, { solution }) => {
		const [wrong, right] = (['first', 'second'] as const).map((takes) => resolve(solution, revisions, takes));
		expect(`${wrong}${right}`).not.toMatch(signs);
		const [, given] = /Answer: (.*)$/m.exec(right ?? '') ?? [];
		expect(wrong).not.toContain(`Answer: ${given}`);
	},
);

test('every essay is long enough for a usual answer, and no text before it has six words of it in a row', () => {
	const known = new Set<string>();
	const runsOf = (text: string) => {
		const all = text.toLowerCase().match(/\p{L}+/gu) ?? [];
		return all.slice(5).map((_, index) => all.slice(index, index + 6).join(' '));
	};
	const collect = (text: string) => {
		for (const run of runsOf(text)) known.add(run);
	};
	for (const { title, text, question, answer } of articles)
		collect([title, resolve(text, revisions, 'first'), question, answer].join('\n'));
	for (const { turns } of talks) for (const { user, assistant } of turns) collect(`${user}\n${assistant}`);
	for (const { text } of essays) {
		const runs = runsOf(text);
		expect(runs.length).toBeGreaterThan(100);
		expect(runs.filter((run) => known.has(run))).toEqual([]);
		collect(text);
	}
});
