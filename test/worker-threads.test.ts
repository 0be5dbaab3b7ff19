import { expect, test } from 'vitest';
import { runFixture } from './support/fixture.js';

test('worker threads and the main thread generate at once, each the same text', async () => {
	const { status, signal, stdout, stderr } = await runFixture('workers', { args: ['together'] });
	expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
	const texts = JSON.parse(stdout) as string[];
	expect(texts).toHaveLength(3);
	expect(texts[0]).toMatch(/Mara/);
	expect(new Set(texts).size).toBe(1);
});

test('a worker terminated in mid-generation takes nothing else with it', async () => {
	const { status, signal, stdout, stderr } = await runFixture('workers', { args: ['terminate'] });
	expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
	const [own, worker] = JSON.parse(stdout) as string[];
	expect(own).toMatch(/Mara/);
	expect(worker).toBe(own);
});

test('workers terminated while they start take nothing else with them', async () => {
	const { status, signal, stdout, stderr } = await runFixture('workers', { args: ['terminate starting'] });
	expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
	expect(stdout).toMatch(/Mara/);
});
