import { expect, test } from 'vitest';
import { runFixture } from './support/fixture.js';

test('process.exit in mid-generation ends the process with its status', async () => {
	expect(await runFixture('exit-mid-generation')).toEqual({
		status: 7,
		signal: null,
		stdout: '',
		stderr: '',
	});
});

test('process.exit while a model loads ends the process with its status', async () => {
	expect(await runFixture('exit-mid-load')).toEqual({ status: 7, signal: null, stdout: '', stderr: '' });
});

test('an uncaught exception in mid-generation ends the process as usual', async () => {
	const { status, signal, stderr } = await runFixture('throw-mid-generation');
	expect({ status, signal }).toEqual({ status: 1, signal: null });
	expect(stderr).toContain('Error: unrelated');
});

test('sessions that were never disposed do not keep the process alive', async () => {
	const { status, signal, stdout, stderr } = await runFixture('exit-without-dispose');
	expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
	const [first, second] = stdout.trim().split('\n');
	expect(first).not.toBe('');
	expect(second).toBe(first);
});
