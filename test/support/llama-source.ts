import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { llamaSourceDir as sourceDir } from '../../scripts/fetch-llama.mjs';

/**
 * The folder of the pinned llama.cpp source, which the addon's build fetched.
 * @throws Error if it is not there.
 */
export function llamaSourceDir(): string {
	const folder = sourceDir();
	if (!existsSync(join(folder, 'models')))
		throw new Error(`no llama.cpp in ${folder}: build the addon first (npm run build:native)`);
	return folder;
}
