import { stat } from 'node:fs/promises';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { loadModel } from '../index.js';
import { filePath, invalid, number, oneOf } from '../options.js';
import { type Conversation, readConversations } from '../replay/conversations.js';
import { type DrafterName, drafterNames } from '../replay/drafters.js';
import { type PassCost, readStaircase } from '../replay/pass-cost.js';
import { type ReplayRow, replay } from '../replay/replay.js';
import { hasColors } from './drafts.js';
import { onInterrupt } from './interrupt.js';
import { Progress } from './progress.js';

interface Flags {
	vocab: string;
	passCost: PassCost[];
	drafter: DrafterName[];
	warm?: boolean;
	json?: boolean;
}

export function replayCommand(): Command {
	return new Command('replay')
		.description('measure drafters on recorded conversations, without a model')
		.argument('<file...>', 'JSON Lines: dataset, model, template, system, turns of user and assistant')
		.requiredOption('--vocab <gguf>', 'the vocabulary of the recorded model: any GGUF file that has it')
		.addOption(
			new Option(
				'--pass-cost <a,…>',
				'what a draft token adds to a pass: a pass with k of them costs 1 + a·k plain steps; or a JSON file of measured passes',
			)
				.argParser(list('--pass-cost', toPassCost))
				.default([0.02, 0.1, 0.3], '0.02,0.1,0.3'),
		)
		.addOption(
			new Option('--drafter <name,…>', `any of ${drafterNames.join(', ')}`)
				.argParser(list('--drafter', oneOf(...drafterNames)))
				.default(['reprise'], 'reprise'),
		)
		.option('--warm', 'let a conversation draw on those before it')
		.option('--json', 'print JSON: an array of the table’s rows')
		.addHelpText(
			'after',
			`
A draft token is accepted when it is the recorded answer's next: what greedy decoding by that model would do.
An answer's first token comes with its prompt and is not counted. Each conversation starts cold unless --warm.
A file of measured passes is what bench/pass-cost.ts --json prints: {"passes": [{"rows": 1, "ms": 20.5}, …]}.
oracle is the limit of copying: it knows the answer, and may copy it from anywhere in the context.

Examples:
  reprise replay conversations.jsonl --vocab qwen2.gguf
  reprise replay *.jsonl --vocab qwen2.gguf --drafter reprise,copyspec,oracle --pass-cost 0.1
  reprise replay *.jsonl --vocab qwen2.gguf --pass-cost passes.json`,
		)
		.action(run);
}

/** Comma-separated values; those given twice count once. */
function list<T>(name: string, check: (value: string, name: string) => T): (raw: string) => T[] {
	return (raw) => [...new Set(raw.split(',').map((value) => check(value.trim(), name)))];
}

function toPassCost(raw: string, name: string): PassCost {
	if (raw === '') throw invalid('numbers or files with commas between', name, raw);
	return Number.isNaN(Number(raw)) ? readStaircase(raw, name) : number(0, Infinity)(Number(raw), name);
}

async function run(paths: string[], flags: Flags): Promise<void> {
	const interrupt = onInterrupt();
	const progress = new Progress('replaying', '%');
	try {
		await using vocabulary = await loadModel(flags.vocab, { vocabOnly: true, signal: interrupt.signal });
		const rows = await replay(readAll(paths, progress), vocabulary, {
			drafters: flags.drafter,
			passCosts: flags.passCost,
			warm: flags.warm ?? false,
			signal: interrupt.signal,
		});
		progress.stop();
		process.stdout.write(`${flags.json ? JSON.stringify(rows, null, 2) : toTable(rows)}\n`);
	} finally {
		progress.stop();
		interrupt.release();
	}
}

async function* readAll(paths: readonly string[], progress: Progress): AsyncGenerator<Conversation> {
	const sizes = await Promise.all(
		paths.map((path) => stat(filePath(path, 'file')).catch(() => ({ size: 0 }))),
	);
	const total = sizes.reduce((sum, { size }) => sum + size, 0);
	let read = 0;
	for (const path of paths)
		yield* readConversations(path, (bytes) => {
			read += bytes;
			progress.update(Math.min(99, Math.floor((100 * read) / total)), 100);
		});
}

const columns: ReadonlyArray<[head: string, cell: (row: ReplayRow) => string]> = [
	['turn', ({ turn }) => String(turn)],
	['drafter', ({ drafter }) => drafter],
	['pass cost', ({ passCost }) => String(passCost)],
	['conversations', ({ conversations }) => String(conversations)],
	['tokens', ({ tokens }) => String(tokens)],
	['passes', ({ passes }) => String(passes)],
	['drafted', ({ drafted }) => String(drafted)],
	['tokens/pass', ({ tokensPerPass }) => tokensPerPass.toFixed(2)],
	['speed-up', ({ speedup }) => speedup.toFixed(2)],
	['µs/pass', ({ draftMicrosPerPass }) => draftMicrosPerPass.toFixed(1)],
];

/** A heading for each data set and model, with its rows below. */
function toTable(rows: readonly ReplayRow[]): string {
	const table = new Table({
		head: columns.map(([head]) => head),
		colAligns: columns.map(([head]) => (head === 'drafter' ? 'left' : 'right')),
		style: { head: hasColors(process.stdout) ? ['bold'] : [], border: [], compact: true },
	});
	let heading = '';
	for (const row of rows) {
		const of = `${row.dataset} · ${row.model}`;
		if (of !== heading) table.push([{ content: of, colSpan: columns.length, hAlign: 'left' }]);
		heading = of;
		table.push(columns.map(([, cell]) => cell(row)));
	}
	return table.toString();
}
