import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { busyTime, OtherPrograms } from '../../lib/bench/other-programs.js';
import { memoryOf, processorMsBetween, processorTimeOf } from '../../lib/bench/process-figures.js';

/** A program that computes until it is killed. */
async function withSpinner<T>(use: (pid: number) => Promise<T>): Promise<T> {
	const child = spawn(process.execPath, ['-e', 'console.log(1); for (;;);'], {
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	try {
		await once(child.stdout, 'data');
		return await use(child.pid ?? 0);
	} finally {
		child.kill('SIGKILL');
	}
}

test.runIf(process.platform === 'linux')('a program counts as another one unless it is the arm', async () => {
	await withSpinner(async (pid) => {
		expect(memoryOf(pid)).toBeGreaterThan(0);
		const [other, arm] = [new OtherPrograms(), new OtherPrograms()];
		const [before, time] = [busyTime(), processorTimeOf(pid)];
		await sleep(500);
		const took = processorMsBetween(time, processorTimeOf(pid)) ?? 0;
		other.add(before, 0);
		arm.add(before, took);
		expect(took).toBeGreaterThan(0);
		// Whatever else this machine does is in both.
		expect((other.processors ?? 0) - (arm.processors ?? 0)).toBeGreaterThan((0.7 * took) / 500 - 0.05);
	});
});

test('of no run nothing is known', () => {
	expect(new OtherPrograms().processors).toBeNull();
});
