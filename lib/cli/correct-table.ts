import Table from 'cli-table3';
import type { CorrectionMeasures, Estimate } from '../correct/evaluation/measures.js';
import type { CorrectionReport, StepSpeed } from '../correct/evaluation/report.js';
import { hasColors } from './drafts.js';

const none = '–';
export const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
/** The interval in whole per cent. */
const share = (estimate: Estimate | null | undefined) =>
	estimate
		? `${percent(estimate.value)} (${(100 * estimate.low).toFixed(0)}…${(100 * estimate.high).toFixed(0)})`
		: none;
const score = (estimate: Estimate | null | undefined) =>
	estimate ? `${estimate.value.toFixed(2)} (${estimate.low.toFixed(2)}…${estimate.high.toFixed(2)})` : none;
const perSolved = (value: number | null) => (value === null ? none : value.toFixed(1));

/** The first round has nothing before it that it could have mended. */
export function quality(measures: CorrectionMeasures | null, isFirst = false): string[] {
	if (!measures) return qualityHead.map(() => none);
	if (isFirst) return [share(measures.after), none, none, none, none];
	const { after, cells, confidence, critique, relative } = measures;
	const { rightRight, rightWrong, wrongRight, wrongWrong } = cells;
	const counts = [rightRight, rightWrong, wrongRight, wrongWrong].join(' ');
	return [share(after), counts, share(confidence), share(critique), score(relative)];
}

export const qualityHead = ['accuracy', '✓✓ ✓✗ ✗✓ ✗✗', 'CL', 'CS', 'RSS'];

function speed({ cost, tokensPerSecond, tokensPerPass, acceptedShare, seconds }: StepSpeed): string[] {
	return [
		String(cost.tokens),
		tokensPerSecond.toFixed(1),
		String(cost.passes),
		tokensPerPass.toFixed(2),
		percent(acceptedShare),
		seconds.toFixed(1),
	];
}

const speedHead = ['tokens', 'tokens/s', 'passes', 'tokens/pass', 'accepted', 'seconds'];

/** Writes the measures of a strategy, one line for each round. */
export function roundTable({ rounds, total }: CorrectionReport): string {
	const table = makeTable(['round', 'answers', ...qualityHead, ...speedHead]);
	for (const row of rounds)
		table.push([
			String(row.round),
			String(row.answers),
			...quality(row.measures, row.round === 1),
			...speed(row),
		]);
	table.push(['all', String(total.runs), ...quality(total.measures), ...speed(total)]);
	const solved =
		total.measures === null
			? ''
			: `\n${total.solved} of ${total.runs} solved · ${perSolved(total.tokensPerSolved)} tokens and ${perSolved(total.secondsPerSolved)} seconds each`;
	const faults =
		total.faults.length === 0
			? ''
			: `\n${total.faults.length} answers count as wrong because there was no verdict on them, at first: ${total.faults[0]}`;
	return `${table}${solved}${faults}`;
}

export interface Compared {
	strategy: string;
	/** What it was given. */
	allowance: string;
	report: CorrectionReport;
}

/** Writes one line for each strategy and what it was given. */
export function comparisonTable(compared: readonly Compared[]): string {
	const head = ['strategy', 'given', 'accuracy', 'tokens', 'seconds', 'tokens/pass'];
	const table = makeTable([...head, 'tokens/solved', 'seconds/solved']);
	for (const { strategy, allowance, report } of compared) {
		const { measures, cost, seconds, tokensPerPass, tokensPerSolved, secondsPerSolved } = report.total;
		table.push([
			strategy,
			allowance,
			share(measures?.after),
			String(cost.tokens),
			seconds.toFixed(1),
			tokensPerPass.toFixed(2),
			perSolved(tokensPerSolved),
			perSolved(secondsPerSolved),
		]);
	}
	return table.toString();
}

export function makeTable(head: readonly string[]) {
	return new Table({
		head: [...head],
		colAligns: head.map((name) => (name === 'strategy' || name === 'given' ? 'left' : 'right')),
		style: { head: hasColors(process.stdout) ? ['bold'] : [], border: [], compact: true },
	});
}
