import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedModel, randomModel, tinyShapes } from '../support/models.js';
import { oddModel, oddModels } from '../support/odd-models.js';
import { type CaseOutcome, type ChildrenOptions, runInChildren } from './children.js';

export type OnOutcome = (seed: number, outcome: CaseOutcome) => void;

/** Runs `count` cases, of the seeds from `first` on, in children that get a folder and models of every shape. */
export async function runSeeds(
	child: Pick<ChildrenOptions, 'script' | 'secondsPerCase'>,
	count: number,
	first: number,
	processes: number,
	onOutcome?: OnOutcome,
): Promise<Map<number, CaseOutcome>> {
	const models = [embeddedModel];
	for (const shape of tinyShapes) models.push(await randomModel(shape));
	for (const name of oddModels) models.push(await oddModel(name));
	const folder = mkdtempSync(join(tmpdir(), 'reprise-fuzz-'));
	try {
		return await runInChildren({
			...child,
			args: [folder, ...models],
			cases: Array.from({ length: count }, (_, i) => first + i),
			processes,
			...(onOutcome && { onOutcome }),
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
