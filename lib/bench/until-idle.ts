import { setTimeout as sleep } from 'node:timers/promises';
import { isAtWork, processorMsBetween, processorTimeOf } from './process-figures.js';

/** So long a process is watched at a time. */
const watchMs = 50;
/** One that computes less than this meanwhile is idle. */
const idleMs = 5;
/** Nobody waits for longer than this. */
const patienceMs = 5_000;

/**
 * Waits until a process that has answered computes nothing of its own accord, as a session of Reprise measures what
 * its passes cost: the next arm would be slowed down by it. Where the system tells nothing it does not wait.
 */
export async function untilIdle(pid: number): Promise<void> {
	const giveUpAt = performance.now() + patienceMs;
	let before = processorTimeOf(pid);
	while (before && performance.now() < giveUpAt) {
		await sleep(watchMs);
		const after = processorTimeOf(pid);
		const ms = processorMsBetween(before, after);
		if (ms === null || (ms < idleMs && !isAtWork(pid))) return;
		before = after;
	}
}
