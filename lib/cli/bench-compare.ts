import {
	type Change,
	type Comparison,
	compareResults,
	type FigureChanges,
} from '../bench/compare/compare.js';
import type { BenchResults } from '../bench/results.js';
import { medianOf, spreadOver, tokensPerPass } from '../bench/statistics.js';
import { RepriseError } from '../errors.js';
import { resultsOf } from './bench-report.js';
import { newTable } from './bench-table.js';

/** Prints what changed between two benchmarks. */
export async function compareFiles(paths: readonly string[]): Promise<void> {
	const [before, after, ...others] = paths;
	if (before === undefined || after === undefined || others.length > 0)
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected two files for --compare, the earlier and the later one, but received ${paths.length}`,
		);
	const earlier = await resultsOf(before, '--compare');
	const later = await resultsOf(after, '--compare');
	requireSameModel(earlier, later);
	process.stdout.write(`${comparisonText(earlier, later)}\n`);
}

/** Of another model, or of other choices, everything is another thing, and no program would tell the machine's part. */
function requireSameModel(earlier: BenchResults, later: BenchResults): void {
	const of = ({ model, choices }: BenchResults) =>
		`${model.name}, ${model.quantisation}, ${model.bytes} bytes, ${choices} choices`;
	if (of(earlier) === of(later)) return;
	throw new RepriseError(
		'OPTION_INVALID',
		`--compare takes results of one model and one kind of choices, but these are of ${of(earlier)} and of ${of(later)}`,
	);
}

export function comparisonText(earlier: BenchResults, later: BenchResults): string {
	const comparison = compareResults(earlier, later);
	const told = comparison.figures.filter(({ byArm }) => byArm.length > 0);
	if (told.length === 0) return 'No run is in both of the results.';
	return [
		headline(comparison),
		...differenceLines(comparison),
		...told.map((figure) => figureText(figure)),
		armTable(earlier, later),
		method(comparison),
	].join('\n\n');
}

/** What changed in all workloads of an arm together, else in single ones. */
function headline({ figures }: Comparison): string {
	const changes = figures.flatMap(({ name, byArm, byWorkload }) =>
		byArm.flatMap((change) => {
			const parts = byWorkload.filter(({ arm }) => arm === change.arm);
			return (isTold(change) ? [change] : parts.filter(isTold)).map(
				({ arm, workload, times, verdict }) =>
					`${arm} is ${verdict} in ${name}${workload === null ? '' : ` of ${workload}`}: ${shown(times)}`,
			);
		}),
	);
	if (changes.length > 0) return `Beyond the noise:\n  ${changes.join('\n  ')}`;
	const isTooFew = figures.some(({ byArm }) => byArm.some(({ verdict }) => verdict === 'too few runs'));
	return isTooFew
		? 'There are too few runs to tell a change from noise.'
		: 'Nothing changed beyond the noise.';
}

const isTold = ({ verdict }: Change): boolean => verdict === 'faster' || verdict === 'slower';

function differenceLines({ differences, otherTasks }: Comparison): string[] {
	const lines = [
		...differences,
		...(otherTasks > 0 ? [`${otherTasks} runs are of other tasks, and are not compared`] : []),
	];
	return lines.length > 0 ? [`What else differs:\n  ${lines.join('\n  ')}`] : [];
}

/** All workloads together, and below them those that changed. */
function figureText({ name, byArm, byWorkload, machine }: FigureChanges): string {
	const table = newTable(['arm', 'workload', 'runs', 'speed', '95 % interval', 'p', 'verdict']);
	const severalWorkloads = new Set(byWorkload.map(({ workload }) => workload)).size > 1;
	const rows = byArm.flatMap((change) => [
		change,
		...(severalWorkloads ? byWorkload.filter((one) => one.arm === change.arm && isTold(one)) : []),
	]);
	for (const { arm, workload, pairs, times, low, high, p, verdict } of rows)
		table.push([
			...[workload === null ? arm : '', workload ?? 'all', String(pairs), shown(times)],
			...[`${shown(low)} to ${shown(high)}`, p < 0.001 ? '< 0.001' : p.toFixed(3), verdict],
		]);
	const heading = `Speed in ${name}, later as times earlier`;
	return `${heading}${machine === null ? '' : ` (the machine: ${shown(machine)})`}:\n${table}`;
}

/** What no test is made of: once for each start, or the same in each run. */
function armTable(earlier: BenchResults, later: BenchResults): string {
	const table = newTable(['arm', 'tokens/pass', 'start to first token, ms', 'MiB at most']);
	for (const arm of later.arms) {
		const before = earlier.arms.find(({ name }) => name === arm.name);
		if (!before) continue;
		const passes = (results: BenchResults) => {
			const samples = results.cells.filter((cell) => cell.arm === arm.name).flatMap((cell) => cell.samples);
			return spreadOver(samples, tokensPerPass)?.median.toFixed(2) ?? null;
		};
		const start = ({ startMs }: typeof arm) => (startMs.length > 0 ? medianOf(startMs).toFixed(0) : null);
		const memory = (of: typeof arm) => (of.memory ? (of.memory.peak / 2 ** 20).toFixed(0) : null);
		table.push([
			arm.name,
			fromTo(passes(earlier), passes(later)),
			fromTo(start(before), start(arm)),
			fromTo(memory(before), memory(arm)),
		]);
	}
	return table.toString();
}

const fromTo = (before: string | null, after: string | null): string =>
	before === null && after === null ? '' : `${before ?? '–'} → ${after ?? '–'}`;

const shown = (times: number): string => `${times.toFixed(3)}×`;

function method({ controls, figures }: Comparison): string {
	const least = Math.max(...figures.map(({ byArm, least }) => (byArm.length > 0 ? least : 0)));
	const machine =
		controls.length > 0
			? `Ratios are divided by those of ${controls.join(', ')}, the same in both results: they tell what the machine did.`
			: 'No other program is the same in both, so a change of the machine cannot be told from one of Reprise.';
	return (
		'Runs of the same task are compared. A change is told where the signed-rank test finds it (Wilcoxon, two-sided, ' +
		`p < 0.05 after Holm's correction for all rows) and where it is more than ${(100 * least).toFixed(1)} %. ${machine}`
	);
}
