import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import { javascript } from '../../lib/correct/verifiers/index.js';
import { loadModel } from '../../lib/index.js';
import { assistant, type Chat, mistaken, type Turn, user } from './data/chat.js';
import { renderProgram } from './data/program.js';
import { assignment, failure } from './data/programs.js';
import { Source } from './data/source.js';
import { type Problem, wordProblem } from './data/word-problems.js';

const options = new Command('own-mistakes')
	.description(
		'Lets a model under training solve training problems, and writes the mistakes it makes as chats in which they are repaired.',
	)
	.argument('<model>', 'a GGUF file')
	.option('--chats <count>', 'chats to write', Number, 4000)
	.option('--temperature <number>', 'of the answers', Number, 1)
	.option('--strange <share>', 'problems with a verb that nobody knows', Number, 0.5)
	.option('--rounds <count>', 'most wrong answers of a chat', Number, 3)
	.option('--seed <number>', 'of problems and answers; not that of the chats trained on before', Number, 2)
	.option('--out <file>', 'where to', 'build/train/own-mistakes.jsonl')
	.parse();
const [path = ''] = options.args;
const { chats, temperature, strange, rounds, seed, out } = options.opts();

await using model = await loadModel(path);
await using session = await model.createSession({ contextLength: 1024, threads: 1 });
await using verify = javascript({ timeoutMs: 500, threads: 1 });
const source = new Source(seed, 'train');
const signal = new AbortController().signal;

/** The model's wrong answers to a problem, with what is said of each, and then the right one; none where it is right at once. */
async function repaired(problem: Problem, number: number): Promise<Chat | undefined> {
	const task = { id: `${number}`, prompt: problem.text, answer: `${problem.answer}` };
	const turns: Turn[] = [assignment(problem, source)];
	await session.rollback(0);
	const chat = session.chat();
	for (let round = 0; round < rounds; round++) {
		const request = turns.at(-1)?.text ?? '';
		const { text } = await chat.send(request, { temperature, maxTokens: 200, seed: number }).result;
		const verdict = await verify(text, { task, signal });
		if (verdict.outcome !== 'fail') break;
		const printed = /^The program printed (-?[\d.]+), but/.exec(verdict.message)?.[1];
		const said =
			printed && source.chance(0.5) ? failure(source, printed) : user(`${verdict.message} Fix it.`);
		turns.push(mistaken(text), said);
	}
	if (turns.length === 1) return undefined;
	turns.push(assistant(renderProgram(problem.lines)));
	return { task: 'repair', turns, answer: problem.answer };
}

const file = createWriteStream(out);
let written = 0;
let tried = 0;
while (written < chats) {
	const chat = await repaired(wordProblem(source, strange), ++tried);
	if (!chat) continue;
	file.write(`${JSON.stringify(chat)}\n`);
	if (++written % 500 === 0) process.stdout.write(`${written} of ${tried} problems\n`);
}
await finished(file.end());
process.stdout.write(`${out}: ${written} chats, from ${tried} problems\n`);
