import { type Strategy, strategy } from '../strategy.js';

/** One answer, as it comes: what all others are measured against. */
export function plain(): Strategy {
	return strategy('plain', (run) => run.attempt());
}
