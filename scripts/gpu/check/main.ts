// The part of scripts/gpu/check.sh that is TypeScript: texts with host and device logits, and times.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { printTable } from '../../../bench/summary.js';
import { addon } from '../../../lib/addon.js';
import { devices } from '../../../lib/devices.js';
import type { ShapeName } from '../../gguf/shapes.js';
import { writeRandomModel } from '../../gguf/write.js';
import { type Decoding, DecodingBench } from './decoding.js';
import { type PassTimes, timePasses } from './passes.js';
import { compareTexts } from './texts.js';

interface Flags {
	out: string;
	work: string;
	cpu?: boolean;
}

const log = (line: string): void => console.error(line);
const fixed = (digits: number) => (value: number) => value.toFixed(digits);

/** Where and with what something was measured. */
async function circumstances(): Promise<object> {
	return {
		date: new Date().toISOString(),
		processor: cpus()[0]?.model,
		llamaCommit: addon.llamaVersion,
		devices: (await devices()).devices,
	};
}

async function write(out: string, name: string, results: object): Promise<void> {
	const whole = { ...(await circumstances()), ...results };
	writeFileSync(join(out, `${name}.json`), JSON.stringify(whole, null, '\t'));
}

async function shape(work: string, name: ShapeName): Promise<string> {
	const path = join(work, `${name}.gguf`);
	if (!existsSync(path)) await writeRandomModel(name, join(work, 'vocabulary.gguf'), path);
	return path;
}

async function correct({ out, work, cpu }: Flags): Promise<void> {
	const models: Array<[name: string, path: string, prompts: number]> = [
		['tiny-edit', 'models/tiny-edit-1m.gguf', 12],
		['tiny-qwen2', await shape(work, 'tiny-qwen2'), 6],
		['tiny-moe', await shape(work, 'tiny-moe'), 4],
	];
	if (!cpu) models.push(['qwen2.5-7b', await shape(work, 'qwen2.5-7b'), 2]);
	const compared = [];
	for (const [name, path, prompts] of models)
		compared.push({ name, ...(await compareTexts(name, path, prompts, log)) });
	await write(out, 'correct', { compared });
	const comparisons = compared.flatMap((one) => one.comparisons);
	console.log(
		'\nMargins of one token in a prompt and alone, without drafts: the noise of kernels, in logits',
	);
	printTable(
		['model', 'tokens', 'median', 'largest'],
		compared.map(({ name, noise }) => [name, noise.tokens, ...[noise.median, noise.largest].map(fixed(4))]),
	);
	console.log('\nTexts with device logits beside those with host logits, and beside plain decoding');
	printTable(
		[
			...['model', 'sampler', 'texts', 'different', 'unrepeated', 'margins differ by'],
			...['wide forks', 'near-ties', 'bytes a row, host', 'device'],
		],
		comparisons.map((one) => [
			...[one.model, one.sampler, one.texts, one.different, one.unrepeated, one.marginsDiffer.toFixed(4)],
			...[one.wideForks.length, one.nearForks],
			...[one.bytesPerRowOnHost, one.bytesPerRowOnDevice].map(fixed(0)),
		]),
	);
	const wrong = comparisons.filter(({ different, wideForks }) => different > 0 || wideForks.length > 0);
	for (const { model, sampler, wideForks } of wrong) log(`${model}, ${sampler}: ${wideForks.join('; ')}`);
	if (wrong.length > 0) process.exitCode = 1;
}

function printPasses(name: string, times: readonly PassTimes[]): void {
	const depths = [...new Set(times.map(({ depth }) => depth))];
	const rows = [...new Set(times.map((one) => one.rows))];
	const at = (depth: number, count: number) =>
		times.find((one) => one.depth === depth && one.rows === count)?.ms.toFixed(2) ?? '';
	console.log(`\nMilliseconds of a pass that repeats the size of the one before, ${name}`);
	printTable(
		['rows', ...depths.map((depth) => `depth ${depth}`)],
		rows.map((count) => [count, ...depths.map((depth) => at(depth, count))]),
	);
}

async function time({ out, work, cpu }: Flags): Promise<void> {
	const name: ShapeName = cpu ? 'tiny-qwen2' : 'qwen2.5-7b';
	const model = await shape(work, name);
	const passes = await timePasses(work, model, cpu ? [64] : [512, 4096, 16_384], cpu ? 2 : 20, log);
	await write(out, 'passes', { model: name, passes });
	printPasses(name, passes);

	const decodings: Decoding[] = [];
	const fixedRows: Record<string, Record<string, number>> = {};
	await using bench = await DecodingBench.load(model, log);
	for (const rows of [4, 32]) fixedRows[rows] = await bench.fixedRows(rows, cpu ? 256 : 4096, 96);
	const folder = join(work, 'conversations');
	for (const file of readdirSync(folder)) {
		// The turns that say what was said before: a revised answer, and an answer that was checked twice.
		const turn = file.startsWith('gsm8k') ? 3 : 2;
		const workload = `${file.replace('.jsonl', '')}, turn ${turn}`;
		decodings.push(...(await bench.recorded(join(folder, file), workload, turn, cpu ? 1 : 6)));
	}
	await write(out, 'decoding', { model: name, decodings, fixedRows });
	console.log(`\nRecorded answers, ${name} with random weights: the choices are given, all else is real`);
	printTable(
		['workload', 'sampler', '', 'tokens/s', 'tokens/pass', 'against plain', 'host ms a pass', 'bytes a row'],
		decodings.map((one) => [
			...[one.workload, one.sampler, one.arm, one.tokensPerSecond.toFixed(1), one.tokensPerPass.toFixed(2)],
			...[one.againstPlain.toFixed(2), one.hostMsPerPass.toFixed(3), one.bytesPerRow.toFixed(0)],
		]),
	);
	console.log('\nTime of a pass with host logits by that with device logits');
	printTable(
		['rows', ...Object.keys(Object.values(fixedRows)[0] ?? {})],
		Object.entries(fixedRows).map(([rows, ratios]) => [rows, ...Object.values(ratios).map(fixed(2))]),
	);
}

interface Search {
	tokens: number;
	contexts: number;
	by: string;
	micros: number;
}

/** Prints what reprise-matching has written. */
async function matching({ out }: Flags): Promise<void> {
	const searches = JSON.parse(readFileSync(join(out, 'matching.json'), 'utf8')) as Search[];
	console.log('\nSearches of a text, and a copy of its memory');
	printTable(
		['tokens', 'contexts', 'by', 'µs', 'GB/s'],
		searches.map(({ tokens, contexts, by, micros }) => [
			...[tokens, contexts || '', by, micros.toFixed(1), ((4 * tokens) / micros / 1000).toFixed(1)],
		]),
	);
}

const stage = (name: string, description: string, action: (flags: Flags) => Promise<void>): Command =>
	new Command(name)
		.description(description)
		.requiredOption('--out <dir>', 'where JSON files go')
		.requiredOption('--work <dir>', 'where check.sh has built')
		.option('--cpu', 'small models, on a machine without a GPU')
		.action(action);

await new Command('check')
	.addCommand(stage('correct', 'texts with host and device logits', correct))
	.addCommand(stage('time', 'passes and answers', time))
	.addCommand(stage('matching', 'what reprise-matching has measured', matching))
	.parseAsync();
