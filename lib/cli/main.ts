#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { isRepriseError, messageOf } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { benchCommand } from './bench.js';
import { buildCommand } from './build.js';
import { chatCommand } from './chat.js';
import { correctCommand } from './correct.js';
import { generateCommand } from './generate.js';
import { infoCommand } from './info.js';
import { interruptedExitCode } from './interrupt.js';
import { endWithOutput } from './output.js';
import { replayCommand } from './replay.js';
import { workerCommand } from './worker.js';

const program = new Command('reprise')
	.description('Runs local language models (GGUF) and drafts from the text that is there already.')
	.version(packageRoot().version)
	.addCommand(generateCommand())
	.addCommand(chatCommand())
	.addCommand(correctCommand())
	.addCommand(infoCommand())
	.addCommand(replayCommand())
	.addCommand(benchCommand())
	.addCommand(workerCommand())
	.addCommand(buildCommand())
	.addHelpText(
		'after',
		`
Start with:
  reprise info model.gguf
  reprise generate model.gguf --prompt "Once upon a time" --max-tokens 50
  reprise chat model.gguf

reprise COMMAND --help explains a command.`,
	);

endWithOutput();
// Commander would end the process before standard output could say that it has failed.
for (const command of [program, ...program.commands]) command.exitOverride();

try {
	await program.parseAsync();
} catch (error) {
	process.exitCode = report(error);
}

/** Writes what ended a command, and returns the exit code. */
function report(error: unknown): number {
	// Commander has said it.
	if (error instanceof CommanderError) return error.exitCode;
	const message = messageOf(error);
	process.stderr.write(`reprise: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
	return isRepriseError(error) && error.code === 'ABORTED' ? interruptedExitCode : 1;
}
