#!/usr/bin/env node
import { Command } from 'commander';
import { RepriseError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { chatCommand } from './chat.js';
import { correctCommand } from './correct.js';
import { generateCommand } from './generate.js';
import { infoCommand } from './info.js';
import { interruptedExitCode } from './interrupt.js';
import { replayCommand } from './replay.js';

const program = new Command('reprise')
	.description('Runs local language models (GGUF) and drafts from what was already said.')
	.version(packageRoot().version)
	.addCommand(generateCommand())
	.addCommand(chatCommand())
	.addCommand(correctCommand())
	.addCommand(infoCommand())
	.addCommand(replayCommand())
	.addHelpText(
		'after',
		`
Start with:
  reprise info model.gguf
  reprise generate model.gguf --prompt "Once upon a time" --max-tokens 50
  reprise chat model.gguf

reprise COMMAND --help explains a command.`,
	);

// A reader that has seen enough (head, less) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code === 'EPIPE') process.exit(0);
	throw error;
});

try {
	await program.parseAsync();
} catch (error) {
	const message = error instanceof Error ? error.message : String(error);
	process.stderr.write(`reprise: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
	process.exitCode = error instanceof RepriseError && error.code === 'ABORTED' ? interruptedExitCode : 1;
}
