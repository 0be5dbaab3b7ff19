import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumOr } from '../support/chromium.js';
import { embeddedModel } from '../support/models.js';
import { ElectronApp } from './support/app.js';

/** Where screenshots are put, for people to look at. */
const pictures = fileURLToPath(new URL('../../build/electron-page', import.meta.url));

const executablePath = chromiumOr('the page of examples/electron');

/** Runs a preload script in the page; `invoke`, `send` and `deliver` are what the test exposes there. */
const electronInPage = (preload: string) => `{
	const listeners = [];
	globalThis.deliver = (channel, values) => {
		for (const one of listeners) if (one.channel === channel) one.listener({}, ...values);
	};
	const electron = {
		contextBridge: { exposeInMainWorld: (name, value) => { globalThis[name] = value; } },
		ipcRenderer: { invoke, send, on: (channel, listener) => listeners.push({ channel, listener }) },
	};
	((require) => { ${preload} })(() => electron);
}`;

describe.skipIf(executablePath === undefined)('the page of examples/electron, in Chromium,', () => {
	let app: ElectronApp;
	let browser: Browser;
	let page: Page;
	const complaints: string[] = [];
	const reply = () => page.locator('.assistant').last();
	const model = () => page.locator('#model');

	beforeAll(async () => {
		app = await ElectronApp.start();
		const { ipcMain } = app.standIn;
		const { file, options, webContents } = app.window;
		browser = await chromium.launch({ ...(executablePath && { executablePath }) });
		page = await browser.newPage({ viewport: { width: 820, height: 680 } });
		page.setDefaultTimeout(20_000);
		page.on('pageerror', (error) => complaints.push(error.message));
		page.on('console', (message) => complaints.push(message.text()));
		await page.exposeFunction('invoke', ipcMain.invoke.bind(ipcMain));
		await page.exposeFunction('send', ipcMain.receive.bind(ipcMain));
		await page.addInitScript(electronInPage(readFileSync(options.webPreferences.preload, 'utf8')));
		webContents.on('sent', ({ channel, values }) => {
			page.evaluate(`deliver(${JSON.stringify(channel)}, ${JSON.stringify(values)})`);
		});
		await page.goto(pathToFileURL(file).href);
	});
	afterAll(async () => {
		app.close();
		await browser.close();
	});

	test('waits for a model', async () => {
		expect(await model().textContent()).toBe('No model is loaded');
		expect(await page.locator('#send').isDisabled()).toBe(true);
		expect(await page.locator('#stop').isVisible()).toBe(false);
	});

	test('loads the model that the user chooses', async () => {
		app.standIn.dialog.chosen = [embeddedModel];
		await page.getByRole('button', { name: 'Choose a model' }).click();
		await page.getByText('tiny-edit-1m.gguf (').waitFor();
		expect(await page.locator('#progress').isVisible()).toBe(false);
		expect(await page.locator('#text').isEnabled()).toBe(true);
	});

	test('streams a reply, marks what was drafted and says the speed', async () => {
		const sentence = 'Mara found a lantern near the harbor. Tom brings 24 candles to the library.';
		await page.locator('#text').fill(`Copy this text: ${sentence}`);
		await page.keyboard.press('Enter');
		await page.getByText('tokens per pass').waitFor();
		expect((await reply().textContent())?.trim()).toBe(sentence);
		const marked = await reply().locator('mark').allTextContents();
		expect(marked.join('').length).toBeGreaterThan(20);
		expect(marked.join('').length).toBeLessThan(sentence.length);
		expect(await page.locator('#status').textContent()).toMatch(
			/^\d+ tokens · [\d.]+ tokens\/s · [\d.]+ tokens per pass · \d+ of \d+ drafted tokens accepted$/,
		);
	});

	test('stops a reply', async () => {
		await page.locator('#text').fill(`Copy this text: ${'Lena keeps the violin in a basket. '.repeat(40)}`);
		// While the process stands still, nothing is over before it is stopped.
		process.kill(app.utility.pid, 'SIGSTOP');
		await page.locator('#send').click();
		await page.locator('#stop').click();
		process.kill(app.utility.pid, 'SIGCONT');
		await page.locator('#send').waitFor();
		expect(((await reply().textContent()) ?? '').length).toBeLessThan(1000);
	});

	test('says that the process of the model ended, and that it was started again', async () => {
		process.kill(app.utility.pid, 'SIGABRT');
		await page.getByText('It was started again, and the conversation begins anew.').waitFor();
		await page.getByText('tiny-edit-1m.gguf (').waitFor();
		await page.locator('#text').fill('Copy this text: Tom brings 24 candles.');
		await page.locator('#send').click();
		await page.getByText('tokens per pass').waitFor();
		expect((await reply().textContent())?.trim()).toBe('Tom brings 24 candles.');
	});

	test('fits its window, wide and narrow, dark and light', async () => {
		mkdirSync(pictures, { recursive: true });
		for (const colorScheme of ['light', 'dark'] as const)
			for (const width of [820, 400]) {
				await page.emulateMedia({ colorScheme });
				await page.setViewportSize({ width, height: 680 });
				expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
				await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`) });
			}
	});

	test('has nothing to complain of, and runs no script but its own', async () => {
		expect(complaints).toEqual([]);
		await expect(page.addScriptTag({ content: 'globalThis.injected = true' })).rejects.toThrow();
		expect(complaints.join()).toContain('Content Security Policy');
		expect(await page.evaluate('globalThis.injected')).toBe(undefined);
	});
});
