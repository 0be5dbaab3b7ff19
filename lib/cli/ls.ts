import { Command } from 'commander';
import { cachedModels } from '../hub/cached-models.js';
import { readHubSettings } from '../hub/hub-settings.js';
import { addFlags } from './arguments.js';
import { type Given, switchFlag } from './flag.js';

export const lsFlags = { json: switchFlag('--json', 'print JSON: paths and commits, too') };

export function lsCommand(): Command {
	const command = new Command('ls').description('list the models of the hub that are in the cache');
	return addFlags(command, lsFlags).action(run);
}

async function run({ json }: Given<typeof lsFlags>): Promise<void> {
	const { cacheFolder } = readHubSettings(undefined);
	const models = await cachedModels(cacheFolder);
	if (json) {
		process.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
		return;
	}
	if (models.length === 0) process.stderr.write(`There is no model in ${cacheFolder}.\n`);
	const width = Math.max(...models.map(({ name }) => name.length));
	for (const { name, bytes, isWhole } of models)
		process.stdout.write(`${name.padEnd(width)}  ${megabytes(bytes)}${isWhole ? '' : ', not whole'}\n`);
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
