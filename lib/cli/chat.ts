import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { RepriseError } from '../errors.js';
import type { Chat, Generation, ReplyOptions } from '../index.js';
import { integer } from '../options.js';
import {
	addGenerateOptions,
	addModelOptions,
	type GenerateFlags,
	type ModelFlags,
	toGenerateOptions,
} from './arguments.js';
import { onInterrupt } from './interrupt.js';
import { openModel, openSession } from './load.js';
import { Progress } from './progress.js';
import { printLegend, printReply } from './reply.js';

interface Flags extends ModelFlags, GenerateFlags {
	system?: string;
}

const commands = `/retry           say the last reply again (with --temperature, another one)
/edit N TEXT     replace your N-th message and go on from there
/messages        show the conversation
/help            show this
/exit            leave (or Ctrl-D)`;

export function chatCommand(): Command {
	const command = new Command('chat')
		.description('talk with a model')
		.argument('<model>', 'a GGUF file with a chat template')
		.option('--system <text>', 'a system message');
	return addModelOptions(addGenerateOptions(command))
		.addHelpText(
			'after',
			`
Every line is a message; one that ends in \\ goes on in the next line. Without a
terminal, lines are read from standard input.
Ctrl-C ends a reply. In the chat:
${commands.replace(/^/gm, '  ')}

Example:
  reprise chat model.gguf --system "Answer briefly." --show-drafts`,
		)
		.action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
	const { system, contextLength, threads, gpuLayers, memory, ...generateFlags } = flags;
	const options = await toGenerateOptions(generateFlags);
	const loading = onInterrupt();
	await using model = await openModel(path, flags, loading.signal);
	await using session = await openSession(model, flags);
	loading.release();
	if (loading.signal.aborted) throw new RepriseError('ABORTED', 'Interrupted');
	const chat = session.chat(system === undefined ? {} : { system });
	printLegend(flags);
	await converse(chat, options, flags);
}

async function converse(chat: Chat, options: ReplyOptions, flags: Flags): Promise<void> {
	const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY);
	const lines = createInterface({
		input: process.stdin,
		...(interactive && { output: process.stderr }),
		terminal: interactive,
		prompt: interactive ? '> ' : '',
	});
	let reply: Generation | null = null;
	const interrupt = () => (reply ? reply.abort() : lines.close());
	lines.on('SIGINT', interrupt);
	process.on('SIGINT', interrupt);
	try {
		if (interactive) process.stderr.write('/help lists the commands\n');
		lines.prompt();
		let begun = '';
		for await (const line of lines) {
			if (line.endsWith('\\')) {
				begun += `${line.slice(0, -1)}\n`;
				continue;
			}
			const message = begun + line;
			begun = '';
			if (message.trim() === '/exit') break;
			const progress = new Progress('prompt', 'tokens');
			try {
				reply = answer(chat, message, {
					...options,
					onPrefill: (done, total) => progress.update(done, total),
				});
				if (reply) await printReply(reply, flags);
			} catch (error) {
				if (!interactive || !(error instanceof RepriseError)) throw error;
				process.stderr.write(`${error.message}\n`);
			} finally {
				reply = null;
				progress.stop();
			}
			lines.prompt();
		}
	} finally {
		process.off('SIGINT', interrupt);
		lines.close();
	}
}

/** The reply that a message or a command asks for, if any. */
function answer(chat: Chat, message: string, options: ReplyOptions): Generation | null {
	const [, name, argument = ''] = /^\/(\w+)\s*(.*)$/s.exec(message) ?? [];
	if (message.trim() === '') return null;
	if (name === undefined) return chat.send(message, options);
	if (name === 'retry') return chat.retry(options);
	if (name === 'edit') return edit(chat, argument, options);
	if (name === 'messages')
		for (const { role, content } of chat.messages) process.stdout.write(`${role}: ${content}\n`);
	else if (name === 'help') process.stderr.write(`${commands}\n`);
	else throw new RepriseError('OPTION_INVALID', `There is no command /${name}; /help lists them`);
	return null;
}

function edit(chat: Chat, argument: string, options: ReplyOptions): Generation {
	const [, ordinal = '', text = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
	const indices = chat.messages.flatMap(({ role }, index) => (role === 'user' ? [index] : []));
	if (indices.length === 0) throw new RepriseError('OPTION_INVALID', 'There is no message to edit yet');
	const turn = integer(1, indices.length)(Number(ordinal || Number.NaN), 'N of /edit N TEXT');
	return chat.edit(indices[turn - 1] as number, text, options);
}
