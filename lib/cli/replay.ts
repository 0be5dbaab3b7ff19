import Table from 'cli-table3';
import { Command } from 'commander';
import { RepriseError } from '../errors.js';
import { loadModel } from '../index.js';
import { invalid, number, oneOf } from '../options.js';
import { readConversations } from '../replay/conversation.js';
import { type DrafterName, drafterNames } from '../replay/drafters.js';
import {
	type ReplayRow,
	replay,
	type TokenizedConversation,
	tokenizeConversation,
} from '../replay/replay.js';

const defaultPassCosts = [0.02, 0.1, 0.3];
const passCostCheck = number(0, 100);
const drafterCheck = oneOf(...drafterNames);

interface ReplayFlags {
	vocab: string;
	passCost: number[];
	drafter: DrafterName[];
	warm?: boolean;
	json?: boolean;
}

export function replayCommand(): Command {
	return new Command('replay')
		.description('measure a drafter on recorded conversations: no model is run')
		.argument('<file...>', 'JSONL files of conversations: dataset, model, template, system, turns')
		.requiredOption('--vocab <model>', 'a GGUF file with the vocabulary to tokenize with')
		.option(
			'--pass-cost <list>',
			'what a further row of a verify pass costs, in plain decode steps',
			(list: string) => list.split(',').map(toPassCost),
			defaultPassCosts,
		)
		.option(
			'--drafter <list>',
			`of ${drafterNames.join(', ')}`,
			(list: string) => list.split(',').map((name) => drafterCheck(name.trim(), '--drafter')),
			['reprise'] satisfies DrafterName[],
		)
		.option('--warm', 'let a conversation quote those before it')
		.option('--json', 'print JSON')
		.addHelpText(
			'after',
			`
Draft tokens count as accepted where they agree with the recorded answer, which is what greedy
verification by the model that gave it would have done. Speed-up is against one token a pass.

Example:
  reprise replay conversations.jsonl --vocab model.gguf --drafter reprise,copyspec`,
		)
		.action(run);
}

function toPassCost(raw: string): number {
	const value = raw.trim() === '' ? Number.NaN : Number(raw);
	return passCostCheck(Number.isNaN(value) ? raw : value, '--pass-cost');
}

async function run(files: string[], flags: ReplayFlags): Promise<void> {
	const baseline = flags.drafter.find((drafter) => drafter !== 'reprise');
	if (flags.warm && baseline) throw invalid('only reprise with --warm', '--drafter', baseline);
	const groups = await tokenizeFiles(files, flags.vocab);
	const rows = flags.drafter.flatMap((drafter) =>
		flags.passCost.flatMap((passCost) =>
			groups.flatMap((group) => replay(group, { drafter, passCost, warm: flags.warm ?? false })),
		),
	);
	process.stdout.write(flags.json ? `${JSON.stringify(rows, null, 2)}\n` : `${table(rows)}\n`);
}

/** The conversations of all files, by data set and model in the order of their first appearance. */
async function tokenizeFiles(files: readonly string[], vocab: string): Promise<TokenizedConversation[][]> {
	const conversations = (await Promise.all(files.map(readConversations))).flat();
	await using model = await loadModel(vocab, { vocabOnly: true });
	const tokenize = (text: string) => model.tokenize(text, { parseSpecial: true });
	const groups = new Map<string, TokenizedConversation[]>();
	for (const conversation of conversations) {
		const key = JSON.stringify([conversation.dataset, conversation.model]);
		const group = groups.get(key) ?? [];
		groups.set(key, group);
		group.push(tokenizeConversation(conversation, tokenize));
	}
	if (groups.size > 0) return [...groups.values()];
	throw new RepriseError('OPTION_INVALID', 'Expected at least one conversation in FILE');
}

function table(rows: readonly ReplayRow[]): string {
	const head = [
		'data set',
		'model',
		'turn',
		'drafter',
		'pass cost',
		'tokens/pass',
		'drafted/pass',
		'speed-up',
		'µs/pass',
	];
	const output = new Table({
		head,
		style: { head: [], border: [] },
		colAligns: ['left', 'left', 'right', 'left', ...Array(5).fill('right')],
	});
	for (const row of rows)
		output.push([
			row.dataset,
			row.model,
			row.turn,
			row.drafter,
			row.passCost,
			row.tokensPerPass.toFixed(2),
			(row.drafted / Math.max(row.passes, 1)).toFixed(1),
			row.speedup.toFixed(2),
			row.draftMicrosPerPass.toFixed(1),
		]);
	return output.toString();
}
