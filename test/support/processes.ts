import { execFileSync } from 'node:child_process';

/** The processes that a process has started, and those they have. */
export function descendants(pid: number): number[] {
	const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
	const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
	const children = pairs.filter(([, parent]) => parent === pid).map(([child]) => child);
	return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Alive and no zombie: what its parent has not waited for yet does nothing any more. */
export function isRunning(pid: number): boolean {
	try {
		const state = execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).trim();
		return state !== '' && !state.startsWith('Z');
	} catch {
		return false;
	}
}
