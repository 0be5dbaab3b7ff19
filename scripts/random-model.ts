import { Command, InvalidArgumentError } from 'commander';
import { type QuantisationName, quantisationNames } from './gguf/quantisation.js';
import { type ShapeName, shapeNames, shapes } from './gguf/shapes.js';
import { writeRandomModel } from './gguf/write.js';

function shapeName(value: string): ShapeName {
	const name = shapeNames.find((known) => known === value);
	if (!name) throw new InvalidArgumentError(`Expected one of ${shapeNames.join(', ')}.`);
	return name;
}

function quantisation(value: string): QuantisationName {
	const name = quantisationNames.find((known) => known === value);
	if (!name) throw new InvalidArgumentError(`Expected one of ${quantisationNames.join(', ')}.`);
	return name;
}

function seed(value: string): number {
	const number = Number(value);
	if (!Number.isSafeInteger(number) || number < 0)
		throw new InvalidArgumentError('Expected an integer from 0 on.');
	return number;
}

interface Options {
	vocab: string;
	out: string;
	seed: number;
	type?: QuantisationName;
}

const list = shapeNames
	.map(
		(name) =>
			`  ${name.padEnd(12)} ${shapes[name].description} (usual vocabulary: ${shapes[name].vocabulary})`,
	)
	.join('\n');

const command = new Command('random-model')
	.description('Writes a GGUF model with random weights and a real vocabulary, for tests and benchmarks.')
	.argument('<shape>', 'one of the shapes below', shapeName)
	.requiredOption(
		'--vocab <gguf>',
		"file to copy the vocabulary from, such as llama.cpp's models/ggml-vocab-*.gguf",
	)
	.requiredOption('--out <file>', 'file to write')
	.option(
		'--type <type>',
		`types of the matrices: ${quantisationNames.join(', ')} (default: the shape's own)`,
		quantisation,
	)
	.option('--seed <n>', 'seed of the weights', seed, 0)
	.addHelpText('after', `\nShapes:\n${list}`)
	.action(async (shape: ShapeName, { vocab, out, seed, type }: Options) => {
		await writeRandomModel(shape, vocab, out, seed, type);
	});

command.parseAsync().catch((error: Error) => command.error(`random-model: ${error.message}`));
