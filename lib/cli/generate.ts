import { Command } from 'commander';
import type { UserMessage } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import {
	addFlags,
	addGenerateOptions,
	addModelOptions,
	addPrintOptions,
	type GenerateFlags,
	type ModelFlags,
	type PrintFlags,
	readText,
	toGenerateOptions,
	toTemplateOptions,
} from './arguments.js';
import { type Given, listFlag, switchFlag, textFlag } from './flag.js';
import { interruptedExitCode, onInterrupt } from './interrupt.js';
import { openModel, openSession } from './load.js';
import { modelArgument } from './model-path.js';
import { Progress } from './progress.js';
import { printLegend, printReply } from './reply.js';

export const promptFlags = {
	prompt: textFlag('--prompt <text>', 'the prompt'),
	promptFile: textFlag('--prompt-file <file>', 'a file that holds the prompt, - for standard input'),
	chat: switchFlag('--chat', 'send the prompt as a message, by the model’s chat template'),
	system: textFlag('--system <text>', 'with --chat: a system message'),
	image: listFlag('--image <file>', 'with --chat: an image before the prompt; needs --projector'),
};

type Flags = ModelFlags & GenerateFlags & PrintFlags & Given<typeof promptFlags>;

export function generateCommand(): Command {
	const command = new Command('generate')
		.description('generate text after a prompt')
		.argument('<model>', modelArgument);
	addFlags(command, promptFlags);
	return addModelOptions(addGenerateOptions(addPrintOptions(command)))
		.addHelpText(
			'after',
			`
The text goes to standard output, all else to standard error.

Examples:
  reprise generate model.gguf --prompt "The three laws of robotics are"
  reprise generate model.gguf --chat --prompt "Write a haiku" --temperature 0.8 --seed 1
  reprise generate model.gguf --chat --prompt-file edit.txt --prediction before.txt --show-drafts
  reprise generate model.gguf --projector mmproj.gguf --chat --image cat.png --prompt "What is this?"
  reprise generate model.gguf --prompt-file - --json < prompt.txt`,
		)
		.action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
	requireFitting(flags);
	const prompt = await readPrompt(flags);
	const { renderSpecial, ...options } = await toGenerateOptions(flags);
	const template = await toTemplateOptions(flags);

	const interrupt = onInterrupt();
	await using model = await openModel(path, flags, interrupt.signal);
	await using session = await openSession(model, flags, interrupt.signal);
	const progress = new Progress('prompt', 'tokens');
	options.onPrefill = (done, total) => progress.update(done, total);
	options.signal = interrupt.signal;
	printLegend(flags);
	try {
		const generation = flags.chat
			? session
					.chat({ ...template, ...(flags.system !== undefined && { system: flags.system }) })
					.send(withImages(prompt, flags.image), options)
			: session.generate(prompt, { ...options, ...(renderSpecial !== undefined && { renderSpecial }) });
		const { finishReason } = await printReply(generation, flags);
		if (finishReason === 'aborted') process.exitCode = interruptedExitCode;
	} finally {
		progress.stop();
		interrupt.release();
	}
}

/** Throws where a flag is given that only a chat takes, or only a plain text. */
function requireFitting({ chat, system, image, template, templateVariables, renderSpecial }: Flags): void {
	const ofChats = {
		'--system': system,
		'--image': image,
		'--template': template,
		'--template-variables': templateVariables,
	};
	for (const [flag, value] of Object.entries(ofChats))
		if (value !== undefined && !chat)
			throw new RepriseError('OPTION_INVALID', `${flag} is part of a chat template; pass --chat too`);
	if (renderSpecial && chat)
		throw new RepriseError(
			'OPTION_INVALID',
			'--render-special does not go with --chat, since control tokens are the business of the template',
		);
}

function withImages(prompt: string, images: readonly string[] = []): UserMessage['content'] {
	if (images.length === 0) return prompt;
	return [...images.map((image) => ({ type: 'image', image }) as const), { type: 'text', text: prompt }];
}

async function readPrompt({ prompt, promptFile }: Flags): Promise<string> {
	if ((prompt === undefined) === (promptFile === undefined))
		throw new RepriseError('OPTION_INVALID', 'Expected one prompt: pass --prompt TEXT or --prompt-file FILE');
	return prompt ?? readText(promptFile as string, '--prompt-file');
}
