import { Command } from 'commander';
import { removeModels } from '../hub/cached-models.js';
import { readHubSettings } from '../hub/hub-settings.js';
import { parseModelName } from '../hub/model-name.js';
import { megabytes } from './ls.js';

export function rmCommand(): Command {
	return new Command('rm')
		.description('remove a model of the hub from the cache')
		.argument('<name>', 'as reprise ls lists it; hf:OWNER/REPO:TAG; or hf:OWNER/REPO for all models of it')
		.action(run);
}

async function run(given: string): Promise<void> {
	const name = parseModelName(given, 'name');
	for (const removed of await removeModels(readHubSettings(undefined).cacheFolder, name))
		process.stdout.write(`Removed ${removed.name}, ${megabytes(removed.bytes)}\n`);
}
