import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { loadModel } from '../../lib/index.js';
import type { Task } from './data/chat.js';
import { chatsOf } from './data/mix.js';
import { exploring, measureProblems } from './evaluation/problems.js';
import { expectedReplies, measureReplies } from './evaluation/replies.js';

const options = new Command('evaluate')
	.description('Measures a trained model on held-out names, numbers and wordings, through Reprise.')
	.argument('<model>', 'a GGUF file')
	.option('--problems <count>', 'word problems to solve', Number, 300)
	.option('--edits <count>', 'edits, a third each of texts, code and JSON', Number, 300)
	.option('--others <count>', 'replies of each other task', Number, 100)
	.option('--revisions <count>', 'of a wrong program at most', Number, 7)
	.addOption(
		new Option('--sees <what>', 'what a revision sees')
			.choices(['all', 'last', 'question'])
			.default(exploring.sees),
	)
	.option('--temperature <number>', 'of revisions', Number, exploring.revision.temperature)
	.option('--seed <number>', 'of the held-out chats', Number, 1000)
	.option('--split <name>', 'test, or train to see what is lost on held-out chats', 'test')
	.option('--json <file>', 'write all that was measured, with some wrong answers')
	.parse();
const [path = ''] = options.args;
const { problems, edits, others, revisions, sees, temperature, seed, split, json } = options.opts();

await using model = await loadModel(path);
await using session = await model.createSession({ contextLength: 2048, threads: 1 });
const chats = (task: Task, count: number) => chatsOf(task, count, seed, split);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const print = (line: string) => process.stdout.write(`${line}\n`);

const guided = { sees, revision: { ...exploring.revision, temperature } };
const solved = await measureProblems(session, chats('solve', problems), { revisions, guided });
print(`word problems, first answer: ${percent(solved.before.value)} of ${problems}`);
print(`  by round: ${solved.rightByRound.map(percent).join(', ')}`);
print(`  CL ${percent(solved.confidence?.value ?? 0)}, CS ${percent(solved.critique?.value ?? 0)}`);

const measured: Record<string, Awaited<ReturnType<typeof measureReplies>>> = {};
async function measure(name: string, expected: Parameters<typeof measureReplies>[1]): Promise<void> {
	const replies = await measureReplies(session, expected);
	measured[name] = replies;
	const { exact, count, tokensPerPass, tokensPerSecond } = replies;
	const speed = `${tokensPerPass.toFixed(2)} tokens per pass, ${tokensPerSecond.toFixed(0)} tokens/s`;
	print(`${name}: ${percent(exact)} of ${count} exactly right, ${speed}`);
}

const editTasks = ['text', 'code', 'json'] as const;
const last = (task: Task, count: number) =>
	chats(task, count).flatMap((chat) => expectedReplies(chat).slice(-1));
// A request to copy is no edit.
const editsOf = (task: Task, count: number) =>
	chats(task, count)
		.flatMap(expectedReplies)
		.filter(({ request, reply }) => !request.includes(reply))
		.slice(0, count);
for (const task of editTasks) await measure(`edits of ${task}`, editsOf(task, Math.round(edits / 3)));
const thirds = editTasks.flatMap((task) =>
	chats(task, edits).flatMap((chat) => expectedReplies(chat).slice(2, 3)),
);
await measure('third turns of edits', thirds.slice(0, others));
for (const task of ['repair', 'question', 'paragraph'] as const) await measure(task, last(task, others));
const reviewed = chats('review', others).map(expectedReplies);
await measure(
	'naming the wrong line',
	reviewed.flatMap((replies) => replies.slice(-2, -1)),
);
await measure(
	'final program',
	reviewed.flatMap((replies) => replies.slice(-1)),
);
if (json)
	await writeFile(json, `${JSON.stringify({ model: path, seed, solved, ...measured }, null, '\t')}\n`);
