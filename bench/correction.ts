// Accuracy of corrections beside that of other strategies with as many tokens, as much time, or at the same cost.
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { heldOutProblems } from '../demo/held-out.js';
import { describeMachine, systemLoad } from '../lib/bench/machine.js';
import { busyTime, OtherPrograms } from '../lib/bench/other-programs.js';
import { onInterrupt } from '../lib/cli/interrupt.js';
import { Progress } from '../lib/cli/progress.js';
import { printedBy } from '../lib/correct/index.js';
import { JavaScriptSandbox } from '../lib/correct/sandbox/sandbox.js';
import { javascript } from '../lib/correct/verifiers/index.js';
import { loadModel } from '../lib/index.js';
import { vocabularyFile } from '../test/support/models.js';
import { type Equal, equalBudgets } from './correction/equal-budgets.js';
import { fromJson, toJson } from './correction/file.js';
import { busyWarning, correctionMarkdown, putInto } from './correction/markdown.js';
import { modelledCosts } from './correction/modelled.js';
import { recordedCosts } from './correction/recorded.js';
import type { CorrectionResults, EqualPart, Measured } from './correction/results.js';
import { contenders, type Judges } from './correction/strategies.js';
import { oneOfEach, positive, runCommand } from './support.js';

const embedded = fileURLToPath(new URL('../models/reprise-2m.gguf', import.meta.url));
const parts = ['tokens', 'time', 'modelled', 'recorded'] as const;

interface Flags {
	parts: Array<(typeof parts)[number]>;
	model: string;
	tasks: number;
	seed: number;
	votes: number;
	passCosts: number[];
	recorded?: string;
	vocabulary?: string;
	out?: string;
	page?: string;
}

async function measure(flags: Flags, known: CorrectionResults): Promise<CorrectionResults> {
	const { model: path, tasks: count, seed, votes, passCosts } = flags;
	const tasks = heldOutProblems(count, seed);
	await using verify = javascript({ threads: 1 });
	await using sandbox = new JavaScriptSandbox();
	const judges: Judges = { verify, by: printedBy(sandbox) };
	const { signal, release } = onInterrupt();
	const progress = new Progress('measuring', 'done');
	const counting = (total: number) => {
		let done = 0;
		progress.update(0, total);
		return () => progress.update(++done, total);
	};
	const facts = (part: string, more = ''): Measured => ({
		command: `npx tsx bench/correction.ts --parts ${part} --tasks ${count}${more}`,
		began: new Date().toISOString(),
		model: basename(path),
		tasks: count,
	});
	const equal = async (part: Equal): Promise<EqualPart> => {
		const measured = facts(part);
		const before = systemLoad();
		const [watched, others] = [busyTime(), new OtherPrograms()];
		const onDone = counting(count * contenders.length * 2);
		const rows = await equalBudgets(path, tasks, part, judges, signal, onDone);
		others.add(watched, 0);
		return { ...measured, machine: describeMachine(before, others.processors), threads: 1, rows };
	};
	const results: { -readonly [Part in keyof CorrectionResults]: CorrectionResults[Part] } = { ...known };
	try {
		for (const part of flags.parts)
			if (part === 'modelled') {
				const measured = facts(part, ` --votes ${votes} --pass-costs ${passCosts.join(',')}`);
				await using vocabulary = await loadModel(path, { vocabOnly: true });
				const how = { votes, passCosts };
				const onDone = counting(count);
				const rows = await modelledCosts(path, tasks, how, judges, vocabulary, signal, onDone);
				results.modelled = { ...measured, votes, rows };
			} else if (part === 'recorded') {
				if (flags.recorded === undefined) throw new Error('Expected --recorded FILE for the part recorded');
				const command = `npx tsx bench/correction.ts --parts recorded --recorded ${basename(flags.recorded)} --pass-costs ${passCosts.join(',')}`;
				const began = new Date().toISOString();
				const file = flags.vocabulary ?? vocabularyFile('qwen2');
				await using vocabulary = await loadModel(file, { vocabOnly: true });
				const costs = await recordedCosts(flags.recorded, passCosts, vocabulary);
				results.recorded = { command, began, ...costs };
			} else results[part] = await equal(part);
	} finally {
		progress.stop();
		release();
	}
	return results;
}

async function readResults(path: string | undefined): Promise<CorrectionResults> {
	const text = path === undefined ? null : await readFile(path, 'utf8').catch(() => null);
	return text === null ? { format: 1 } : fromJson(text);
}

await runCommand(
	new Command('correction')
		.description('Measures corrections beside plain and agree, with drafts and without.')
		.option('--parts <name,…>', `what to measure: ${parts.join(', ')}, or none`, partsOf, [
			'tokens',
			'time',
			'modelled',
		])
		.option('--model <gguf>', 'a model that has learnt the problems of scripts/train', embedded)
		.option('--tasks <n>', 'held-out word problems', positive, 200)
		.option('--seed <n>', 'of the problems', positive, 1)
		.option('--votes <n>', 'answers to each problem for modelled votes', positive, 33)
		.option(
			'--pass-costs <a,…>',
			'what a row adds to a pass, in passes of one row',
			numbers,
			[0.02, 0.1, 0.3],
		)
		.option('--recorded <file>', 'recorded corrections, for the part recorded')
		.option('--vocabulary <gguf>', 'the vocabulary of the recorded model (default: Qwen2’s)')
		.option('--out <file>', 'JSON to write; parts that it has are kept unless they are measured again')
		.option('--page <file>', 'a Markdown page to put the tables into, between its two marks')
		.action(async (flags: Flags) => {
			const results = await measure(flags, await readResults(flags.out));
			const markdown = correctionMarkdown(results);
			if (flags.out) await writeFile(flags.out, toJson(results));
			if (flags.page) await writeFile(flags.page, putInto(await readFile(flags.page, 'utf8'), markdown));
			else process.stdout.write(markdown);
			const warning = results.time && busyWarning(results.time);
			if (warning) process.stderr.write(`Times are not in the tables. ${warning}\n`);
		}),
);

function partsOf(value: string): Flags['parts'] {
	return value === 'none' ? [] : oneOfEach(parts)(value);
}

function numbers(value: string): number[] {
	const given = value.split(',').map(Number);
	if (!given.every((number) => number >= 0)) throw new Error('Expected numbers from 0 on for --pass-costs');
	return given;
}
