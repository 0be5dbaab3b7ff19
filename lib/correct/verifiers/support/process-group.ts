import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Stream } from 'node:stream';

const isWindows = process.platform === 'win32';
const shell = '/bin/sh';

/**
 * Watches file descriptor 4, a pipe whose other end only this process holds: when this process ends, by
 * whatever signal, the pipe closes and the watch kills the group.
 */
const watch = '(exec </dev/null >/dev/null 2>&1 3>&-; read -r _ <&4; kill -KILL 0) & exec 4<&-; exec "$@"';

/** A process with all that it starts, which ends with this process at the latest. */
export class ProcessGroup {
	readonly process: ChildProcess;
	readonly #isGroup: boolean;

	/**
	 * `stdio` has entries for file descriptors 0 to 3. A process that cannot be started is told by the event
	 * `error` of the process, which then may have no streams, or thrown, as Node does it.
	 */
	constructor(
		file: string,
		args: readonly string[],
		{
			stdio,
			...options
		}: Pick<SpawnOptions, 'env' | 'cwd' | 'windowsVerbatimArguments'> & {
			stdio: ('ignore' | 'pipe' | 'ipc')[];
		},
	) {
		// On Windows, processes that are not detached end with their parent.
		this.#isGroup = !isWindows && existsSync(shell);
		this.process = this.#isGroup
			? spawn(shell, ['-c', watch, 'sh', file, ...args], {
					...options,
					stdio: [...stdio, 'pipe'],
					detached: true,
				})
			: spawn(file, args, { ...options, stdio, windowsHide: true });
		if (this.#isGroup) this.process.once('exit', () => this.kill());
		// Whoever waits for the process listens as well; later errors, and broken pipes, change nothing of how it ended.
		for (const source of [this.process, ...this.#streams()]) source.on('error', () => {});
	}

	/** Kills what is left of the group; a process in it that has made a group of its own is left alone. */
	kill(): void {
		const { pid } = this.process;
		if (pid === undefined) return;
		if (isWindows) this.#killTree(pid);
		else
			try {
				process.kill(this.#isGroup ? -pid : pid, 'SIGKILL');
			} catch {
				// Gone already.
			}
	}

	/** Windows' way; where that cannot be started, the process alone. */
	#killTree(pid: number): void {
		const end = () => void this.process.kill('SIGKILL');
		try {
			spawn('taskkill', ['/pid', `${pid}`, '/t', '/f'], { stdio: 'ignore' }).once('error', end);
		} catch {
			end();
		}
	}

	/** Whether the group keeps this process running. */
	keepAlive(on: boolean): void {
		const { channel, stdio } = this.process;
		const handles = [this.process, channel, stdio?.[4]] as (NodeJS.RefCounted | null | undefined)[];
		for (const handle of handles) on ? handle?.ref?.() : handle?.unref?.();
	}

	/** None where there was no file descriptor left for them. */
	#streams(): Stream[] {
		return (this.process.stdio ?? []).filter((stream) => stream !== null && stream !== undefined);
	}
}
