import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import type { Task } from './data/chat.js';
import { endlessChats, taskNames } from './data/mix.js';
import type { Split } from './data/source.js';

const { out, chats, seed, task, split } = new Command('generate')
	.description('Writes chats to train or test the embedded model with, one JSON object a line.')
	.option('--out <file>', 'where to', 'build/train/chats.jsonl')
	.option('--chats <count>', 'how many', Number, 130_000)
	.option('--seed <number>', 'the same seed gives the same chats', Number, 1)
	.addOption(new Option('--task <name>', 'one task alone; default: all in their shares').choices(taskNames))
	.addOption(
		new Option('--split <name>', 'whose names, numbers and wordings')
			.choices(['train', 'test'])
			.default('train'),
	)
	.parse()
	.opts<{ out: string; chats: number; seed: number; task?: Task; split: Split }>();

await mkdir(dirname(out), { recursive: true });
const file = createWriteStream(out);
const source = endlessChats(seed, split, task);
for (let i = 0; i < chats; i++)
	if (!file.write(`${JSON.stringify(source.next().value)}\n`)) await once(file, 'drain');
file.end();
await once(file, 'finish');
