import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bridge, ModelEvent } from '../../examples/electron/src/messages.js';
import { embeddedModel } from '../support/models.js';
import { ElectronApp } from './support/app.js';

type Type = ModelEvent['type'];

let app: ElectronApp;
let bridge: Bridge;
const events: ModelEvent[] = [];
let heard = () => {};

/** The events up to the first of this type that were not read yet. */
async function until<T extends Type>(type: T): Promise<Array<Extract<ModelEvent, { type: T }>>> {
	for (;;) {
		const at = events.findIndex((event) => event.type === type);
		if (at !== -1) return events.splice(0, at + 1) as Array<Extract<ModelEvent, { type: T }>>;
		await new Promise<void>((resolve) => {
			heard = resolve;
		});
	}
}

async function last<T extends Type>(type: T) {
	return (await until(type)).at(-1) as Extract<ModelEvent, { type: T }>;
}

async function load(path: string) {
	app.standIn.dialog.chosen = [path];
	await bridge.chooseModel();
}

beforeAll(async () => {
	app = await ElectronApp.start();
	bridge = app.bridge();
	bridge.onEvent((event) => {
		events.push(event);
		heard();
	});
});
afterAll(() => app.close());

test('the window is isolated, sandboxed and shows a file', () => {
	const { file, options } = app.window;
	expect(options.webPreferences).toMatchObject({
		contextIsolation: true,
		sandbox: true,
		nodeIntegration: false,
	});
	expect(existsSync(file)).toBe(true);
	expect(Object.keys(bridge).sort()).toEqual(['abort', 'chooseModel', 'onEvent', 'send']);
});

test('no process is started before a model is chosen', async () => {
	app.standIn.dialog.chosen = [];
	await bridge.chooseModel();
	bridge.send('Is anybody there?');
	bridge.abort();
	expect(app.standIn.utilityProcess.started).toHaveLength(0);
});

describe('a model', () => {
	test('that is none is said to the window, and the process remains', async () => {
		await load('/no/such.gguf');
		expect((await last('failed')).message).toContain('/no/such.gguf');
		expect(app.standIn.utilityProcess.started).toHaveLength(1);
	});

	test('is loaded in the utility process', async () => {
		await load(embeddedModel);
		expect(await last('loaded')).toEqual({
			type: 'loaded',
			name: 'tiny-edit-1m.gguf',
			description: expect.stringContaining('llama'),
		});
	});

	test('streams its text to the window, drafts apart', async () => {
		const sentence = 'Mara found a lantern near the harbor. Tom brings 24 candles to the library.';
		bridge.send(`Copy this text: ${sentence}`);
		const told = await until('done');
		const segments = (told as ModelEvent[]).flatMap((event) =>
			event.type === 'chunk' ? event.segments : [],
		);
		expect(
			segments
				.map(({ text }) => text)
				.join('')
				.trim(),
		).toBe(sentence);
		expect(new Set(segments.map(({ drafted }) => drafted))).toEqual(new Set([true, false]));
		const done = told.at(-1);
		expect(done?.tokensPerPass).toBeGreaterThan(1);
		expect(done?.accepted).toBeGreaterThan(0);
		expect(done?.tokensPerSecond).toBeGreaterThan(0);
	});
});

test('a reply is aborted', async () => {
	// While the process stands still, both wait for it.
	process.kill(app.utility.pid, 'SIGSTOP');
	bridge.send(`Copy this text: ${'Lena keeps the violin in a green basket. '.repeat(40)}`);
	bridge.abort();
	process.kill(app.utility.pid, 'SIGCONT');
	expect((await last('done')).tokens).toBeLessThan(100);
});

test('another model takes the place of one that is writing', async () => {
	bridge.send(`Copy this text: ${'Lena keeps the violin in a green basket. '.repeat(40)}`);
	await until('chunk');
	await load(embeddedModel);
	const told = (await until('loaded')).map(({ type }) => type as Type);
	expect(told.indexOf('done')).toBeLessThan(told.indexOf('loading'));
	expect(told).not.toContain('failed');
});

test('of two models that are chosen at once, the second one is loaded', async () => {
	await load(embeddedModel.replace('tiny-edit-1m', 'reprise-2m'));
	await load(embeddedModel);
	expect((await last('loaded')).name).toBe(basename(embeddedModel));
	bridge.send('Copy this text: Tom brings 24 candles.');
	const told = (await until('done')).map(({ type }) => type as Type);
	expect(told).not.toContain('loaded');
	expect(told).not.toContain('failed');
});

test('what is no text is not passed on', async () => {
	const noText = { toString: null } as unknown as string;
	bridge.send(noText);
	bridge.send('Copy this text: Tom brings 24 candles.');
	expect((await until('done')).map(({ type }) => type as Type)).not.toContain('failed');
});

describe('a process that ends', () => {
	const abort = () => process.kill(app.utility.pid, 'SIGABRT');

	test('is started again with its model, and the window is told', async () => {
		const { pid } = app.utility;
		abort();
		expect(await last('ended')).toEqual({ type: 'ended', code: expect.any(Number), restarts: true });
		await until('loaded');
		expect(app.utility.pid).not.toBe(pid);
		bridge.send('Copy this text: Tom brings 24 candles.');
		expect((await last('done')).tokens).toBeGreaterThan(3);
	});

	test('again, before a reply has come to its end, is not started for ever', async () => {
		abort();
		expect(await last('ended')).toMatchObject({ restarts: true });
		await until('loaded');
		abort();
		expect(await last('ended')).toMatchObject({ restarts: false });
		await load(embeddedModel);
		await until('loaded');
	});

	test('before its model is loaded is started when a model is chosen', async () => {
		const count = app.standIn.utilityProcess.started.length;
		await load(embeddedModel);
		abort();
		expect(await last('ended')).toEqual({ type: 'ended', code: expect.any(Number), restarts: false });
		expect(app.standIn.utilityProcess.started).toHaveLength(count);
		await load(embeddedModel);
		await until('loaded');
		expect(app.standIn.utilityProcess.started).toHaveLength(count + 1);
	});
});

test('quitting ends the process and starts no other', async () => {
	const { pid } = app.utility;
	const count = app.standIn.utilityProcess.started.length;
	const runs = () => {
		try {
			return process.kill(pid, 0);
		} catch {
			return false;
		}
	};
	expect(runs()).toBe(true);
	app.standIn.app.quit();
	await expect.poll(runs).toBe(false);
	expect(app.standIn.utilityProcess.started).toHaveLength(count);
});
