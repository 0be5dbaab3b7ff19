import { Command } from 'commander';
import { addon } from '../addon.js';
import { isRepriseError } from '../errors.js';
import { loadModel, type Model } from '../index.js';
import { addFlags } from './arguments.js';
import { type Given, switchFlag } from './flag.js';

export const infoFlags = {
	json: switchFlag('--json', 'print JSON, with all of the file’s metadata and the chat template'),
};

export function infoCommand(): Command {
	const command = new Command('info')
		.description('say what a model is, what drafts its cache allows, and what the engine was built for')
		.argument('[model]', 'a GGUF file; without one, the engine alone');
	return addFlags(command, infoFlags)
		.addHelpText('after', '\nExample:\n  reprise info model.gguf')
		.action(run);
}

async function run(path: string | undefined, flags: Given<typeof infoFlags>): Promise<void> {
	await using model = path === undefined ? null : await open(path);
	const engine = {
		llamaVersion: addon.llamaVersion,
		systemInfo: addon.systemInfo(),
		unusedVectorUnits: addon.unusedVectorUnits(),
	};
	if (flags.json) {
		process.stdout.write(`${JSON.stringify({ ...model?.info, ...engine }, null, 2)}\n`);
		return;
	}
	const rows = model ? describe(model) : [];
	rows.push(['llama.cpp', engine.llamaVersion], ['system', engine.systemInfo]);
	if (engine.unusedVectorUnits.length > 0)
		rows.push([
			'warning',
			`built without ${engine.unusedVectorUnits.join(', ')}, which this processor has: several times slower; build it again without REPRISE_NATIVE=0`,
		]);
	const width = Math.max(...rows.map(([name]) => name.length));
	for (const [name, value] of rows) process.stdout.write(`${name.padEnd(width)}  ${value}\n`);
}

async function open(path: string): Promise<Model> {
	try {
		return await loadModel(path, { gpuLayers: 0 });
	} catch (error) {
		if (!(isRepriseError(error) && error.code === 'MODEL_VOCAB_ONLY')) throw error;
		return loadModel(path, { vocabOnly: true });
	}
}

function describe({ info }: Model): Array<[string, string]> {
	const window = info.slidingWindow > 0 ? ` of ${info.slidingWindow} tokens` : '';
	const weights: Array<[string, string]> = [
		['parameters', info.parameters.toLocaleString('en')],
		['size', `${(info.sizeBytes / 2 ** 20).toFixed(1)} MiB`],
		['trained context', `${info.trainedContextLength} tokens`],
		['layers', `${info.layers}, ${info.embeddingLength} wide, ${info.heads} heads, ${info.headsKv} of keys`],
		['cache', `${info.cacheKind}${window}`],
		['drafts', info.draftsReason ? `${info.drafts}: ${info.draftsReason}` : info.drafts],
	];
	if (info.generationFault) weights.push(['generates', `no: ${info.generationFault}`]);
	return [
		['model', info.description],
		['architecture', info.architecture],
		...(info.vocabOnly ? [['weights', 'none: a vocabulary alone'] as [string, string]] : weights),
		['vocabulary', `${info.vocabularySize} tokens`],
		['chat template', info.chatTemplate === null ? 'none' : 'yes'],
	];
}
