import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { loadModel } from '../../lib/index.js';
import type { Conversation } from '../../lib/replay/conversations.js';
import type { Task } from './data/chat.js';
import { chatsOf } from './data/mix.js';

/** Kinds of conversations, and how the model answers in them. */
const kinds: ReadonlyArray<{ dataset: string; tasks: readonly Task[]; temperature: number }> = [
	{ dataset: 'edits', tasks: ['text', 'code', 'json'], temperature: 0 },
	{ dataset: 'problems', tasks: ['solve'], temperature: 0 },
	// At temperature 0 all paragraphs are one.
	{ dataset: 'prose', tasks: ['paragraph'], temperature: 0.8 },
];

const command = new Command('record')
	.description(
		'Lets a trained model answer in held-out chats, and writes the conversations for `reprise replay`.',
	)
	.argument('<model>', 'a GGUF file that convert.py has written')
	.option('--out <file>', 'where to', 'build/train/recorded.jsonl')
	.option('--chats <count>', 'of each task', Number, 20)
	.option('--seed <number>', 'of the chats', Number, 1000)
	.parse();
const { out, chats, seed } = command.opts<{ out: string; chats: number; seed: number }>();

await using model = await loadModel(command.args[0] ?? '');
const lines: string[] = [];
for (const { dataset, tasks, temperature } of kinds)
	for (const [number, chat] of tasks.flatMap((task) => chatsOf(task, chats, seed, 'test')).entries()) {
		await using session = await model.createSession();
		const answers = session.chat({ system: '' });
		const turns: Array<Conversation['turns'][number]> = [];
		for (const { text: user } of chat.turns.filter(({ role }) => role === 'user')) {
			const { text } = await answers.send(user, { temperature, seed: number, maxTokens: 256 }).result;
			turns.push({ user, assistant: text });
		}
		const name = model.info.description;
		const conversation: Conversation = { dataset, model: name, template: 'chatml', system: '', turns };
		lines.push(`${JSON.stringify(conversation)}\n`);
	}
await writeFile(out, lines.join(''));
