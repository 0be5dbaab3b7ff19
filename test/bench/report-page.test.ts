import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WrittenReport, writeReport } from '../../lib/bench/report/write.js';
import { madeUpResults } from '../support/bench-results.js';
import { chromiumOr } from '../support/chromium.js';

/** Where screenshots are put, for people to look at. */
const pictures = fileURLToPath(new URL('../../build/bench-report', import.meta.url));

const executablePath = chromiumOr('the page of a benchmark’s report');

/** The colours of a drawing's text, and how many of its strokes can be seen at all. */
const looks = `(() => {
	const shown = [...document.querySelectorAll('figure svg')].filter((svg) => svg.getClientRects().length > 0);
	return shown.map((svg) => ({
		name: svg.getAttribute('aria-label'),
		width: svg.getBoundingClientRect().width,
		strokes: [...svg.querySelectorAll('path')].filter((path) => path.getTotalLength() > 0).length,
		texts: [...svg.querySelectorAll('text')].map((text) => text.textContent),
		outside: [...svg.querySelectorAll('text')].filter((text) => {
			const [inner, outer] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
			return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
		}).map((text) => text.textContent),
	}));
})()`;

interface Look {
	readonly name: string;
	readonly width: number;
	readonly strokes: number;
	readonly texts: readonly string[];
	readonly outside: readonly string[];
}

describe.skipIf(executablePath === undefined)('the page of a report, in Chromium,', () => {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-report-'));
	const complaints: string[] = [];
	let browser: Browser;
	let page: Page;
	let report: WrittenReport;

	beforeAll(async () => {
		report = await writeReport(madeUpResults(), folder);
		browser = await chromium.launch({ ...(executablePath && { executablePath }) });
		page = await browser.newPage({ viewport: { width: 900, height: 900 } });
		page.on('pageerror', (error) => complaints.push(error.message));
		page.on('console', (message) => complaints.push(message.text()));
		page.on('request', (request) => {
			if (!request.url().startsWith('file:')) complaints.push(request.url());
		});
		await page.goto(pathToFileURL(report.html).href);
		rmSync(pictures, { recursive: true, force: true });
		mkdirSync(pictures, { recursive: true });
	});
	afterAll(async () => {
		await browser.close();
		rmSync(folder, { recursive: true, force: true });
	});

	test.each(['light', 'dark'] as const)('draws every chart once, %s', async (colorScheme) => {
		await page.emulateMedia({ colorScheme });
		const drawn: Look[] = await page.evaluate(looks);
		expect(drawn.map(({ name }) => name).slice(0, 8)).toEqual([
			'Decoding speed by context length',
			'Decoding, times plain decoding',
			'Whole replies, times plain decoding',
			'Tokens per pass',
			'Time to the first token by context length',
			'Where the time of a pass goes',
			'What a pass costs, by its rows and the context length',
			'Start-up and memory',
		]);
		expect(drawn).toHaveLength(8 + 7);
		for (const { name, width, strokes, texts, outside } of drawn) {
			expect(width, name).toBe(700);
			expect(strokes, name).toBeGreaterThan(20);
			expect(texts.join(' '), name).toContain('Recorded answers · Synthetic <0.5B> · Q4_0 · 2 threads');
			expect(outside, name).toEqual([]);
		}
		await page.screenshot({ path: join(pictures, `${colorScheme}.png`), fullPage: true });
	});

	test('tells its lines apart without colours', async () => {
		await page.emulateMedia({ colorScheme: 'light' });
		const style = await page.addStyleTag({ content: 'html { filter: grayscale(1); }' });
		await page.screenshot({ path: join(pictures, 'without-colours.png'), fullPage: true });
		await style.evaluate((node) => (node as unknown as { remove(): void }).remove());
		// What stands in a legend before each name: a stroke with its dashes, and a symbol with its filling.
		const signs: string[][] = await page.evaluate(`[...document.querySelectorAll('.light svg')]
			.filter((svg) => svg.getAttribute('aria-label').endsWith('of all arms'))
			.map((svg) => {
				const names = [...svg.querySelectorAll('text')].filter((text) => /  [\\d.,]+$/.test(text.textContent));
				const left = Math.min(...names.map((text) => text.getBoundingClientRect().left));
				return names.map((text) => {
					const { top, bottom } = text.getBoundingClientRect();
					return [...svg.querySelectorAll('path')].filter((path) => {
						const box = path.getBoundingClientRect();
						const middle = (box.top + box.bottom) / 2;
						return box.right < left && box.left > left - 40 && middle > top && middle < bottom;
					}).map((path) => [
						path.getAttribute('stroke-dasharray'),
						path.getAttribute('fill') === '#ffffff' ? 'hollow' : 'full',
						path.getAttribute('d').replaceAll(/[\\d.\\s-]+/g, ' '),
					].join()).join(' + ');
				});
			})`);
		expect(signs).toHaveLength(7);
		for (const some of signs) {
			expect(some.length).toBeGreaterThanOrEqual(12);
			expect(some.filter((sign) => sign === '')).toEqual([]);
			expect(new Set(some).size).toBe(some.length);
		}
	});

	test('fits a narrow window', async () => {
		await page.setViewportSize({ width: 400, height: 800 });
		expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
		await page.screenshot({ path: join(pictures, 'narrow.png') });
		await page.setViewportSize({ width: 900, height: 900 });
	});

	test('prints light', async () => {
		await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
		expect(await page.locator('.dark svg').first().isVisible()).toBe(false);
		expect(await page.locator('.light svg').first().isVisible()).toBe(true);
		await page.emulateMedia({ media: 'screen' });
	});

	test('has nothing to complain of, runs no script and asks no network', async () => {
		expect(complaints).toEqual([]);
		expect(readFileSync(report.html, 'utf8')).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/)/);
		await expect(page.addScriptTag({ content: 'globalThis.injected = true' })).rejects.toThrow();
		expect(await page.evaluate('globalThis.injected')).toBe(undefined);
	});

	test('gives each part of a drawing a name that no other has', () => {
		const ids = [...readFileSync(report.html, 'utf8').matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
		expect(ids.length).toBeGreaterThan(20);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test('has its charts as files that are pictures by themselves', async () => {
		const files = readdirSync(join(folder, 'charts'));
		expect(files).toHaveLength(report.pictures.length);
		expect(files).toHaveLength(2 * (8 + 7));
		for (const path of report.pictures) {
			await page.goto(pathToFileURL(path).href);
			expect(await page.evaluate('document.documentElement.tagName'), path).toBe('svg');
			expect(await page.evaluate("document.querySelector('parsererror')"), path).toBe(null);
		}
	});
});
