import { stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import type { TemplateOptions } from '../chat.js';
import { correctionReport } from '../correct/evaluation/report.js';
import { type RunTasksOptions, runTasks, type TaskRun } from '../correct/evaluation/run-tasks.js';
import { readTasks } from '../correct/evaluation/tasks.js';
import { correctionTraces, preferencePairs } from '../correct/evaluation/training-data.js';
import type { AgreeBy } from '../correct/presets/agree.js';
import { strategyByName, strategyNames } from '../correct/presets/by-name.js';
import { printedBy } from '../correct/printed-by.js';
import { JavaScriptSandbox } from '../correct/sandbox/sandbox.js';
import type { Strategy } from '../correct/strategy.js';
import type { Task, Verifier } from '../correct/verifier.js';
import { RepriseError } from '../errors.js';
import type { GenerateOptions } from '../generate-options.js';
import { filePath, integer, number } from '../options.js';
import {
	addFlags,
	addModelOptions,
	addSamplingOptions,
	type ModelFlags,
	type SamplingFlags,
	toSamplingOptions,
	toTemplateOptions,
} from './arguments.js';
import { CorrectLog, type LogHeader } from './correct-log.js';
import { runRecorded } from './correct-recorded.js';
import { type Compared, comparisonTable, roundTable } from './correct-table.js';
import { type Flag, type Given, jsonFlag, numberFlag, switchFlag, textFlag } from './flag.js';
import { interruptedExitCode, onInterrupt } from './interrupt.js';
import { openModel, openSession } from './load.js';
import { modelArgument, modelPath } from './model-path.js';
import { Progress } from './progress.js';
import { verifierFromName, verifierUsage } from './verifier-from-name.js';

export const taskFlags = {
	tasks: textFlag(
		'--tasks <file>',
		'JSON Lines: prompt, id and answer (may be missing), fields for verifiers',
	),
	recorded: textFlag(
		'--recorded <file>',
		'recorded corrections instead, as of reprise replay: what each round costs; the model’s vocabulary is enough',
	),
	passCost: numberFlag(
		'--pass-cost <a>',
		'with --recorded: a pass with k draft tokens costs 1 + a·k plain steps (default: 0.1)',
		number(0, Infinity),
	),
	strategy: {
		...textFlag('--strategy <name>', 'the strategy'),
		choices: strategyNames,
		default: 'verifierGuided',
	},
	strategyOptions: jsonFlag(
		'--strategy-options <json>',
		'its options, such as {"sees":"last"}',
		(value) => value,
	),
	verifier: textFlag('--verifier <name>', 'what judges answers, for the model to mend; see below'),
	grader: textFlag(
		'--grader <name>',
		'what says which answers are right, for the measures (default: the verifier)',
	),
	verifierTimeoutSeconds: numberFlag(
		'--verifier-timeout-seconds <s>',
		'seconds a verdict may take, else there is none (default: 30); commands are stopped after 20',
		number(0.001, 1e6),
	),
	rounds: numberFlag(
		'--rounds <n>',
		'most rounds, the first answer being one (default: 4)',
		integer(1, 1000),
	),
	budgetTokens: numberFlag('--budget-tokens <n>', 'most tokens of a task', integer(1, 2 ** 31 - 1)),
	budgetSeconds: numberFlag('--budget-seconds <s>', 'most seconds of a task', number(0.001, 1e6)),
	samples: numberFlag(
		'--samples <k>',
		'run each task k times, with other seeds (default: 1)',
		integer(1, 1000),
	),
	limit: numberFlag('--limit <n>', 'take the first n tasks only', integer(1, 2 ** 31 - 1)),
	system: textFlag('--system <text>', 'a system message'),
	compare: {
		flags: '--compare <name,…>',
		description: 'strategies to run with the tokens, and with the time, that each task took',
		parse: (raw) => raw.split(','),
	} satisfies Flag<string[]>,
	log: textFlag(
		'--log <file>',
		'write every event, one JSON object a line; what the file holds is gone on from',
	),
	preferences: textFlag(
		'--preferences <file>',
		'write preference pairs for training: first wrong, later right',
	),
	traces: textFlag('--traces <file>', 'write mended conversations for supervised training'),
	json: switchFlag('--json', 'print JSON: the tables’ rows'),
};

type Flags = ModelFlags & SamplingFlags & Given<typeof taskFlags>;

/** The flags that go with `--recorded`; all others say nothing about recorded answers. */
const ofRecorded = ['recorded', 'passCost', 'json'];

export function correctCommand(): Command {
	const command = new Command('correct')
		.description('run tasks through a self-correction strategy, and measure quality and speed')
		.argument('<model>', modelArgument);
	addModelOptions(addSamplingOptions(addFlags(command, taskFlags)));
	const named = new Map(command.options.map((option) => [option.attributeName(), option]));
	const others = [...named.keys()].filter((name) => !ofRecorded.includes(name));
	named.get('recorded')?.conflicts(others);
	named.get('passCost')?.conflicts('tasks');
	return command
		.addHelpText(
			'after',
			`
Verifiers:
${verifierUsage.map((usage) => `  ${usage}`).join('\n')}

Examples:
  reprise correct model.gguf --tasks problems.jsonl --verifier js
  reprise correct model.gguf --tasks problems.jsonl --strategy agree --strategy-options '{"samples":8}' --grader numeric
  reprise correct model.gguf --tasks problems.jsonl --verifier js --compare plain,agree --log events.jsonl
  reprise correct vocabulary.gguf --recorded conversations.jsonl`,
		)
		.action(run);
}

async function run(given: string, flags: Flags): Promise<void> {
	const { recorded, tasks: tasksFile } = flags;
	if (recorded !== undefined) return runRecorded(given, { ...flags, recorded });
	if (tasksFile === undefined)
		throw new RepriseError('OPTION_INVALID', 'Expected tasks: pass --tasks FILE, or --recorded FILE');
	await using sandbox = new JavaScriptSandbox();
	const by = (flags.grader ?? flags.verifier) === 'js' ? printedBy(sandbox) : undefined;
	const strategy = strategyOf(flags.strategy, flags.strategyOptions, by);
	const others = (flags.compare ?? []).map((name) =>
		strategyOf(name, name === 'agree' ? { samples: 'budget' } : undefined, by),
	);
	const generate = await toSamplingOptions(flags);
	const chat = await toTemplateOptions(flags);
	const { verifier, grade } = await readVerifiers(flags);
	const tasks = await readAll(tasksFile, flags);

	const interrupt = onInterrupt();
	const path = await modelPath(given, interrupt.signal);
	const log =
		flags.log === undefined
			? undefined
			: await CorrectLog.open(flags.log, await logHeader(path, flags, generate, chat));
	const progress = new Progress('correcting', 'runs');
	const runs: TaskRun[] = [];
	try {
		await using model = await openModel(path, flags, interrupt.signal);
		await using session = await openSession(model, flags, interrupt.signal);
		const options: RunTasksOptions = {
			...(verifier && { verifier }),
			...(grade && { grade }),
			...(flags.system !== undefined && { system: flags.system }),
			...(flags.verifierTimeoutSeconds !== undefined && {
				verifierTimeoutMs: 1000 * flags.verifierTimeoutSeconds,
			}),
			...(flags.samples !== undefined && { samples: flags.samples }),
			...(log && { logOf: log.logOf, onEvent: log.write }),
			budget: budgetOf(flags),
			compare: others,
			chat,
			generate,
			signal: interrupt.signal,
		};
		const total = tasks.length * (flags.samples ?? 1) * (1 + 2 * others.length);
		progress.update(0, total);
		for await (const run of runTasks(session, tasks, strategy, options)) {
			runs.push(run);
			progress.update(runs.length, total);
		}
	} finally {
		progress.stop();
		interrupt.release();
		await log?.close();
		for (const used of new Set([verifier, grade])) await disposeOf(used);
	}
	if (flags.preferences !== undefined) await writeLines(flags.preferences, preferencePairs(ownOf(runs)));
	if (flags.traces !== undefined) await writeLines(flags.traces, correctionTraces(ownOf(runs)));
	print(runs, flags);
	if (interrupt.signal.aborted) process.exitCode = interruptedExitCode;
}

/** Answers that are judged by what they print also agree in that. */
function strategyOf(name: string, options: unknown, by: AgreeBy | undefined): Strategy {
	const votes = name === 'agree' || name === 'peers';
	const given = options ?? {};
	if (!votes || !by || typeof given !== 'object' || Array.isArray(given))
		return strategyByName(name, options);
	return strategyByName(name, { by, ...given });
}

const ownOf = (runs: readonly TaskRun[]) => runs.filter(({ allowance }) => allowance === 'own');

function print(runs: readonly TaskRun[], flags: Flags): void {
	const groups = new Map<string, TaskRun[]>();
	for (const run of runs) {
		const key = JSON.stringify([run.strategy, run.allowance]);
		groups.set(key, [...(groups.get(key) ?? []), run]);
	}
	const compared: Compared[] = [...groups.values()].map((group) => {
		const { strategy, allowance } = group[0] as TaskRun;
		return { strategy, allowance, report: correctionReport(group) };
	});
	if (flags.json) process.stdout.write(`${JSON.stringify(compared, null, 2)}\n`);
	else if (compared[0]) {
		process.stdout.write(`${roundTable(compared[0].report)}\n`);
		if (compared.length > 1) process.stdout.write(`\n${comparisonTable(compared)}\n`);
	}
}

async function readVerifiers({
	verifier,
	grader,
}: Flags): Promise<{ verifier?: Verifier; grade?: Verifier }> {
	const judges = verifier === undefined ? undefined : await verifierFromName(verifier);
	const grades = grader === undefined || grader === verifier ? judges : await verifierFromName(grader);
	return { ...(judges && { verifier: judges }), ...(grades && { grade: grades }) };
}

async function disposeOf(verifier: Verifier | undefined): Promise<void> {
	if (verifier && 'dispose' in verifier && typeof verifier.dispose === 'function') await verifier.dispose();
}

async function readAll(path: string, { limit = Infinity }: Flags): Promise<Task[]> {
	const tasks: Task[] = [];
	for await (const task of readTasks(path)) {
		tasks.push(task);
		if (tasks.length >= limit) break;
	}
	return tasks;
}

function budgetOf({ rounds, budgetTokens, budgetSeconds }: Flags) {
	return {
		...(rounds !== undefined && { rounds }),
		...(budgetTokens !== undefined && { tokens: budgetTokens }),
		...(budgetSeconds !== undefined && { timeMs: 1000 * budgetSeconds }),
	};
}

/** What a run depends on, so that a log is gone on from under the conditions it was written under. */
async function logHeader(
	path: string,
	flags: Flags,
	generate: GenerateOptions,
	chat: TemplateOptions,
): Promise<LogHeader> {
	const { size } = await stat(filePath(path, 'model')).catch(() => ({ size: 0 }));
	const { draft: _, ...says } = generate;
	const { overflow, keyType, valueType } = flags;
	return {
		model: `${basename(path)} (${size} bytes)`,
		strategy: flags.strategy,
		strategyOptions: flags.strategyOptions ?? {},
		verifier: flags.verifier ?? null,
		verifierTimeoutSeconds: flags.verifierTimeoutSeconds ?? null,
		system: flags.system ?? null,
		budget: budgetOf(flags),
		generate: says,
		// Written where they are given alone, so that logs without them can be gone on from.
		...chat,
		...(overflow !== undefined && { overflow }),
		...(keyType !== undefined && { keyType }),
		...(valueType !== undefined && { valueType }),
	};
}

async function writeLines(path: string, values: readonly object[]): Promise<void> {
	const lines = values.map((value) => `${JSON.stringify(value)}\n`).join('');
	await writeFile(filePath(path, 'path'), lines).catch((error: Error) => {
		throw new RepriseError('OPTION_INVALID', `${path} cannot be written: ${error.message}`);
	});
}
