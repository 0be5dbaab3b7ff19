import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const isWindows = process.platform === 'win32';
const shell = '/bin/sh';

/**
 * Watches file descriptor 4, a pipe whose other end only this process holds: when this process ends, by whatever
 * signal, the pipe closes and the watch kills the group.
 */
const watch = '(exec </dev/null >/dev/null 2>&1 3>&-; read -r _ <&4; kill -KILL 0) & exec 4<&-; exec "$@"';

/** A process with all that it starts, which ends with this process at the latest. */
export class ProcessGroup {
	readonly process: ChildProcess;
	readonly #isGroup: boolean;

	/** `stdio` has entries for file descriptors 0 to 3. */
	constructor(
		file: string,
		args: readonly string[],
		{ stdio, ...options }: Pick<SpawnOptions, 'env' | 'cwd'> & { stdio: ('ignore' | 'pipe' | 'ipc')[] },
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
	}

	/** Kills what is left of the group; a process in it that has made a group of its own is left alone. */
	kill(): void {
		const { pid } = this.process;
		if (pid === undefined) return;
		if (isWindows)
			spawn('taskkill', ['/pid', `${pid}`, '/t', '/f'], { stdio: 'ignore' }).on('error', () => {});
		else
			try {
				process.kill(this.#isGroup ? -pid : pid, 'SIGKILL');
			} catch {
				// Gone already.
			}
	}

	/** Whether the group keeps this process running. */
	keepAlive(on: boolean): void {
		const { channel, stdio } = this.process;
		const handles = [this.process, channel, stdio[4]] as (NodeJS.RefCounted | null | undefined)[];
		for (const handle of handles) on ? handle?.ref?.() : handle?.unref?.();
	}
}
