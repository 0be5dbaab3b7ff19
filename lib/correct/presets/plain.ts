import { type Strategy, strategy } from '../strategy.js';

/** Makes one answer and leaves it as it is, which all other strategies are measured against. */
export function plain(): Strategy {
	return strategy('plain', (run) => run.attempt());
}
