#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { isRepriseError, messageOf } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { interruptedExitCode } from './interrupt.js';
import { endWithOutput } from './output.js';

/** By name, in the order of the help. Loading them all takes longer than the first token of a small model. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
	generate: async () => (await import('./generate.js')).generateCommand(),
	chat: async () => (await import('./chat.js')).chatCommand(),
	serve: async () => (await import('./serve.js')).serveCommand(),
	correct: async () => (await import('./correct.js')).correctCommand(),
	pull: async () => (await import('./pull.js')).pullCommand(),
	ls: async () => (await import('./ls.js')).lsCommand(),
	rm: async () => (await import('./rm.js')).rmCommand(),
	info: async () => (await import('./info.js')).infoCommand(),
	replay: async () => (await import('./replay.js')).replayCommand(),
	bench: async () => (await import('./bench.js')).benchCommand(),
	worker: async () => (await import('./worker.js')).workerCommand(),
	build: async () => (await import('./build.js')).buildCommand(),
};

const program = new Command('reprise')
	.description('Runs local language models (GGUF) and drafts from the text that is there already.')
	.version(packageRoot().version)
	.addHelpText(
		'after',
		`
Start with:
  reprise info model.gguf
  reprise generate model.gguf --prompt "Once upon a time" --max-tokens 50
  reprise chat model.gguf
  reprise chat hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF

reprise COMMAND --help explains a command.`,
	);

// Help and what is no command need them all.
const asked = process.argv[2] ?? '';
const wanted = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
for (const command of await Promise.all(wanted.map((name) => commands[name]?.()))) {
	if (command) program.addCommand(command);
}

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
