import { availableParallelism, cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** So long a machine is watched before it is measured on. */
const watchMs = 500;
/** Before the benchmark all that is busy is another program's, but half a second of it says little. */
const disturbingBefore = 0.3;

/** What the whole machine and this process have computed up to a moment, in milliseconds of a processor. */
export interface BusyTime {
	readonly machineMs: number;
	readonly ownMs: number;
	/** By `performance.now()`. */
	readonly at: number;
}

export function busyTime(): BusyTime {
	const { user, system } = process.cpuUsage();
	const machineMs = cpus().reduce(
		(sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
		0,
	);
	return { machineMs, ownMs: (user + system) / 1000, at: performance.now() };
}

/** What programs that are no part of the benchmark have computed while arms ran. */
export class OtherPrograms {
	#othersMs = 0;
	#wallMs = 0;

	/** A run began at `before` and has just ended; the arm took `armMs` of the processors' time. */
	add(before: BusyTime, armMs: number): void {
		const now = busyTime();
		this.#othersMs += now.machineMs - before.machineMs - (now.ownMs - before.ownMs) - armMs;
		this.#wallMs += now.at - before.at;
	}

	/** The processors that they kept busy, on average; null where no run was watched. */
	get processors(): number | null {
		return this.#wallMs > 0 ? Math.max(0, this.#othersMs / this.#wallMs) : null;
	}
}

/** What is said before anything is measured, while there is time to do something about it; null on an idle machine. */
export async function busyWarning(): Promise<string | null> {
	const before = busyTime();
	await sleep(watchMs);
	const others = new OtherPrograms();
	others.add(before, 0);
	const busy = others.processors ?? 0;
	if (busy < disturbingBefore) return null;
	const processors = `${busy.toFixed(2)} of ${availableParallelism()} processors`;
	return `Other programs keep ${processors} busy: what is measured now says little`;
}
