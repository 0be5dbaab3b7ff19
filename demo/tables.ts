import Table from 'cli-table3';
import { hasColors } from '../lib/cli/drafts.js';
import { type Cost, noCost } from '../lib/correct/cost.js';
import {
	type CorrectionMeasures,
	correctionReport,
	type Estimate,
	type TaskRun,
} from '../lib/correct/index.js';
import type { EveryWay } from './every-way.js';
import type { Turn } from './turns.js';

const none = '–';
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const percentOf = (estimate: Estimate | null) => (estimate ? percent(estimate.value) : none);

function makeTable(head: readonly string[]): Table.Table {
	return new Table({
		head: [...head],
		style: hasColors(process.stdout)
			? { head: ['bold'], compact: true }
			: { head: [], border: [], compact: true },
		colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
	});
}

const perPass = ({ passTokens, passes }: Cost) => (passes === 0 ? none : (passTokens / passes).toFixed(2));

const speedHead = ['tokens per pass', 'tokens/s', 'without drafts', 'speed'];

function speed({ auto, off }: Pick<EveryWay<Cost>, 'auto' | 'off'>): string[] {
	if (auto.passes === 0 || off.passes === 0) return speedHead.map(() => none);
	const perSecond = ({ passTokens, decodeMs }: Cost) => (1000 * passTokens) / decodeMs;
	return [
		perPass(auto),
		perSecond(auto).toFixed(0),
		perSecond(off).toFixed(0),
		`${(perSecond(auto) / perSecond(off)).toFixed(2)}×`,
	];
}

/** How right the answers are after each round, and how fast they came. */
export function roundTable(runs: EveryWay<TaskRun[]>): string {
	const table = makeTable(['round', 'answers', 'right', 'CL', 'CS', ...speedHead]);
	const { rounds, total } = correctionReport(runs.auto);
	const plain = correctionReport(runs.off);
	const quality = (measures: CorrectionMeasures | null) =>
		[measures?.after, measures?.confidence, measures?.critique].map((estimate) =>
			percentOf(estimate ?? null),
		);
	for (const { round, answers, measures, cost } of rounds) {
		const [right = none, ...mended] = quality(measures);
		// The first round has nothing before it that it could have mended.
		const shown = round === 1 ? mended.map(() => none) : mended;
		const costs = { auto: cost, off: plain.rounds[round - 1]?.cost ?? noCost };
		table.push([`${round}`, `${answers}`, right, ...shown, ...speed(costs)]);
	}
	const costs = { auto: total.cost, off: plain.total.cost };
	table.push(['all', `${total.runs}`, ...quality(total.measures), ...speed(costs)]);
	return table.toString();
}

/** How fast each turn of conversations that repeat themselves is. */
export function turnTable(turns: readonly Turn[]): string {
	const table = makeTable(['turn', 'replies', 'right', '16 drafted', ...speedHead]);
	for (const { name, replies, right, cost } of turns)
		table.push([
			name,
			`${replies}`,
			right === null ? none : percent(right / replies),
			perPass(cost.wide),
			...speed(cost),
		]);
	return table.toString();
}
