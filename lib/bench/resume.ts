import { RepriseError } from '../errors.js';
import type { BenchResults, Cell, Skipped } from './results.js';

/** What must be the same for cells of two parts of a benchmark to stand beside each other. */
export type Conditions = Pick<BenchResults, 'model' | 'choices' | 'threads' | 'tokens' | 'runs'> & {
	readonly arms: readonly string[];
};

/** Throws `OPTION_INVALID` where an interrupted benchmark was another one. */
export function requireSame(earlier: BenchResults, now: Conditions): void {
	const pairs: Array<[what: string, before: unknown, after: unknown]> = [
		['model', `${earlier.model.name} (${earlier.model.bytes})`, `${now.model.name} (${now.model.bytes})`],
		['choices', earlier.choices, now.choices],
		['threads', earlier.threads, now.threads],
		['tokens', earlier.tokens, now.tokens],
		['runs', earlier.runs, now.runs],
		['arms', earlier.arms.map(({ name }) => name).join(', '), now.arms.join(', ')],
	];
	const different = pairs.filter(([, before, after]) => before !== after);
	if (different.length === 0) return;
	const shown = different
		.map(([what, before, after]) => `${what}: ${before} there, ${after} here`)
		.join('; ');
	throw new RepriseError(
		'OPTION_INVALID',
		`--resume goes on with the same benchmark alone (${shown}); choose another --out`,
	);
}

/** What is kept of a workload and context length that was measured before: the cells of arms, and which failed. */
export interface KeptGroup {
	readonly cells: readonly Cell[];
	readonly skipped: readonly Skipped[];
}

/** Of a group that has cells; null where it is to be measured. Groups are written when they are whole. */
export function keptGroup(earlier: BenchResults | null, workload: string, context: number): KeptGroup | null {
	const same = (one: { workload: string; context: number }) =>
		one.workload === workload && one.context === context;
	const cells = earlier?.cells.filter(same) ?? [];
	return cells.length === 0 ? null : { cells, skipped: earlier?.skipped.filter(same) ?? [] };
}
