import { readFileSync } from 'node:fs';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { ownFile } from './own-file.js';

/** Of the options of a `Worker`, those that do not say what it runs. */
export type ThreadOptions = Omit<WorkerOptions, 'eval' | 'execArgv'> & {
	/** Flags of Node for the thread alone. Default: none, not even those of this process. */
	flags?: readonly string[];
	/** Flags beside those, where the thread loads its files by itself. */
	flagsToLoad?: () => readonly string[];
};

/**
 * Starts a thread on a file of this package. In dist/ that is `name`.cjs, which has all it needs in it and is
 * handed over as text: so a thread may run that can read no files, or whose package lies where only this
 * thread can look, in Electron's asar archives and Yarn's zip files. In lib/ it is `name`.js, and Node loads it
 * by its path. `url` is that of the calling module. Throws what `Worker` throws.
 */
export function startThread(
	name: string,
	url: string,
	{ flags = [], flagsToLoad = () => [], ...options }: ThreadOptions = {},
): Worker {
	const file = ownFile([`${name}.cjs`, `${name}.js`], url);
	return file.endsWith('.cjs')
		? new Worker(readFileSync(file, 'utf8'), {
				...options,
				eval: true,
				execArgv: [...flags, '--input-type=commonjs'],
			})
		: new Worker(file, { ...options, execArgv: [...flags, ...flagsToLoad()] });
}
