import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.js';

/** Lets one `reprise build` of this user run at a time, since they share a source and a log. Throws where one runs. */
export function lockBuild(): Disposable {
	const path = join(cacheFolder(), 'build.lock');
	for (;;) {
		try {
			writeFileSync(path, String(process.pid), { flag: 'wx' });
			return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		const pid = Number(readFileSync(path, 'utf8'));
		if (isRunning(pid))
			throw new Error(
				`Another reprise build is running (process ${pid}): wait for it, or end it and delete ${path}`,
			);
		rmSync(path, { force: true });
	}
}

function isRunning(pid: number): boolean {
	if (!Number.isInteger(pid) || pid < 1) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
