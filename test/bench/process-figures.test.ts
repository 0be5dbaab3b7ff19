import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { memoryOf, processorMsBetween, processorTimeOf } from '../../lib/bench/process-figures.js';

function spin(ms: number): void {
	const began = process.cpuUsage();
	while (process.cpuUsage(began).user + process.cpuUsage(began).system < ms * 1000);
}

describe.runIf(process.platform === 'linux')('a process', () => {
	test('has used its processor for as long as its threads have', async () => {
		const before = processorTimeOf(process.pid);
		spin(100);
		const ms = processorMsBetween(before, processorTimeOf(process.pid)) ?? 0;
		expect(ms).toBeGreaterThan(90);
		expect(ms).toBeLessThan(250);
	});

	test('has used it for threads that have ended, too', async () => {
		const before = processorTimeOf(process.pid);
		const code = 'const end = Date.now() + 300; while (Date.now() < end);';
		const began = process.cpuUsage();
		await new Promise((resolve) => new Worker(code, { eval: true }).on('exit', resolve));
		const used = process.cpuUsage(began);
		const ms = processorMsBetween(before, processorTimeOf(process.pid)) ?? 0;
		expect(ms).toBeGreaterThan((used.user + used.system) / 1000 - 40);
	});

	test('has had as much memory as it ever had', () => {
		const before = memoryOf(process.pid) ?? 0;
		expect(before).toBeGreaterThan(process.memoryUsage().rss / 2);
		const bytes = Buffer.alloc(300e6, 1);
		expect(memoryOf(process.pid)).toBeGreaterThanOrEqual(bytes.length);
	});

	test('that has ended has none of these', () => {
		const none = 2 ** 22 + 1;
		expect(memoryOf(none)).toBeNull();
		expect(processorTimeOf(none)).toBeNull();
		expect(processorMsBetween(null, processorTimeOf(process.pid))).toBeNull();
	});
});
