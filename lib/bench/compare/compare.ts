import { familiesOf, isPeer } from '../report/arms.js';
import { contextsOf, workloadsOf } from '../report/lines.js';
import { type ArmFacts, type BenchResults, type Cell, type Sample, unknownVersion } from '../results.js';
import { cellOf, decodingSpeed, medianOf, replySpeed } from '../statistics.js';
import { leastChance, type Shift, signedRank } from './signed-rank.js';

/** What became of a figure. Of few runs no test can tell. */
export type Verdict = 'faster' | 'slower' | 'no change' | 'too few runs';

/** The speed of an arm in the later results, as times that in the earlier ones, with its 95 % interval. */
export interface Change {
	readonly arm: string;
	/** null: all of them. */
	readonly workload: string | null;
	/** Runs of the same task in both. */
	readonly pairs: number;
	readonly times: number;
	readonly low: number;
	readonly high: number;
	/** By Wilcoxon's signed-rank test, and after Holm's correction for the tests of one table. */
	readonly p: number;
	readonly verdict: Verdict;
}

export interface FigureChanges {
	readonly name: string;
	readonly byArm: readonly Change[];
	readonly byWorkload: readonly Change[];
	/** By how much the machine itself was faster; null where no program was the same in both. */
	readonly machine: number | null;
	/** Changes up to this share are not told from noise. */
	readonly least: number;
}

export interface Comparison {
	/** What else differs, so that speeds may differ by that; in words. */
	readonly differences: readonly string[];
	/** The programs by which the machine's own change is known. */
	readonly controls: readonly string[];
	readonly figures: readonly FigureChanges[];
	/** Runs in both that were of other tasks. */
	readonly otherTasks: number;
}

const figures: ReadonlyArray<{ name: string; speed: (sample: Sample) => number | null }> = [
	{ name: 'decoding', speed: decodingSpeed },
	{ name: 'whole replies', speed: replySpeed },
	{ name: 'first token', speed: ({ firstTokenMs }) => (firstTokenMs > 0 ? 1000 / firstTokenMs : null) },
];

/** The layout of code in memory alone changes speeds by so much. */
const leastChange = 0.01;
const significance = 0.05;

/**
 * What changed between two benchmarks beyond the noise. Runs of the same task are compared with each other. Where peers
 * of the same version and settings are in both, all ratios are divided by theirs, since it was the machine that made these
 * faster or slower. A change is told where Wilcoxon's signed-rank test finds it (p < 0.05 after Holm's correction) and
 * where it is larger than 1 % and than any that is left of those peers.
 */
export function compareResults(before: BenchResults, after: BenchResults): Comparison {
	const controls = controlsOf(before, after);
	const pairs = pairsOf(before, after);
	return {
		differences: differencesOf(before, after),
		controls,
		figures: figures.map(({ name, speed }) => ({ name, ...changesOf(pairs, speed, controls) })),
		otherTasks: pairs.reduce((sum, { others }) => sum + others, 0),
	};
}

/** Ours may have changed under one version, peers do not. */
function controlsOf(before: BenchResults, after: BenchResults): string[] {
	const peers = familiesOf(after)
		.filter(isPeer)
		.flatMap(({ arms }) => arms);
	const same = (one: ArmFacts, other: ArmFacts) =>
		one.name === other.name &&
		one.version === other.version &&
		one.version !== unknownVersion &&
		one.settings === other.settings;
	return peers.filter((name) =>
		after.arms.some((arm) => arm.name === name && before.arms.some((earlier) => same(arm, earlier))),
	);
}

/** The runs of a cell that are in both. */
interface Pairs {
	readonly cell: Cell;
	readonly runs: ReadonlyArray<readonly [before: Sample, after: Sample]>;
	readonly others: number;
}

function pairsOf(before: BenchResults, after: BenchResults): Pairs[] {
	return workloadsOf(after).flatMap((workload) =>
		contextsOf(after).flatMap((context) =>
			after.arms.flatMap(({ name: arm }): Pairs[] => {
				const cell = cellOf(after, { workload, context, arm });
				const earlier = cellOf(before, { workload, context, arm });
				if (!cell || !earlier) return [];
				const both = cell.samples.flatMap((sample, run) => {
					const other = earlier.samples[run];
					return other ? [[other, sample] as const] : [];
				});
				const runs = both.filter(([one, other]) => one.promptTokens === other.promptTokens);
				return [{ cell, runs, others: both.length - runs.length }];
			}),
		),
	);
}

type SpeedOf = (sample: Sample) => number | null;

function changesOf(pairs: readonly Pairs[], speed: SpeedOf, controls: readonly string[]) {
	const raw = pairs.map(({ cell, runs }) => ({
		cell,
		logs: runs.flatMap(([before, after]) => {
			const [one, other] = [speed(before), speed(after)];
			return one !== null && other !== null ? [Math.log(other / one)] : [];
		}),
	}));
	const machineAt = ({ workload, context }: Cell): number | null => {
		const medians = raw
			.filter(
				({ cell, logs }) => isAt(cell, workload, context) && controls.includes(cell.arm) && logs.length > 0,
			)
			.map(({ logs }) => medianOf(logs));
		return medians.length > 0 ? medianOf(medians) : null;
	};
	const known = raw.flatMap(({ cell }) => machineAt(cell) ?? []);
	const machine = known.length > 0 ? medianOf(known) : null;
	const net = raw.map(({ cell, logs }) => {
		const drift = machineAt(cell) ?? machine ?? 0;
		return { cell, logs: logs.map((log) => log - drift) };
	});
	const byArm = rowsOf(net, () => null);
	const byWorkload = rowsOf(net, ({ workload }) => workload);
	const leftOver = byArm
		.filter(({ arm }) => controls.includes(arm))
		.map(({ shift }) => Math.abs(shift.estimate));
	const least = Math.max(leastChange, ...leftOver.map(Math.expm1));
	return {
		byArm: judged(byArm, least),
		byWorkload: judged(byWorkload, least),
		machine: machine === null ? null : Math.exp(machine),
		least,
	};
}

const isAt = (cell: Cell, workload: string, context: number) =>
	cell.workload === workload && cell.context === context;

interface Row {
	readonly arm: string;
	readonly workload: string | null;
	readonly pairs: number;
	readonly shift: Shift;
}

function rowsOf(
	net: ReadonlyArray<{ cell: Cell; logs: readonly number[] }>,
	workloadOf: (cell: Cell) => string | null,
): Row[] {
	const groups = new Map<string, { arm: string; workload: string | null; logs: number[] }>();
	for (const { cell, logs } of net) {
		const workload = workloadOf(cell);
		const key = JSON.stringify([cell.arm, workload]);
		const group = groups.get(key) ?? { arm: cell.arm, workload, logs: [] };
		groups.set(key, group);
		group.logs.push(...logs);
	}
	return [...groups.values()]
		.filter(({ logs }) => logs.length > 0)
		.map(({ arm, workload, logs }) => ({ arm, workload, pairs: logs.length, shift: signedRank(logs) }));
}

/** Holm's correction (1979): the smallest p counts for all tests, the next for one fewer. */
function judged(rows: readonly Row[], least: number): Change[] {
	const order = rows.map((_, index) => index).sort((a, b) => pOf(rows, a) - pOf(rows, b));
	const corrected: number[] = [];
	let highest = 0;
	for (const [place, index] of order.entries()) {
		highest = Math.min(1, Math.max(highest, pOf(rows, index) * (rows.length - place)));
		corrected[index] = highest;
	}
	return rows.map(({ arm, workload, pairs, shift }, index) => {
		const p = corrected[index] ?? 1;
		const times = Math.exp(shift.estimate);
		return {
			...{ arm, workload, pairs, times, p, low: Math.exp(shift.low), high: Math.exp(shift.high) },
			verdict: verdictOf(times, p, least, leastChance(pairs) * rows.length),
		};
	});
}

const pOf = (rows: readonly Row[], index: number): number => rows[index]?.shift.p ?? 1;

function verdictOf(times: number, p: number, least: number, attainable: number): Verdict {
	if (p < significance) {
		if (times > 1 + least) return 'faster';
		return times < 1 / (1 + least) ? 'slower' : 'no change';
	}
	return attainable >= significance ? 'too few runs' : 'no change';
}

function differencesOf(before: BenchResults, after: BenchResults): string[] {
	const shown = (results: BenchResults): ReadonlyArray<readonly [string, string]> => [
		['model', `${results.model.name}, ${results.model.quantisation}, ${results.model.bytes} bytes`],
		['processor', `${results.machine.cpu}, ${results.machine.processors} of them`],
		['system', results.machine.system],
		['Node.js', results.machine.node],
		['choices', results.choices],
		['threads', String(results.threads)],
		['tokens', String(results.tokens)],
	];
	const facts = shown(before).flatMap(([name, one], index) => {
		const other = shown(after)[index]?.[1] ?? '';
		return one === other ? [] : [`${name}: ${one} → ${other}`];
	});
	const versions = after.arms.flatMap((arm) => {
		const earlier = before.arms.find(({ name }) => name === arm.name);
		if (!earlier) return [`${arm.name} is in the later results alone`];
		const changed = [
			...(earlier.version === arm.version ? [] : [`${earlier.version} → ${arm.version}`]),
			...(earlier.settings === arm.settings ? [] : ['other settings']),
			...(earlier.cpuVariant === arm.cpuVariant
				? []
				: [`code for ${earlier.cpuVariant ?? 'some processor'} → ${arm.cpuVariant ?? 'some processor'}`]),
		];
		return changed.length > 0 ? [`${arm.name}: ${changed.join(', ')}`] : [];
	});
	const gone = before.arms.filter(({ name }) => !after.arms.some((arm) => arm.name === name));
	return [...facts, ...versions, ...gone.map(({ name }) => `${name} is in the earlier results alone`)];
}
