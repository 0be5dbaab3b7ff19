import { stat } from 'node:fs/promises';
import Table from 'cli-table3';
import { Command } from 'commander';
import { awaitAbortable } from '../abort.js';
import { addon, type NativeModel } from '../addon.js';
import { asyncDispose } from '../async-dispose.js';
import { callNative } from '../errors.js';
import { type LoadModelOptions, loadModel } from '../index.js';
import { readLoadOptions } from '../load-options.js';
import { filePath, invalid, number, oneOf } from '../options.js';
import { type Conversation, readConversations } from '../replay/conversations.js';
import { drafterNames, draftModelNames, needsDraftModel } from '../replay/drafters.js';
import { type PassCost, readStaircase } from '../replay/pass-cost.js';
import { type ReplayRow, replay } from '../replay/replay.js';
import type { ReplayedDraftModel } from '../replay/reprise.js';
import { addFlags } from './arguments.js';
import { hasColors } from './drafts.js';
import { commaFlag, type Given, numberFlag, switchFlag, textFlag } from './flag.js';
import { onInterrupt } from './interrupt.js';
import { modelPath } from './model-path.js';
import { Progress } from './progress.js';

export const replayFlags = {
	vocab: {
		...textFlag(
			'--vocab <gguf>',
			'the vocabulary of the recorded model: any GGUF file that has it, or hf:OWNER/REPO',
		),
		required: true as const,
	},
	passCost: {
		...commaFlag<PassCost>(
			'--pass-cost <a,…>',
			'what a draft token adds to a pass: a pass with k of them costs 1 + a·k plain steps; or a JSON file of measured passes',
			toPassCost,
		),
		default: [0.02, 0.1, 0.3],
		shownDefault: '0.02,0.1,0.3',
	},
	drafter: {
		...commaFlag('--drafter <name,…>', `any of ${drafterNames.join(', ')}`, oneOf(...drafterNames)),
		default: ['reprise' as const],
		shownDefault: 'reprise',
	},
	draftModel: textFlag(
		'--draft-model <gguf>',
		'a smaller model of that vocabulary, for the drafters draft-model, alternatives and one-tree',
	),
	draftCost: numberFlag(
		'--draft-cost <part>',
		'with --draft-model: what its passes cost, as a part of the model’s (default: 0.1)',
		number(0, 1),
	),
	warm: switchFlag('--warm', 'let a conversation draw on those before it'),
	json: switchFlag('--json', 'print JSON: an array of the table’s rows'),
};

export function replayCommand(): Command {
	const command = new Command('replay')
		.description('measure drafters on recorded conversations, without a model')
		.argument('<file...>', 'JSON Lines: dataset, model, template, system, turns of user and assistant');
	return addFlags(command, replayFlags)
		.addHelpText(
			'after',
			`
A draft token is accepted when it is the recorded answer's next: what greedy decoding by that model would do.
An answer's first token comes with its prompt and is not counted. Each conversation starts cold unless --warm.
A file of measured passes is what bench/pass-cost.ts --json prints: {"passes": [{"rows": 1, "ms": 20.5}, …]}.
draft-model, alternatives and one-tree ask the --draft-model, whose passes cost --draft-cost times as much as the
recorded model's: it alone, copies or else it, and one tree of both, which is what sessions have.
oracle is the limit of copying: it knows the answer, and may copy it from anywhere in the context.

Examples:
  reprise replay conversations.jsonl --vocab qwen2.gguf
  reprise replay *.jsonl --vocab qwen2.gguf --drafter reprise,copyspec,oracle --pass-cost 0.1
  reprise replay *.jsonl --vocab qwen2.gguf --pass-cost passes.json
  reprise replay *.jsonl --vocab qwen2.gguf --draft-model qwen2-0.5b.gguf --drafter reprise,one-tree`,
		)
		.action(run);
}

function toPassCost(raw: string, name: string): PassCost {
	if (raw === '') throw invalid('numbers or files with commas between', name, raw);
	return Number.isNaN(Number(raw)) ? readStaircase(raw, name) : number(0, Infinity)(Number(raw), name);
}

async function run(paths: string[], flags: Given<typeof replayFlags>): Promise<void> {
	const interrupt = onInterrupt();
	const progress = new Progress('replaying', '%');
	try {
		await using vocabulary = await loadModel(await modelPath(flags.vocab, interrupt.signal), {
			vocabOnly: true,
			signal: interrupt.signal,
		});
		await using draftModel = await openDraftModel(flags, interrupt.signal);
		const rows = await replay(readAll(paths, progress), vocabulary, {
			...(draftModel && { draftModel: draftModel.replayed }),
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

/** The longest text that a draft model is asked about. */
const draftContextLength = 16_384;

interface OpenDraftModel extends AsyncDisposable {
	readonly replayed: ReplayedDraftModel;
}

async function openDraftModel(
	{ vocab, draftModel, draftCost, drafter }: Given<typeof replayFlags>,
	signal: AbortSignal,
): Promise<OpenDraftModel | undefined> {
	if (draftModel === undefined && draftCost !== undefined)
		throw invalid('a --draft-model', '--draft-cost', draftCost);
	if (draftModel === undefined) return undefined;
	if (!drafter.some(needsDraftModel))
		throw invalid(`one of ${draftModelNames.join(', ')}`, '--drafter with --draft-model', drafter.join(','));
	const load = async (given: string, more: LoadModelOptions) => {
		const path = await modelPath(given, signal);
		const { native: options } = readLoadOptions(more);
		const free = (native: NativeModel) => native.dispose();
		return awaitAbortable(() => addon.loadModel(path, options, null), signal, `Loading ${path}`, free);
	};
	const vocabulary = await load(vocab, { vocabOnly: true });
	const native = await load(draftModel, { devices: [] });
	return {
		replayed: { native, vocabulary, contextLength: draftContextLength, share: draftCost ?? 0.1 },
		[asyncDispose]: async () => {
			for (const one of [vocabulary, native]) callNative(() => one.dispose());
		},
	};
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
	['asked', ({ asked }) => String(asked)],
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
