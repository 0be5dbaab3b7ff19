import { join } from 'node:path';
import { Command } from 'commander';
import { Benchmark, type BenchmarkListener } from '../bench/benchmark.js';
import { chooseArms, familyNames } from '../bench/choose-arms.js';
import { describeDuration } from '../bench/estimate.js';
import { ModelFile } from '../bench/model-file.js';
import { busyWarning } from '../bench/other-programs.js';
import type { BenchResults, Cell } from '../bench/results.js';
import { readResults, requireWritable, resultsFileName, writeResults } from '../bench/results-file.js';
import { decodingSpeed, spreadOver } from '../bench/statistics.js';
import { workloads, workloadsWithChat } from '../bench/workloads/workloads.js';
import { RepriseError } from '../errors.js';
import { filePath, integer, invalid, oneOf, text } from '../options.js';
import { readSessionOptions, sessionChecks } from '../session-options.js';
import { addFlags } from './arguments.js';
import { compareFiles } from './bench-compare.js';
import { report, reportAgain } from './bench-report.js';
import { benchTables } from './bench-table.js';
import { peersFolder } from './cache-folder.js';
import { commaFlag, type Given, listFlag, numberFlag, switchFlag, textFlag } from './flag.js';
import { onInterrupt } from './interrupt.js';
import { modelArgument, modelPath } from './model-path.js';
import { Progress } from './progress.js';

const workloadNames = workloads.map(({ name }) => name);

const defaultContexts = [256, 1024, 2048, 4096, 8192];

export const benchFlags = {
	contexts: {
		...commaFlag('--contexts <n,…>', 'tokens of the prompts; 2k are 2048', toContext),
		default: defaultContexts,
		shownDefault: '256,1k,2k,4k,8k',
	},
	workload: {
		...commaFlag('--workload <name,…>', `any of ${workloadNames.join(', ')}`, oneOf(...workloadNames)),
		default: workloadNames,
		shownDefault: 'all',
	},
	chat: textFlag(
		'--chat <path>',
		'recorded conversations for the workload chat, a file or a folder, as reprise replay reads them (default: some of our own)',
	),
	against: {
		...commaFlag(
			'--against <arm,…>',
			`what Reprise is measured against, all arms of a program or one of them: ${familyNames.join(', ')}, or server=FOLDER`,
			text,
		),
		default: ['plain'],
		shownDefault: 'plain',
	},
	threads: numberFlag(
		'--threads <n>',
		'CPU threads of every arm (default: what a session takes for the model)',
		sessionChecks.threads,
	),
	tokens: { ...numberFlag('--tokens <n>', 'most tokens of an answer', integer(2, 65_536)), default: 128 },
	runs: {
		...numberFlag('--runs <n>', 'tasks of each workload and context length', integer(1, 1000)),
		default: 5,
	},
	starts: { ...numberFlag('--starts <n>', 'how often each arm is started', integer(1, 100)), default: 3 },
	recorded: switchFlag('--recorded', 'take given answers for the model’s choices, whatever its logits say'),
	peers: textFlag('--peers <dir>', 'the folder with the programs to measure against'),
	out: {
		...textFlag('--out <dir>', 'the folder that results.json and the report go to'),
		default: 'reprise-bench',
	},
	resume: switchFlag('--resume', 'go on with what is in --out, and measure only what is missing there'),
	compare: {
		...listFlag('--compare <results.json...>', ''),
		description: 'say what changed beyond the noise from the first file of results to the second',
	},
	report: textFlag(
		'--report <results.json>',
		'write the report of results that are there, without measuring',
	),
};

type BenchFlags = Given<typeof benchFlags>;

export function benchCommand(): Command {
	const command = new Command('bench')
		.description('measure tokens per second by context length, beside plain decoding and other programs')
		.argument('[model]', modelArgument);
	return addFlags(command, benchFlags)
		.addHelpText(
			'after',
			`
Every figure is the median of runs in which the arms take turns, each on texts that none has seen before.
With --recorded any model will do, also one with random weights: passes, drafts and sampling are real and timed.
llama-server stands for all its ways to draft, llama-server:ngram-mod for one, llama-server:plain for none.
server=FOLDER is another llama-server, and so is "server=FOLDER --spec-type ngram-mod", with flags of its own.
The report is report.html, the same as report.md, and its charts as SVG files, light and dark.
Leave the machine alone meanwhile; what was measured on a busy one says so.

Workloads:
${workloads.map(({ name, description }) => `  ${name}: ${description}`).join('\n')}

Examples:
  reprise bench model.gguf --contexts 1k --workload ${workloadNames[0]} --runs 3
  reprise bench model.gguf --threads 2 --against plain,llama-server --out measured
  reprise bench model.gguf --threads 2 --out measured --resume
  reprise bench --report measured/results.json --out docs/measured
  reprise bench --compare before/results.json after/results.json`,
		)
		.action(run);
}

function toContext(raw: string, name: string): number {
	const [, digits, kilo] = /^(\d+)(k?)$/i.exec(raw) ?? [];
	if (digits === undefined)
		throw invalid('numbers of tokens, such as 256,1k, with commas between', name, raw);
	return integer(32, 2 ** 24)(Number(digits) * (kilo ? 1024 : 1), name);
}

async function run(path: string | undefined, flags: BenchFlags): Promise<void> {
	const folder = filePath(flags.out, '--out');
	if (flags.compare !== undefined) return compareFiles(flags.compare);
	if (flags.report !== undefined) return reportAgain(flags.report, folder);
	if (path === undefined) throw invalid('a GGUF file', 'model', path);
	const earlier = await earlierResults(folder, flags.resume ?? false);
	const arms = chooseArms(flags.against, filePath(flags.peers ?? peersFolder(), '--peers'));
	const known = flags.chat === undefined ? workloads : await workloadsWithChat(flags.chat);
	await requireWritable(folder);
	const interrupt = onInterrupt();
	const display = new Display(folder);
	try {
		const warning = await busyWarning();
		if (warning) process.stderr.write(`Warning: ${warning}.\n`);
		await using model = await ModelFile.open(await modelPath(path, interrupt.signal), interrupt.signal);
		const threads = readSessionOptions({ threads: flags.threads }, model.info).native.threads;
		const { contexts, tokens, runs, starts } = flags;
		const benchmark = new Benchmark(
			model,
			{
				...{ contexts, arms, threads, tokens, runs, starts, earlier, signal: interrupt.signal },
				command: commandLine(),
				workloads: known.filter(({ name }) => flags.workload.includes(name)),
				choices: flags.recorded ? 'recorded' : 'own',
			},
			display,
		);
		const results = await benchmark.run();
		display.stop();
		process.stdout.write(`${benchTables(results)}\n\nWritten to ${join(folder, resultsFileName)}\n`);
		await report(results, folder);
	} finally {
		display.stop();
		interrupt.release();
	}
}

/** As a shell takes it. */
function commandLine(): string {
	const quoted = process.argv.slice(2).map((word) => (/[\s"']/.test(word) ? JSON.stringify(word) : word));
	return ['reprise', ...quoted].join(' ');
}

/** Measurements of hours are not written over. */
async function earlierResults(folder: string, resume: boolean): Promise<BenchResults | null> {
	const path = join(folder, resultsFileName);
	const earlier = await readResults(path);
	if (resume || earlier === null) return earlier;
	throw new RepriseError(
		'OPTION_INVALID',
		`There are results in ${path}: pass --resume to go on with them, or another --out`,
	);
}

/** What is shown and kept while it runs: a bar on a terminal, else a line for each group. */
class Display implements BenchmarkListener {
	readonly #folder: string;
	readonly #progress = new Progress('measuring', 'runs');
	#estimated = false;

	constructor(folder: string) {
		this.#folder = folder;
	}

	onProgress(done: number, total: number, remainingMs: number | null): void {
		if (!this.#estimated && remainingMs !== null) {
			this.#estimated = true;
			process.stderr.write(`${total} runs will take about ${describeDuration(remainingMs)}.\n`);
		}
		const note = remainingMs === null || done >= total ? '' : `, ${describeDuration(remainingMs)} left`;
		this.#progress.update(done, total, note);
	}

	async onResults(results: BenchResults, group: readonly Cell[]): Promise<void> {
		await writeResults(this.#folder, results);
		const [first] = group;
		if (!first || process.stderr.isTTY) return;
		const speeds = group.map(
			({ arm, samples }) => `${arm} ${spreadOver(samples, decodingSpeed)?.median.toFixed(1) ?? '–'}`,
		);
		process.stderr.write(`${first.workload} ${first.context}, tokens/s: ${speeds.join(', ')}\n`);
	}

	stop(): void {
		this.#progress.stop();
	}
}
