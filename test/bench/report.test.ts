import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { armStyles, familiesOf } from '../../lib/bench/report/arms.js';
import { chartsOf } from '../../lib/bench/report/charts.js';
import { summaryOf, warningsOf } from '../../lib/bench/report/facts.js';
import { familyLines, ofSamples } from '../../lib/bench/report/lines.js';
import { escapeMarkdown } from '../../lib/bench/report/markdown.js';
import { movedApart } from '../../lib/bench/report/panels.js';
import { axisNumber, contextLabel, duration, scaleTo, shortNumber } from '../../lib/bench/report/scale.js';
import { scoreOf, standings } from '../../lib/bench/report/standing.js';
import { standingTables, workloadTable } from '../../lib/bench/report/tables.js';
import { light } from '../../lib/bench/report/theme.js';
import { writeReport } from '../../lib/bench/report/write.js';
import type { Sample } from '../../lib/bench/results.js';
import { readResults } from '../../lib/bench/results-file.js';
import { checkedResults } from '../../lib/bench/results-shape.js';
import { decodingSpeed } from '../../lib/bench/statistics.js';
import { type MadeUp, madeUpArms, madeUpResults } from '../support/bench-results.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = (given: MadeUp) => chartsOf(madeUpResults(given)).map(({ name }) => name);

describe('the charts of results', () => {
	test('are there for every figure that was told', () => {
		expect(names({ workloads: ['rewrite', 'prose'] })).toEqual([
			...['tokens-per-second', 'speed-up', 'speed-up-whole', 'tokens-per-pass', 'first-token', 'pass-parts'],
			...['pass-cost', 'start', 'workload-rewrite', 'workload-prose'],
		]);
	});

	test('leave out what nobody told', () => {
		expect(names({ workloads: ['quote'], arms: ['node-llama-cpp'] })).toEqual([
			...['tokens-per-second', 'first-token', 'start', 'workload-quote'],
		]);
		expect(names({ workloads: [], arms: [] })).toEqual([]);
	});

	test('have scales that begin at zero and hold every spread', () => {
		const results = madeUpResults();
		const highest = Math.max(
			...results.cells.flatMap(({ samples }) => samples.map((one) => decodingSpeed(one) ?? 0)),
		);
		const scales = chartsOf(results).map((chart) => {
			const { xAxis, yAxis } = chart.option(light);
			const axes = [xAxis, yAxis].flat() as { interval?: number; min: number; max: number }[];
			return axes.filter(({ interval }) => interval !== undefined);
		});
		expect(scales.flat().map(({ min }) => min)).toEqual(scales.flat().map(() => 0));
		for (const some of scales) expect(some.length).toBeGreaterThan(0);
		expect(Math.max(...(scales[0] ?? []).map(({ max }) => max))).toBeGreaterThanOrEqual(highest);
	});

	test('say where they come from', () => {
		for (const chart of chartsOf(madeUpResults({ choices: 'recorded' })))
			expect(JSON.stringify(chart.option(light).title), chart.name).toContain('Recorded answers · ');
		for (const chart of chartsOf(madeUpResults({ choices: 'own' })))
			expect(JSON.stringify(chart.option(light).title), chart.name).not.toContain('Recorded');
	});
});

test('every arm has a stroke and a symbol that no other has', () => {
	const styles = [...armStyles(familiesOf(madeUpResults())).values()];
	expect(styles).toHaveLength(madeUpArms.length);
	expect(new Set(styles.map(({ symbol, hollow }) => `${symbol} ${hollow}`)).size).toBe(styles.length);
});

test('a family is shown by its best arm at each context length', () => {
	const results = madeUpResults({ workloads: ['rewrite'], noise: 0 });
	const lines = familyLines(results, 'rewrite', ofSamples(decodingSpeed), { better: 'higher' });
	const [ours, , server, node] = lines;
	expect(lines.map(({ name }) => name)).toEqual([
		...['reprise', 'plain', 'llama-server, best of 8', 'node-llama-cpp, best of 2', 'other<server>'],
	]);
	expect(ours?.points.map(({ context }) => context)).toEqual([256, 1024, 2048, 4096, 8192]);
	expect(new Set(server?.points.map(({ arm }) => arm))).toEqual(new Set(['llama-server:ngram-mod@tuned']));
	// The lookup was not measured there.
	expect(node?.points.map(({ arm }) => arm)).toEqual([
		...Array.from({ length: 4 }, () => 'node-llama-cpp:lookup'),
		'node-llama-cpp',
	]);
});

test('we stand beside the peer that is fastest in the same place', () => {
	const results = madeUpResults({ noise: 0, workloads: ['rewrite'], contexts: [1024] });
	const speedOf = (arm: string) =>
		decodingSpeed(results.cells.find((cell) => cell.arm === arm)?.samples[0] as never) as number;
	const [standing] = standings(results, decodingSpeed);
	expect(standing?.toPeer?.arm).toBe('llama-server:ngram-mod@tuned');
	expect(standing?.toPeer?.median).toBeCloseTo(speedOf('reprise') / speedOf('llama-server:ngram-mod@tuned'));
	expect(standing?.toFloor?.median).toBeCloseTo(speedOf('reprise') / speedOf('plain'));
	const spread = (low: number, high: number) => ({ median: (low + high) / 2, low, high });
	expect(scoreOf([spread(1.01, 2), spread(0.9, 1.1), spread(0.5, 0.9), null])).toEqual({
		...{ faster: 1, level: 1, slower: 1 },
	});
});

test('one run is not counted as faster or slower', () => {
	expect(summaryOf(madeUpResults({ runs: 5 })).join()).toMatch(/faster in \d+ of 34 cells/);
	expect(summaryOf(madeUpResults({ runs: 1 })).join()).not.toContain('faster in');
	expect(summaryOf(madeUpResults({ arms: ['node-llama-cpp'] }))).toEqual([]);
});

test('a loaded machine and recorded answers are warned of', () => {
	expect(warningsOf(madeUpResults({ choices: 'own' }))).toEqual([]);
	expect(warningsOf(madeUpResults({ choices: 'own', load: null }))).toEqual([]);
	const [load, recorded, ...others] = warningsOf(madeUpResults({ load: { before: 1.7, after: 3.9 } }));
	expect(load).toContain('load 1.70 before, 3.90 after');
	expect(recorded).toContain('Answers are recorded');
	expect(others).toEqual([]);
});

test('a peer that stands alone is called by its name, and no best one', () => {
	const arms = ['reprise', 'plain', 'llama-server', 'node-llama-cpp'];
	const titleOf = (...of: string[]) => standingTables(madeUpResults({ arms: of }))[0]?.title;
	expect(titleOf(...arms)).toContain('times the best peer');
	expect(titleOf(...arms.slice(0, 3))).toMatch(/times llama-server$/);
	expect(summaryOf(madeUpResults({ arms: arms.slice(0, 3) })).join()).toContain(
		'reprise beside llama-server:',
	);
});

test('answers of a few tokens are marked', () => {
	const results = madeUpResults({ workloads: ['rewrite', 'prose'], contexts: [1024] });
	const short = (sample: Sample): Sample => ({ ...sample, outputTokens: 2 });
	const cells = results.cells.map((cell) =>
		cell.workload === 'prose' ? { ...cell, samples: cell.samples.map(short) } : cell,
	);
	const [table] = standingTables({ ...results, cells });
	expect(table?.rows.map(([name, shown]) => [name, shown?.endsWith('*')])).toEqual([
		['rewrite', false],
		['prose', true],
	]);
	expect(table?.note).toContain('asterisk');
	expect(standingTables(results)[0]?.note).not.toContain('asterisk');
});

test('a table has what was measured, and a dash where nothing was told', () => {
	const { head, rows, title } = workloadTable(madeUpResults({ contexts: [8192] }), 'rewrite');
	expect(title).toBe('All figures of rewrite (recorded answers)');
	for (const row of rows) expect(row).toHaveLength(head.length);
	expect(rows.map(([context, arm]) => `${context} ${arm}`)).not.toContain('8k node-llama-cpp:lookup');
	const node = rows.find(([, arm]) => arm === 'node-llama-cpp') ?? [];
	expect(node.slice(9, 11)).toEqual(['–', '–']);
	expect(node[5]).toMatch(/^[\d.]+ \([\d.]+–[\d.]+\)$/);
});

test.each<[string, MadeUp]>([
	['of one run at one context length', { runs: 1, contexts: [1024], choices: 'own' }],
	['of us alone', { arms: ['reprise'], contexts: [256, 1000], runs: 3 }],
	['without us', { arms: ['llama-server', 'node-llama-cpp'], workloads: ['quote'] }],
	['of nothing', { arms: [], workloads: [] }],
])('a report %s is written whole', async (title, given) => {
	const results = madeUpResults(given);
	const out = join(folder, title.replaceAll(' ', '-'));
	const { html, markdown, pictures } = await writeReport(results, out);
	const page = readFileSync(html, 'utf8');
	const text = readFileSync(markdown, 'utf8');
	for (const written of [page, text, ...pictures.map((path) => readFileSync(path, 'utf8'))]) {
		expect(written).not.toMatch(/\b(NaN|Infinity|undefined|null)\b/);
		expect(written).not.toContain('[object');
	}
	expect(page.match(/<figure>/g) ?? []).toHaveLength(pictures.length / 2);
	for (const [, path = ''] of text.matchAll(/(?:src|srcset)="([^"]*)"/g))
		expect(readdirSync(join(out, 'charts'))).toContain(path.replace('charts/', ''));
	for (const [line] of text.matchAll(/^(?![|<]| {2}<).*$/gm)) expect(line.length).toBeLessThanOrEqual(115);
});

test('names from a file are text in a page, in a table and in a drawing', async () => {
	const { html, markdown, pictures } = await writeReport(madeUpResults({ workloads: ['rewrite'] }), folder);
	const written = [html, ...pictures].map((path) => readFileSync(path, 'utf8')).join('');
	expect(written).not.toMatch(/<(server|memory|0\.5B|8|c)>/);
	expect(written).toContain('other&lt;server&gt;');
	const text = readFileSync(markdown, 'utf8');
	expect(text).toContain('a\\|b');
	expect(text).not.toContain('<server>');
	expect(escapeMarkdown('*a* _b_ `c` [d] | <e> & \n f')).toBe(
		'\\*a\\* \\_b\\_ \\`c\\` \\[d\\] \\| &lt;e&gt; &amp; f',
	);
});

test('the same results give the same files', async () => {
	const results = madeUpResults({ workloads: ['prose'], contexts: [256, 512] });
	const read = async (name: string) => {
		const { html, markdown } = await writeReport(results, join(folder, name));
		return readFileSync(html, 'utf8') + readFileSync(markdown, 'utf8');
	};
	expect(await read('one')).toBe(await read('other'));
});

describe('a results file', () => {
	const path = join(folder, 'results.json');
	const reading = (content: string) => {
		writeFileSync(path, content);
		return readResults(path);
	};

	test('is read as it was written', async () => {
		const results = madeUpResults();
		expect(await reading(JSON.stringify(results))).toEqual(results);
		expect(await readResults(join(folder, 'none.json'))).toBe(null);
	});

	test('that holds something else is refused by its place', async () => {
		const results = madeUpResults({ contexts: [256], workloads: ['quote'] });
		const [cell] = results.cells;
		await expect(reading('{')).rejects.toThrow(
			/no results of reprise bench in .*results\.json: it is no JSON/,
		);
		await expect(reading('[]')).rejects.toThrow('Expected an object for results but received an array of 0');
		await expect(reading(JSON.stringify({ ...results, format: 2 }))).rejects.toThrow(
			'Expected 1 for results.format but received 2',
		);
		const broken = { ...results, cells: [{ ...cell, samples: [{ promptTokens: '12' }] }] };
		await expect(reading(JSON.stringify(broken))).rejects.toThrow(
			'Expected a number for results.cells[0].samples[0].promptTokens but received "12"',
		);
		expect(() => checkedResults({ ...results, cells: [{ ...cell, context: 0 }] })).toThrow(
			'a number above 0',
		);
	});
});

describe('figures', () => {
	test('have scales of round steps', () => {
		expect(scaleTo(195)).toEqual({ max: 200, interval: 50 });
		expect(scaleTo(3.4)).toEqual({ max: 4, interval: 1 });
		expect(scaleTo(0.031)).toEqual({ max: 0.04, interval: 0.01 });
		expect(scaleTo(0)).toEqual({ max: 1, interval: 1 });
	});

	test('have as many digits as say something', () => {
		expect([1234.5, 99.94, 12.345, 0.01234, 0].map(shortNumber)).toEqual([
			'1,235',
			'99.9',
			'12.3',
			'0.012',
			'0',
		]);
		expect([2000, 2.5, 0.1].map(axisNumber)).toEqual(['2,000', '2.5', '0.1']);
		expect([256, 1000, 1024, 1536, 8192].map(contextLabel)).toEqual(['256', '1000', '1k', '1.5k', '8k']);
		expect([12.3, 950, 21_500].map(duration)).toEqual(['12.3 ms', '950 ms', '21.5 s']);
	});

	test('at the ends of lines are moved apart by as little as may be', () => {
		expect(movedApart([10, 50, 90], 12, 100)).toEqual([10, 50, 90]);
		expect(movedApart([50, 50], 12, 100)).toEqual([44, 56]);
		expect(movedApart([90, 95, 99], 12, 100)).toEqual([76, 88, 100]);
		expect(movedApart([40, 41, 60], 12, 100)).toEqual([34.5, 46.5, 60]);
		expect(movedApart([], 12, 100)).toEqual([]);
	});
});
