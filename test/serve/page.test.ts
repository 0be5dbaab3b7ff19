import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel, type Model } from '../../lib/index.js';
import type { Server } from '../../lib/serve/server.js';
import { chromiumOr } from '../support/chromium.js';
import { formModel } from '../support/models.js';
import { serving } from './support/server.js';

const executablePath = chromiumOr('the page of a server');

describe.skipIf(executablePath === undefined)('the page of a server, in Chromium,', () => {
	let model: Model;
	let server: Server;
	let browser: Browser;
	let page: Page;
	const complaints: string[] = [];

	beforeAll(async () => {
		model = await loadModel(formModel);
		server = await serving(model, { apiKeys: ['secret'] });
		browser = await chromium.launch({ ...(executablePath && { executablePath }) });
		page = await browser.newPage({ viewport: { width: 400, height: 700 } });
		page.on('pageerror', (error) => complaints.push(error.message));
		page.on('request', (request) => {
			if (!request.url().startsWith(server.url)) complaints.push(request.url());
		});
		await page.goto(server.url);
	});
	afterAll(async () => {
		await browser.close();
		await server.close();
		await model.dispose();
	});

	const say = async (text: string) => {
		await page.fill('#text', text);
		await page.press('#text', 'Enter');
		await page.locator('#send', { hasText: 'Send' }).waitFor();
	};
	const last = (selector = 'span') => page.locator('article').last().locator(selector);

	test('says what is wrong without a key', async () => {
		await say('Hello');
		expect(await last().textContent()).toMatch(/Authorization: Bearer KEY/);
		// The message can be sent once more, and there is no empty reply.
		expect(await page.inputValue('#text')).toBe('Hello');
		expect(await page.locator('article', { hasText: 'Model' }).count()).toBe(0);
	});

	test('shows the reply, what of it was drafted, and how fast it came', async () => {
		await page.fill('#key', 'secret');
		await say('Copy this text:\nMara found a red box near the harbor. Tom keeps the coins in a green bag.');
		const text = 'Mara found a red box near the harbor. Tom keeps the coins in a green bag.';
		expect(await page.locator('article').last().locator('> span').textContent()).toBe(text);
		expect((await last('mark').allTextContents()).join('').length).toBeGreaterThan(10);
		expect(await last('small').textContent()).toMatch(/^\d+ tokens\/s$/);
	});

	test('sends the whole conversation with each message, and shows text as text', async () => {
		await say('Copy this text:\n<img src=x onerror=alert(1)> Tom.');
		expect(await page.locator('article img').count()).toBe(0);
		const width = await page.locator('html').evaluate((html) => html.scrollWidth);
		expect(width).toBeLessThanOrEqual(400);
		expect(complaints).toEqual([]);
	});
});
