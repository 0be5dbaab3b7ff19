import Table from 'cli-table3';
import { floor } from '../bench/arm.js';
import { loadWarning } from '../bench/machine.js';
import type { BenchResults, Cell, Sample } from '../bench/results.js';
import {
	cellOf,
	decodingSpeed,
	medianOf,
	pairedRatio,
	replySpeed,
	type Spread,
	spreadOf,
	spreadOver,
	tokensPerPass,
} from '../bench/statistics.js';
import { hasColors } from './drafts.js';

type Column = readonly [head: string, cell: (cell: Cell, base: Cell | undefined) => string];

const columns: readonly Column[] = [
	['arm', ({ arm }) => arm],
	['answer', ({ samples }) => medianOf(samples.map((one) => one.outputTokens)).toFixed(0)],
	['tokens/s', ({ samples }) => ranged(spreadOver(samples, decodingSpeed))],
	['× plain', (cell, base) => ratio(cell, base, decodingSpeed)],
	['tokens/pass', ({ samples }) => spreadOver(samples, tokensPerPass)?.median.toFixed(2) ?? ''],
	['first token, ms', ({ samples }) => digits(medianOf(samples.map((one) => one.firstTokenMs)))],
	['whole reply × plain', (cell, base) => ratio(cell, base, replySpeed)],
];

/** All that was measured, as tables for a terminal. */
export function benchTables(results: BenchResults): string {
	const warning = loadWarning(results.machine, results.threads);
	return [
		...(warning ? [`Warning: ${warning}.`] : []),
		describe(results),
		...(results.cells.length > 0 ? [cellTable(results)] : []),
		...(results.arms.length > 0 ? [armTable(results)] : []),
		...agreementLines(results),
		...skippedLines(results),
	].join('\n\n');
}

function describe({ model, machine, threads, tokens, runs, choices }: BenchResults): string {
	const chosen =
		choices === 'recorded'
			? '\nChoices are recorded ones: given answers are taken as the model’s, whatever its logits say. All else is real.'
			: '';
	return (
		`${model.name}, ${model.quantisation}, on ${machine.cpu}, ${threads} thread${threads === 1 ? '' : 's'}: ` +
		`${tokens} tokens at most, medians of ${runs} run${runs === 1 ? '' : 's'} with their spread.${chosen}`
	);
}

/** A heading for each workload and context length, with its arms below. */
function cellTable(results: BenchResults): string {
	const table = newTable(columns.map(([head]) => head));
	let heading = '';
	for (const cell of results.cells) {
		const tokens = medianOf(cell.samples.map(({ promptTokens }) => promptTokens));
		const of = `${cell.workload} · ${cell.context} tokens of context`;
		if (of !== heading)
			table.push([
				{ content: `${of}, ${tokens} of them the prompt's`, colSpan: columns.length, hAlign: 'left' },
			]);
		heading = of;
		const base = cellOf(results, { ...cell, arm: floor });
		table.push(columns.map(([, show]) => show(cell, base)));
	}
	return table.toString();
}

function armTable({ arms }: BenchResults): string {
	const table = newTable(['arm', 'start to first token, ms', 'MiB after it', 'MiB at most', 'version']);
	for (const { name, startMs, memory, version } of arms)
		table.push([
			name,
			startMs.length > 0 ? ranged(spreadOf(startMs)) : '',
			memory ? mebibytes(memory.started) : '',
			memory ? mebibytes(memory.peak) : '',
			version,
		]);
	return table.toString();
}

function agreementLines({ agreement }: BenchResults): string[] {
	if (agreement.length === 0) return [];
	const lines = agreement.map(
		({ arm, texts, equal, nearTies, different }) =>
			`  ${arm}: ${equal} of ${texts} equal, ${nearTies} parted at a near-tie, ${different} elsewhere`,
	);
	return [['Texts beside those of plain decoding:', ...lines].join('\n')];
}

/** What was left out for one reason is told in one line. */
function skippedLines({ skipped }: BenchResults): string[] {
	const byReason = new Map<string, string[]>();
	for (const { workload, context, arm, reason } of skipped) {
		const key = arm === null ? reason : `${arm}: ${reason}`;
		byReason.set(key, [...(byReason.get(key) ?? []), `${workload} ${context}`]);
	}
	if (byReason.size === 0) return [];
	const lines = [...byReason].map(([reason, cells]) => `  ${reason} (${cells.join(', ')})`);
	return [['Left out:', ...lines].join('\n')];
}

/** The median, and the spread in brackets where there is one. */
function ranged(spread: Spread | null): string {
	if (!spread) return '';
	const { median, low, high } = spread;
	return low === high ? digits(median) : `${digits(median)} (${digits(low)} to ${digits(high)})`;
}

function ratio(cell: Cell, base: Cell | undefined, figure: (sample: Sample) => number | null): string {
	if (!base || cell === base) return '';
	return pairedRatio(cell, base, figure)?.median.toFixed(2) ?? '';
}

const digits = (value: number) => value.toFixed(value < 100 ? 1 : 0);

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

const leftColumns = ['arm', 'version', 'workload', 'verdict'];

export const newTable = (head: string[]) =>
	new Table({
		head,
		colAligns: head.map((name) => (leftColumns.includes(name) ? 'left' : 'right')),
		style: { head: hasColors(process.stdout) ? ['bold'] : [], border: [], compact: true },
	});
