import type { Metrics } from '../lib/metrics.js';

/** Verify passes of one size. */
export interface PassSize {
	/** Tokens that a pass computed. */
	rows: number;
	/** What the cost model expects of such a pass, where its table lists it. */
	expectedMs: number | null;
	/** How many passes had this size. */
	passes: number;
	/** Their measured milliseconds on average; none without a pass. */
	meanMs: number | null;
}

/** Passes of generations with drafts by size, beside the cost table they were chosen by. */
export function passSizes(
	generations: readonly Metrics[],
	costTable: ReadonlyArray<{ rows: number; ms: number }>,
): PassSize[] {
	const expected = new Map(costTable.map(({ rows, ms }) => [rows, ms]));
	const measured = new Map<number, { passes: number; ms: number }>();
	for (const { rows, passes, meanMs } of generations.flatMap((metrics) => metrics.passesByRows)) {
		const sum = measured.get(rows) ?? { passes: 0, ms: 0 };
		measured.set(rows, { passes: sum.passes + passes, ms: sum.ms + passes * meanMs });
	}
	return [...new Set([...expected.keys(), ...measured.keys()])]
		.sort((a, b) => a - b)
		.map((rows) => {
			const { passes, ms } = measured.get(rows) ?? { passes: 0, ms: 0 };
			return {
				rows,
				expectedMs: expected.get(rows) ?? null,
				passes,
				meanMs: passes > 0 ? ms / passes : null,
			};
		});
}
