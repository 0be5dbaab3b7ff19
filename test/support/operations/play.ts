import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, type Model } from '../../../lib/model.js';
import { Choices } from '../choices.js';
import { randomModel } from '../models.js';
import { type Cache, caches, type Tally, WrongSession } from './kinds.js';
import { References } from './oracle.js';
import { Round } from './round.js';

const operationsPerRound = 30;

export interface PlayOptions {
	cache: Cache;
	seed: number;
	/** At least this many are played. */
	operations: number;
	/** Play this round alone. */
	round?: number;
	/** Called before each operation: what ends the process leaves no message. */
	onOperation?: (text: string) => void;
	/** Called after each round. */
	onRound?: (tally: Tally) => void;
}

/**
 * Plays random operations on families of sessions and holds what each says against a session alone, by tokens and
 * margins. Throws WrongSession at the first that goes on otherwise.
 */
export async function playOperations(options: PlayOptions): Promise<Tally> {
	const { cache, seed } = options;
	const tally: Tally = {
		operations: 0,
		rounds: 0,
		compared: 0,
		tokens: 0,
		accepted: 0,
		nearTies: 0,
		shifts: 0,
		rounding: { f32: 0, f16: 0, flash: 0 },
	};
	const folder = mkdtempSync(join(tmpdir(), 'reprise-operations-'));
	const models: Model[] = [];
	for (const shape of caches[cache].shapes) models.push(await loadModel(await randomModel(shape)));
	const references = new References();
	try {
		for (let round = options.round ?? 0; tally.operations < options.operations; round++) {
			const choices = new Choices(seed, `${cache} ${round}`);
			const play = new Round(
				choices.of(models),
				cache,
				choices,
				references,
				folder,
				tally,
				options.onOperation,
			);
			try {
				await play.play(operationsPerRound);
			} catch (error) {
				const log = play.log.map((line) => `\n  ${line}`).join('');
				throw new WrongSession(
					`${cache}, seed ${seed}, round ${round}: ${(error as Error).message}${log}\n` +
						`npx tsx test/fuzz/random-operations.ts --cache ${cache} --seed ${seed} --round ${round}`,
					{ cause: error },
				);
			}
			tally.rounds++;
			options.onRound?.(tally);
			if (options.round !== undefined) break;
		}
	} finally {
		await references.dispose();
		for (const model of models) await model.dispose();
		rmSync(folder, { recursive: true, force: true });
	}
	return tally;
}
