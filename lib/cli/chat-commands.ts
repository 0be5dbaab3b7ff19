import { existsSync } from 'node:fs';
import type { ChatMessage, UserMessage } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import type { Chat, Generation, ReplyOptions } from '../index.js';
import { nearest } from '../nearest.js';
import { integer } from '../options.js';

interface ChatCommand {
	usage: string;
	does: string;
	takesText?: boolean;
	/** The reply that it asks for, if any. */
	run(chat: Chat, text: string, options: ReplyOptions): Generation | null;
}

const commands: Record<string, ChatCommand> = {
	retry: {
		usage: '/retry',
		does: 'say the last reply again (with --temperature, another one)',
		run: (chat, _, options) => chat.retry(options),
	},
	edit: {
		usage: '/edit N TEXT',
		does: 'replace your N-th message and go on from there',
		takesText: true,
		run: edit,
	},
	messages: {
		usage: '/messages',
		does: 'show the conversation',
		run: (chat) => {
			for (const message of chat.messages) process.stdout.write(`${message.role}: ${shown(message)}\n`);
			return null;
		},
	},
	image: {
		usage: '/image FILE TEXT',
		does: 'send an image and a text about it (with --projector)',
		takesText: true,
		run: sendImage,
	},
	help: {
		usage: '/help',
		does: 'show this',
		run: () => {
			process.stderr.write(`${commandsHelp}\n`);
			return null;
		},
	},
	exit: { usage: '/exit', does: 'leave (or Ctrl-D)', run: () => null },
};

export const commandsHelp: string = Object.values(commands)
	.map(({ usage, does }) => `${usage.padEnd(16)} ${does}`)
	.join('\n');

/**
 * The command that a message is, with its text: a name alone or with a space after it. What begins with a
 * path is a message. Throws `OPTION_INVALID` for a name alone that is neither a command nor a path, and for a
 * text that a command does not take.
 */
function readCommand(message: string): { name: string; command: ChatCommand; text: string } | null {
	const [, name, text = ''] = /^\/(\w+)(?: (.*))?$/s.exec(message.trimEnd()) ?? [];
	if (name === undefined) return null;
	const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (command === undefined) {
		if (text !== '' || existsSync(`/${name}`)) return null;
		const meant = nearest(name, Object.keys(commands));
		const hint = meant ? `: did you mean /${meant}?` : '; /help lists them';
		throw new RepriseError('OPTION_INVALID', `There is no command /${name}${hint}`);
	}
	if (text.trim() === '' || command.takesText) return { name, command, text: text.trimStart() };
	throw new RepriseError(
		'OPTION_INVALID',
		`The command /${name} takes no text; put a space before it to say it to the model`,
	);
}

/** The reply that a message or a command asks for, if any, or that the chat is to end. */
export function answer(chat: Chat, message: string, options: ReplyOptions): Generation | null | 'exit' {
	if (message.trim() === '') return null;
	const called = readCommand(message);
	if (called === null) return chat.send(message, options);
	return called.name === 'exit' ? 'exit' : called.command.run(chat, called.text, options);
}

function shown({ content }: ChatMessage): string {
	if (typeof content === 'string') return content;
	return content.map((part) => (part.type === 'text' ? part.text : '[image]')).join(' ');
}

function sendImage(chat: Chat, argument: string, options: ReplyOptions): Generation {
	// What a terminal makes of a file that is dropped there: quotes, or a backslash before a space.
	const [, double, single, bare = '', text = ''] =
		/^(?:"([^"]+)"|'([^']+)'|((?:\\.|\S)+))\s+(.*)$/s.exec(argument) ?? [];
	const image = double ?? single ?? bare.replaceAll(/\\(.)/g, '$1');
	if (text === '') throw new RepriseError('OPTION_INVALID', 'Expected a file and a text: /image FILE TEXT');
	return chat.send(
		[
			{ type: 'image', image },
			{ type: 'text', text },
		],
		options,
	);
}

function edit(chat: Chat, argument: string, options: ReplyOptions): Generation {
	const [, ordinal = '', text = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
	const indices = chat.messages.flatMap(({ role }, index) => (role === 'user' ? [index] : []));
	if (indices.length === 0) throw new RepriseError('OPTION_INVALID', 'There is no message to edit yet');
	const turn = integer(1, indices.length)(Number(ordinal || Number.NaN), 'N of /edit N TEXT');
	const index = indices[turn - 1] as number;
	const { content } = chat.messages[index] as UserMessage;
	const images = typeof content === 'string' ? [] : content.filter(({ type }) => type === 'image');
	return chat.edit(index, images.length > 0 ? [...images, { type: 'text', text }] : text, options);
}
