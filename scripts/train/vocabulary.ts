import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { readVocabulary } from '../gguf/vocabulary.js';

const options = new Command('vocabulary')
	.description(
		'Writes the pieces of a trained model, so that another one is trained with the same vocabulary.',
	)
	.argument('<model>', 'a GGUF file that convert.py has written')
	.option('--out <file>', 'where to', 'build/train/vocabulary.json')
	.parse();

const { metadata } = await readVocabulary(options.args[0] ?? '');
const pieces = metadata['tokenizer.ggml.tokens']?.value as string[];
await writeFile(options.opts().out, JSON.stringify(pieces.map((piece) => piece.replaceAll('\u2581', ' '))));
