import { floor, ours } from '../arm.js';
import type { BenchResults, Cell, Sample } from '../results.js';
import {
	cellOf,
	decodingSpeed,
	pairedRatio,
	replySpeed,
	type Spread,
	spreadOf,
	spreadOver,
	tokensPerPass,
} from '../statistics.js';
import { contextsOf, workloadsOf } from './lines.js';
import { contextLabel, duration, mebibytes, shortNumber, times } from './scale.js';
import { fewTokens, peerTitle, type Standing, standings } from './standing.js';

/** A table before it is written in HTML or Markdown. Cells are plain text. */
export interface Table {
	/** A heading, and a sentence that says what the cells hold; may be empty. */
	readonly title: string;
	readonly note: string;
	readonly head: readonly string[];
	/** Columns with numbers stand on the right. */
	readonly numbersFrom: number;
	readonly rows: ReadonlyArray<readonly string[]>;
	/** The rows that stand out, by their places. */
	readonly strong?: ReadonlySet<number>;
}

const none = '–';

/** Figures say where they come from wherever they are shown. */
const labelled = (title: string, { choices }: BenchResults): string =>
	choices === 'recorded' ? `${title} (recorded answers)` : title;

/** How often we are faster, in each workload and at each context length. */
export function standingTables(results: BenchResults): Table[] {
	return [
		standingTable(results, 'Decoding', decodingSpeed, 'Tokens a second after the first one'),
		standingTable(
			results,
			'Whole replies',
			replySpeed,
			'From the request to the last token, the prompt included',
		),
	].filter(({ rows }) => rows.length > 0);
}

function standingTable(
	results: BenchResults,
	title: string,
	speed: (sample: Sample) => number | null,
	what: string,
): Table {
	const all = standings(results, speed);
	const contexts = contextsOf(results);
	const withPeers = all.some(({ toPeer }) => toPeer !== null);
	const peer = peerTitle(results);
	const againstPeer =
		peer === 'the best peer' ? 'the peer that is fastest there, chosen after the fact' : peer;
	const isShort = ({ answerTokens }: Standing) => answerTokens < fewTokens;
	const shown = (standing: Standing | undefined): string => {
		if (!standing) return none;
		const { toFloor, toPeer } = standing;
		const pair = [toFloor ? times(toFloor.median) : none, toPeer ? times(toPeer.median) : none];
		return `${withPeers ? pair.join(' / ') : (pair[0] ?? none)}${isShort(standing) ? ' *' : ''}`;
	};
	return {
		title: withPeers ? `${title}: times plain decoding / times ${peer}` : `${title}: times plain decoding`,
		note:
			`${what}, ${ours} against plain decoding on the same library` +
			(withPeers ? `, and against ${againstPeer}. ` : '. ') +
			'Medians of the ratios of runs on the same task.' +
			(all.some(isShort)
				? ` Where there is an asterisk, half of the answers have fewer than ${fewTokens} tokens: a few passes, whose speed says little.`
				: ''),
		head: ['workload', ...contexts.map(contextLabel)],
		numbersFrom: 1,
		rows: workloadsOf(results)
			.filter((name) => all.some(({ workload }) => workload === name))
			.map((name) => [
				name,
				...contexts.map((at) =>
					shown(all.find(({ workload, context }) => workload === name && context === at)),
				),
			]),
	};
}

/** Every figure of a workload. */
export function workloadTable(results: BenchResults, workload: string): Table {
	const cells = contextsOf(results).flatMap((context) =>
		results.arms.flatMap(({ name: arm }) => cellOf(results, { workload, context, arm }) ?? []),
	);
	return {
		title: labelled(`All figures of ${workload}`, results),
		note: 'Medians, with their spread in brackets. Prompts and answers in tokens.',
		head: [
			...[
				'context',
				'arm',
				'runs',
				'prompt',
				'answer',
				'tokens/s',
				'times plain',
				'reply, tokens/s',
				'times plain',
			],
			...['tokens/pass', 'accepted', 'first token'],
		],
		numbersFrom: 2,
		rows: cells.map((cell) => rowOf(results, cell)),
		strong: new Set(cells.flatMap(({ arm }, index) => (arm === ours ? [index] : []))),
	};
}

function rowOf(results: BenchResults, cell: Cell): string[] {
	const { samples } = cell;
	const base = cellOf(results, { ...cell, arm: floor });
	const toBase = (speed: (sample: Sample) => number | null) => {
		const ratio = base && cell.arm !== floor ? pairedRatio(cell, base, speed) : null;
		return ratio ? withSpread(ratio, times) : none;
	};
	const figure = (of: (sample: Sample) => number | null, show: (value: number) => string) => {
		const spread = spreadOver(samples, of);
		return spread ? withSpread(spread, show) : none;
	};
	return [
		...[contextLabel(cell.context), cell.arm, String(samples.length)],
		median(samples, ({ promptTokens }) => promptTokens, String),
		median(samples, ({ outputTokens }) => outputTokens, String),
		figure(decodingSpeed, shortNumber),
		toBase(decodingSpeed),
		figure(replySpeed, shortNumber),
		toBase(replySpeed),
		median(samples, tokensPerPass, (value) => value.toFixed(2)),
		acceptedShare(samples),
		figure(({ firstTokenMs }) => firstTokenMs, duration),
	];
}

function median(
	samples: readonly Sample[],
	of: (sample: Sample) => number | null,
	show: (value: number) => string,
): string {
	const spread = spreadOver(samples, of);
	return spread ? show(Math.round(spread.median * 100) / 100) : none;
}

/** Of all drafted tokens. */
function acceptedShare(samples: readonly Sample[]): string {
	const told = samples.filter(({ drafted, accepted }) => drafted !== null && accepted !== null);
	const drafted = told.reduce((sum, sample) => sum + (sample.drafted ?? 0), 0);
	const accepted = told.reduce((sum, sample) => sum + (sample.accepted ?? 0), 0);
	return drafted > 0 ? `${((100 * accepted) / drafted).toFixed(0)} %` : none;
}

export function withSpread({ median, low, high }: Spread, show: (value: number) => string): string {
	return low === high ? show(median) : `${show(median)} (${show(low)}–${show(high)})`;
}

export function startTable(results: BenchResults): Table {
	return {
		title: labelled('Start-up and memory', results),
		note:
			'From the start of the process to the first token of a short prompt, and the most memory of the process after ' +
			'it and after all runs.',
		head: ['arm', 'to the first token', 'memory then', 'memory at the end'],
		numbersFrom: 1,
		rows: results.arms.map(({ name, startMs, memory }) => [
			name,
			startMs.length > 0 ? withSpread(spreadOf(startMs), duration) : none,
			memory ? mebibytes(memory.started) : none,
			memory ? mebibytes(memory.peak) : none,
		]),
	};
}

export function agreementTable({ agreement }: BenchResults): Table {
	return {
		title: 'Texts beside those of plain decoding',
		note:
			'Of texts that differ the first different token decides: a near-tie is a choice between two tokens that are ' +
			'nearly as good.',
		head: ['arm', 'texts', 'equal', 'near-ties', 'different'],
		numbersFrom: 1,
		rows: agreement.map(({ arm, texts, equal, nearTies, different }) => [
			arm,
			...[texts, equal, nearTies, different].map(String),
		]),
	};
}

export function armsTable({ arms }: BenchResults): Table {
	return {
		title: 'Arms',
		note: '',
		head: ['arm', 'version', 'code for', 'settings'],
		numbersFrom: 4,
		rows: arms.map(({ name, version, cpuVariant, settings }) => [
			name,
			version,
			cpuVariant ?? none,
			settings,
		]),
	};
}

export function skippedTable({ skipped }: BenchResults): Table {
	return {
		title: 'Not measured',
		note: '',
		head: ['workload', 'context', 'arm', 'reason'],
		numbersFrom: 4,
		rows: skipped.map(({ workload, context, arm, reason }) => [
			...[workload, contextLabel(context), arm ?? 'all', reason],
		]),
	};
}
