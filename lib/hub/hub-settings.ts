import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { diskPath } from '../options.js';
import { endpoint, hubOptions, timeoutMs, token } from './hub-options.js';
import { getHFHubCachePath, HUB_URL } from './hub-packages.js';

/** The options of the hub, complete. */
export interface HubSettings {
	readonly endpoint: string;
	readonly token: string | undefined;
	readonly cacheFolder: string;
	readonly offline: boolean;
	readonly maxRetries: number;
	readonly timeoutMs: number;
}

/** Checks and completes the options of the hub. */
export function readHubSettings(given: unknown): HubSettings {
	const read = hubOptions(given, 'hub');
	const { env } = process;
	return {
		endpoint: read.endpoint ?? endpoint(env.HF_ENDPOINT || HUB_URL, 'HF_ENDPOINT'),
		token: read.token ?? tokenOfUser(env),
		cacheFolder: read.cacheFolder ?? diskPath(getHFHubCachePath(), 'HF_HUB_CACHE'),
		offline: read.offline ?? /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? ''),
		maxRetries: read.maxRetries,
		timeoutMs: read.timeoutMs ?? timeoutOfUser(env.HF_HUB_DOWNLOAD_TIMEOUT),
	};
}

function timeoutOfUser(seconds: string | undefined): number {
	if (!seconds) return 10_000;
	return timeoutMs(Math.ceil(1000 * Number(seconds)), 'HF_HUB_DOWNLOAD_TIMEOUT in milliseconds');
}

function tokenOfUser(env: NodeJS.ProcessEnv): string | undefined {
	const given = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN;
	if (given) return token(given, 'HF_TOKEN');
	const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
	const path = env.HF_TOKEN_PATH || join(home, 'token');
	let written: string;
	try {
		written = readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
	return written.trim() === '' ? undefined : token(written, path);
}
