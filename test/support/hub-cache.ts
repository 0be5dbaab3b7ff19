import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach } from 'vitest';
import type { TestHub } from './hub.js';

/** Lets this process and its children find a hub and an empty cache by the hub's variables, and no user's token. */
export function useHub(endpoint: string): string {
	const home = mkdtempSync(join(tmpdir(), 'reprise-hub-'));
	for (const name of Object.keys(process.env)) if (/^(HF_|HUGGING)/.test(name)) delete process.env[name];
	process.env.HF_ENDPOINT = endpoint;
	process.env.HF_HOME = home;
	return join(home, 'hub');
}

/**
 * Gives each test of a file an empty cache, and the hub as it was; the hub stops after them.
 *
 * @returns Where the cache of the test is.
 */
export function freshCaches(hub: TestHub): () => string {
	let cache = '';
	beforeEach(() => {
		cache = useHub(hub.endpoint);
	});
	afterEach(() => {
		hub.reset();
		rmSync(dirname(cache), { recursive: true, force: true });
	});
	afterAll(() => hub.stop());
	return () => cache;
}

/** The paths of all files and links of a folder, sorted; none where there is no folder. */
export function filesOf(folder: string): string[] {
	if (!existsSync(folder)) return [];
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => !entry.isDirectory())
		.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
		.sort();
}
