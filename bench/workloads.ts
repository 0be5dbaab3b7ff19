// What there is to copy in the tasks of `reprise bench`, without a model: tokens of prompts and answers, the copied part
// of each answer, and what the best drafter that copies could gain.
import { Command } from 'commander';
import type { TaskText } from '../lib/bench/task.js';
import { type Copied, copiedFrom } from '../lib/bench/workloads/copied-share.js';
import { workloads, workloadsWithChat } from '../lib/bench/workloads/workloads.js';
import type { TextMessage } from '../lib/chat-message.js';
import { loadModel, type Model } from '../lib/index.js';
import { Reprise } from '../lib/replay/reprise.js';
import { median, printTable } from './summary.js';
import { integers, oneOfEach, positive, runCommand } from './support.js';

interface Options {
	vocab: string;
	contexts: number[];
	seeds: number;
	tokens: number;
	workload: string[];
	chat?: string;
}

/** What Reprise's drafter and the best one give, in one task. */
interface Measured extends Copied {
	promptTokens: number;
	answerTokens: number;
	reprise: number;
}

const names = workloads.map(({ name }) => name);

await runCommand(
	new Command('workloads')
		.description('Measures what can be copied in the tasks of `reprise bench`; medians over seeds.')
		.requiredOption('--vocab <gguf>', 'a GGUF file with the vocabulary')
		.option('--contexts <n,…>', 'context lengths', integers(1), [128, 256, 512, 1024, 2048, 4096, 8192])
		.option('--seeds <n>', 'tasks of each length', positive, 8)
		.option('--tokens <n>', 'the most tokens of an answer that count', positive, 128)
		.option('--workload <name,…>', 'which of them', oneOfEach(names), names)
		.option('--chat <path>', 'recorded conversations for `chat`')
		.action(run),
);

async function run({ vocab, contexts, seeds, tokens, workload: wanted, chat }: Options): Promise<void> {
	await using model = await loadModel(vocab, { vocabOnly: true });
	const rows: string[][] = [];
	const known = chat === undefined ? workloads : await workloadsWithChat(chat);
	for (const workload of known.filter(({ name }) => wanted.includes(name)))
		for (const context of contexts) {
			const measured: Measured[] = [];
			const reasons = new Set<string>();
			for (let seed = 0; seed < seeds; seed++) {
				const countTokens = async (messages: readonly TextMessage[]) => chatml(model, messages).length;
				const task = await workload.text({ context, seed, countTokens });
				if ('skipped' in task) reasons.add(task.skipped);
				else measured.push(measure(model, task, tokens));
			}
			const of = (figure: (one: Measured) => number) =>
				measured.length ? median(measured.map(figure)) : NaN;
			rows.push([
				workload.name,
				String(context),
				String(measured.length),
				of(({ promptTokens }) => promptTokens).toFixed(0),
				of(({ answerTokens }) => answerTokens).toFixed(0),
				`${(100 * of(({ share }) => share)).toFixed(0)} %`,
				of(({ meanLength }) => meanLength).toFixed(1),
				of(({ tokensPerPass }) => tokensPerPass).toFixed(2),
				of(({ reprise }) => reprise).toFixed(2),
				[...reasons].slice(0, 1).join(),
			]);
		}
	printTable(
		[
			'workload',
			'context',
			'tasks',
			'prompt',
			'answer',
			'copied',
			'copy',
			'best tokens/pass',
			'ours',
			'skipped',
		],
		rows,
	);
}

function measure(model: Model, { messages, answer }: TaskText, tokens: number): Measured {
	const prompt = chatml(model, messages);
	const whole = model.tokenize(answer);
	const counted = whole.subarray(0, tokens);
	const drafter = new Reprise();
	drafter.append(prompt, 'prompt');
	drafter.append(counted.subarray(0, 1), 'output');
	let passes = 0;
	for (let offset = 1; offset < counted.length; passes++)
		offset += drafter.step(counted, offset, 0.1).accepted + 1;
	return {
		...copiedFrom(prompt, counted),
		promptTokens: prompt.length,
		answerTokens: whole.length,
		reprise: (counted.length - 1) / passes,
	};
}

function chatml(model: Model, messages: readonly TextMessage[]): Int32Array {
	const said = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('');
	return model.tokenize(`${said}<|im_start|>assistant\n`, { parseSpecial: true });
}
