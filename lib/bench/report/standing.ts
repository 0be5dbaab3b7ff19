import { floor, ours } from '../arm.js';
import type { BenchResults, Cell, Sample } from '../results.js';
import { cellOf, medianOf, pairedRatio, type Spread, spreadOver } from '../statistics.js';
import { familiesOf, isPeer } from './arms.js';
import { contextsOf, workloadsOf } from './lines.js';

/** How we stand in the tasks of one workload and context length. */
export interface Standing {
	readonly workload: string;
	readonly context: number;
	/** The median length of our answers. */
	readonly answerTokens: number;
	/** Times plain decoding; null where it was not measured. */
	readonly toFloor: Spread | null;
	/** Times the best peer, which is chosen after the fact; null where none was measured. */
	readonly toPeer: (Spread & { readonly arm: string }) | null;
}

type SpeedOf = (sample: Sample) => number | null;

/** What the only peer is called, or the best one of several. */
export function peerTitle(results: BenchResults): string | null {
	const peers = peersOf(results);
	return peers.length > 1 ? 'the best peer' : (peers[0] ?? null);
}

const peersOf = (results: BenchResults): readonly string[] =>
	familiesOf(results)
		.filter(isPeer)
		.flatMap(({ arms }) => arms);

/** An answer of fewer tokens is decoded in so few passes that its speed says little. */
export const fewTokens = 16;

/** How we stand everywhere, by the workload and then the context length. */
export function standings(results: BenchResults, speed: SpeedOf): Standing[] {
	const peers = peersOf(results);
	return workloadsOf(results).flatMap((workload) =>
		contextsOf(results).flatMap((context): Standing[] => {
			const cell = cellOf(results, { workload, context, arm: ours });
			if (!cell) return [];
			const base = cellOf(results, { workload, context, arm: floor });
			const best = bestOf(
				peers.flatMap((arm) => cellOf(results, { workload, context, arm }) ?? []),
				speed,
			);
			const ratio = best && pairedRatio(cell, best, speed);
			return [
				{
					...{ workload, context, answerTokens: medianOf(cell.samples.map((one) => one.outputTokens)) },
					toFloor: base ? pairedRatio(cell, base, speed) : null,
					toPeer: best && ratio ? { ...ratio, arm: best.arm } : null,
				},
			];
		}),
	);
}

function bestOf(cells: readonly Cell[], speed: SpeedOf): Cell | undefined {
	const medians = cells.map((cell) => ({ cell, median: spreadOver(cell.samples, speed)?.median ?? 0 }));
	return medians.sort((a, b) => b.median - a.median)[0]?.cell;
}

/** In how many places one is faster than the other in all of the spread, and in how many that cannot be said. */
export interface Score {
	readonly faster: number;
	readonly level: number;
	readonly slower: number;
}

export function scoreOf(ratios: readonly (Spread | null)[]): Score {
	const told = ratios.filter((ratio) => ratio !== null);
	const faster = told.filter(({ low }) => low > 1).length;
	const slower = told.filter(({ high }) => high < 1).length;
	return { faster, slower, level: told.length - faster - slower };
}
