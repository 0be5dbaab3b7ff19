import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second. */
const tickMs = 10;

/** The most bytes of memory that a process had so far, or has now where the system tells no more; null where it tells nothing. */
export function memoryOf(pid: number): number | null {
	if (process.platform === 'linux') {
		const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(fileOf(pid, 'status'))?.[1];
		return kibibytes === undefined ? null : Number(kibibytes) * 1024;
	}
	if (process.platform === 'win32') return null;
	try {
		const kibibytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' }));
		return kibibytes > 0 ? kibibytes * 1024 : null;
	} catch {
		return null;
	}
}

/** The processor's time of a process at one moment. */
export interface ProcessorTime {
	/** In steps of a hundredth of a second, with that of threads that have ended. */
	readonly ms: number;
	/** To the nanosecond, by thread. */
	readonly msByThread: ReadonlyMap<string, number>;
}

/** null where the system does not tell. */
export function processorTimeOf(pid: number): ProcessorTime | null {
	if (process.platform !== 'linux') return null;
	// The name of the program, in brackets, may hold anything.
	const fields = fileOf(pid, 'stat').replace(/^.*\)/s, '').trim().split(/\s+/);
	const [user, system] = [Number(fields[11]), Number(fields[12])];
	if (!Number.isFinite(user + system)) return null;
	return { ms: (user + system) * tickMs, msByThread: timesByThread(pid) };
}

/** Milliseconds between two moments, as exact as the system tells. */
export function processorMsBetween(before: ProcessorTime | null, after: ProcessorTime | null): number | null {
	if (!before || !after) return null;
	let byThread = 0;
	for (const [thread, ms] of after.msByThread) byThread += ms - (before.msByThread.get(thread) ?? 0);
	// What threads took that have ended meanwhile is in the coarse figure alone.
	return Math.max(byThread, after.ms - before.ms - tickMs);
}

/** Whether a thread of the process has a processor or waits for one; false where the system does not tell. */
export function isAtWork(pid: number): boolean {
	if (process.platform !== 'linux') return false;
	return threadsOf(pid).some((thread) => {
		const [state] = fileOf(pid, `task/${thread}/stat`).replace(/^.*\)/s, '').trim();
		return state === 'R';
	});
}

function timesByThread(pid: number): Map<string, number> {
	const times = new Map<string, number>();
	for (const thread of threadsOf(pid)) {
		const nanoseconds = Number(fileOf(pid, `task/${thread}/schedstat`).split(' ')[0]);
		if (Number.isFinite(nanoseconds)) times.set(thread, nanoseconds / 1e6);
	}
	return times;
}

function threadsOf(pid: number): string[] {
	try {
		return readdirSync(`/proc/${pid}/task`);
	} catch {
		return [];
	}
}

/** Empty where there is none: the process, or the thread, has ended. */
function fileOf(pid: number, name: string): string {
	try {
		return readFileSync(`/proc/${pid}/${name}`, 'utf8');
	} catch {
		return '';
	}
}
