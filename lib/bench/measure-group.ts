import { messageOf, RepriseError } from '../errors.js';
import type { LiveArm } from './live-arm.js';
import type { Cell, Sample, Skipped } from './results.js';
import type { Task } from './task.js';

/** The tasks of a workload at a context length, one for each run. */
export interface Group {
	readonly workload: string;
	readonly context: number;
	readonly tasks: readonly Task[];
}

export interface MeasuredGroup {
	readonly cells: readonly Cell[];
	readonly skipped: readonly Skipped[];
	/** What each arm decoded, by task. */
	readonly outputs: ReadonlyMap<string, readonly Int32Array[]>;
}

/**
 * Has every arm decode every task, in turn: whoever was first at one task is last at the next, so that what goes on
 * beside meets all alike. An arm that fails is left out of the group. Rejects with `ABORTED` where the signal ends it.
 */
export async function measureGroup(
	{ workload, context, tasks }: Group,
	arms: readonly LiveArm[],
	onRun: (arm: string, sample: Sample | null) => void,
	signal: AbortSignal,
): Promise<MeasuredGroup> {
	const samples = new Map<string, Sample[]>(arms.map(({ name }) => [name, []]));
	const outputs = new Map<string, Int32Array[]>(arms.map(({ name }) => [name, []]));
	const skipped: Skipped[] = [];
	const failed = new Set<string>();
	for (const [run, task] of tasks.entries()) {
		for (const arm of rotated(arms, run)) {
			if (failed.has(arm.name)) {
				onRun(arm.name, null);
				continue;
			}
			try {
				const { sample, output } = await arm.run(task);
				samples.get(arm.name)?.push(sample);
				outputs.get(arm.name)?.push(output);
				onRun(arm.name, sample);
			} catch (error) {
				if (signal.aborted) throw new RepriseError('ABORTED', 'The benchmark was aborted', { cause: error });
				failed.add(arm.name);
				skipped.push({ workload, context, arm: arm.name, reason: messageOf(error) });
				onRun(arm.name, null);
			}
		}
	}
	const cells = arms
		.filter(({ name }) => !failed.has(name))
		.map(({ name }) => ({ workload, context, arm: name, samples: samples.get(name) ?? [] }));
	for (const name of failed) outputs.delete(name);
	return { cells, skipped, outputs };
}

/** The arms from the one at `by` on, and then those before it. */
export function rotated<T>(arms: readonly T[], by: number): T[] {
	const first = arms.length > 0 ? by % arms.length : 0;
	return [...arms.slice(first), ...arms.slice(0, first)];
}
