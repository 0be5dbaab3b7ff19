import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { processorMsBetween, processorTimeOf } from '../../lib/bench/process-figures.js';
import { untilIdle } from '../../lib/bench/until-idle.js';

/** A process that says a word, computes for so many milliseconds of its processor after it, and then does nothing. */
async function afterword(ms: number): Promise<number> {
	const code = `process.stdout.write('ready', () => {
		setTimeout(() => { const began = process.cpuUsage(); while (process.cpuUsage(began).user < ${ms} * 1000); });
		setInterval(() => {}, 1e6);
	});`;
	const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
	onTestFinished(() => {
		child.kill('SIGKILL');
	});
	await once(child.stdout, 'data');
	return child.pid ?? 0;
}

test.runIf(process.platform === 'linux')(
	'nobody is measured while a process that has answered computes on',
	async () => {
		const pid = await afterword(400);
		const before = processorTimeOf(pid);
		await untilIdle(pid);
		expect(processorMsBetween(before, processorTimeOf(pid))).toBeGreaterThan(200);
		const idle = processorTimeOf(pid);
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(processorMsBetween(idle, processorTimeOf(pid))).toBeLessThan(50);
	},
);

test('a process that is gone is not waited for', async () => {
	await untilIdle(2 ** 22 + 1);
});
