import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 200;
const beatMs = 1000;
/** A holder that has not beaten for so long is gone. */
const staleMs = 10_000;

interface Holder {
	readonly id: string;
	readonly pid: number;
	readonly host: string;
}

/**
 * Keeps processes from downloading the same file at once. It saves them the work and guards nothing: a process that
 * stops for long may lose it without knowing, so whoever has it asks `isHeld` before what matters.
 */
export class BlobLock {
	readonly #path: string;
	readonly #holder: Holder = { id: randomUUID(), pid: process.pid, host: hostname() };
	#beat: NodeJS.Timeout | undefined;

	private constructor(path: string) {
		this.#path = path;
	}

	/**
	 * Waits until no other process has it. `onWait` is called at every look meanwhile, and ends the waiting with
	 * null where it gives true.
	 */
	static async take(
		path: string,
		signal: AbortSignal,
		onWait: () => Promise<boolean>,
	): Promise<BlobLock | null> {
		await mkdir(dirname(path), { recursive: true });
		const lock = new BlobLock(path);
		let seen = { beat: -1, at: performance.now() };
		while (!(await lock.#create())) {
			if (await onWait()) return null;
			const beat = await beatOf(path);
			if (beat !== seen.beat) seen = { beat, at: performance.now() };
			// Clocks of machines that share a folder differ, so only the change of the time counts.
			if (performance.now() - seen.at > staleMs || isGone(await readHolder(path)))
				await rm(path, { force: true });
			else await delay(pollMs, undefined, { signal });
		}
		return lock;
	}

	async isHeld(): Promise<boolean> {
		return (await readHolder(this.#path))?.id === this.#holder.id;
	}

	async release(): Promise<void> {
		clearInterval(this.#beat);
		if (await this.isHeld()) await rm(this.#path, { force: true });
	}

	async #create(): Promise<boolean> {
		try {
			await writeFile(this.#path, JSON.stringify(this.#holder), { flag: 'wx' });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
			throw error;
		}
		const beat = () => {
			const now = new Date();
			utimes(this.#path, now, now).catch(() => {});
		};
		this.#beat = setInterval(beat, beatMs).unref();
		return true;
	}
}

async function beatOf(path: string): Promise<number> {
	return stat(path).then(
		({ mtimeMs }) => mtimeMs,
		() => -1,
	);
}

async function readHolder(path: string): Promise<Holder | null> {
	try {
		return JSON.parse(await readFile(path, 'utf8')) as Holder;
	} catch {
		// It is gone, or just being written.
		return null;
	}
}

function isGone(holder: Holder | null): boolean {
	if (holder?.host !== hostname() || !Number.isInteger(holder.pid) || holder.pid < 1) return false;
	try {
		process.kill(holder.pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH';
	}
}
