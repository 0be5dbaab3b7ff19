import { Command } from 'commander';
import { isRepriseError, RepriseError } from '../errors.js';
import type { Chat, Generation, ReplyOptions } from '../index.js';
import {
	addFlags,
	addModelOptions,
	addPrintOptions,
	addSamplingOptions,
	type ModelFlags,
	type PrintFlags,
	type SamplingFlags,
	toSamplingOptions,
	toTemplateOptions,
} from './arguments.js';
import { answer, commandsHelp } from './chat-commands.js';
import { type Given, textFlag } from './flag.js';
import { onInterrupt } from './interrupt.js';
import { openModel, openSession } from './load.js';
import { type Messages, PipedMessages, TypedMessages } from './messages.js';
import { modelArgument } from './model-path.js';
import { Progress } from './progress.js';
import { printLegend, printReply } from './reply.js';

export const systemFlag = { system: textFlag('--system <text>', 'a system message') };

type Flags = ModelFlags & SamplingFlags & PrintFlags & Given<typeof systemFlag>;

export function chatCommand(): Command {
	const command = new Command('chat').description('talk with a model').argument('<model>', modelArgument);
	addFlags(command, systemFlag);
	return addModelOptions(addSamplingOptions(addPrintOptions(command)))
		.addHelpText(
			'after',
			`
Every line is a message; one that ends in \\ goes on in the next line, and pasted
lines are one message. Without a terminal, lines are read from standard input.
Ctrl-C ends a reply, else clears what is typed, else leaves. In the chat:
${commandsHelp.replace(/^/gm, '  ')}
A space before one of these says it to the model.

Example:
  reprise chat model.gguf --system "Answer briefly." --show-drafts`,
		)
		.action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
	const { system } = flags;
	const options = await toSamplingOptions(flags);
	const template = await toTemplateOptions(flags);
	const loading = onInterrupt();
	await using model = await openModel(path, flags, loading.signal);
	await using session = await openSession(model, flags, loading.signal);
	loading.release();
	if (loading.signal.aborted) throw new RepriseError('ABORTED', 'Interrupted');
	const chat = session.chat({ ...template, ...(system !== undefined && { system }) });
	printLegend(flags);
	await converse(chat, options, flags);
}

async function converse(chat: Chat, options: ReplyOptions, flags: Flags): Promise<void> {
	const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY);
	let reply: Generation | null = null;
	const interrupt = () => {
		if (reply) reply.abort();
		else if (!messages.clear()) messages.close();
	};
	const messages: Messages = interactive ? new TypedMessages(interrupt) : new PipedMessages();
	process.on('SIGINT', interrupt);
	try {
		if (interactive) process.stderr.write('/help lists the commands\n');
		messages.ask();
		for await (const message of messages) {
			const progress = new Progress('prompt', 'tokens');
			try {
				const answered = answer(chat, message, {
					...options,
					onPrefill: (done, total) => progress.update(done, total),
				});
				if (answered === 'exit') break;
				reply = answered;
				if (reply) await printReply(reply, flags);
			} catch (error) {
				if (!interactive || !isRepriseError(error)) throw error;
				process.stderr.write(`${error.message}\n`);
			} finally {
				reply = null;
				progress.stop();
			}
			messages.ask();
		}
	} finally {
		process.off('SIGINT', interrupt);
		messages.close();
	}
}
