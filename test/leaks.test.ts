import { expect, test } from 'vitest';
import { runFixture } from './support/fixture.js';

const mebibyte = 2 ** 20;
const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

test('a thousand sessions used, aborted and dropped at random leave no memory behind', async () => {
	const { status, signal, stdout, stderr } = await runFixture('session-churn', {
		args: ['1000'],
		nodeFlags: ['--expose-gc'],
		// glibc keeps what threads freed in an arena for each; one arena that shrinks shows what is really held.
		env: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '100000' },
	});
	expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
	const resident = JSON.parse(stdout) as number[];
	expect(resident).toHaveLength(20);
	console.log(
		`resident MiB by 50 sessions: ${resident.map((bytes) => Math.round(bytes / mebibyte)).join(' ')}`,
	);
	// The first half warms up. A context that leaked would be megabytes; the limit is 16 KiB a session.
	const growth = mean(resident.slice(-5)) - mean(resident.slice(-10, -5));
	expect(growth / mebibyte).toBeLessThan(4);
}, 300_000);
