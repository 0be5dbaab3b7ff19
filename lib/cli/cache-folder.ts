import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where files are kept that can be made again: llama.cpp's source (scripts/fetch-llama.mjs) is there, too. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
	if (env.REPRISE_CACHE) return resolve(env.REPRISE_CACHE);
	if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'reprise');
	if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'reprise');
	return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'reprise');
}

/** Where the programs are that `reprise bench` compares with. */
export const peersFolder = (env?: NodeJS.ProcessEnv): string => join(cacheFolder(env), 'peers');
