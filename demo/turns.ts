import { type Cost, costOf, sumCosts } from '../lib/correct/cost.js';
import type { TaskRun } from '../lib/correct/index.js';
import type { Reply } from './edits.js';
import { type EveryWay, mapWays } from './every-way.js';

/** The replies of one turn of many conversations. */
export interface Turn {
	name: string;
	replies: number;
	/** How many are right to the letter; null where there are several ways to be right. */
	right: number | null;
	cost: EveryWay<Cost>;
}

const ordinals = ['First edit', 'Second edit', 'Third edit'];

export function editTurns(replies: EveryWay<Reply[][]>): Turn[] {
	return ordinals.map((name, turn) => {
		const of = mapWays(replies, (byTurn) => byTurn[turn] ?? []);
		return {
			name,
			replies: of.auto.length,
			right: of.auto.filter(({ right }) => right).length,
			cost: mapWays(of, (some) => sumCosts(some.map(({ metrics }) => costOf(metrics)))),
		};
	});
}

/** Answer, re-read, final. */
export function threeTurns(runs: EveryWay<TaskRun[]>): Turn[] {
	const statements = [
		['Program', 'attempt'],
		['Re-reading', 'critique'],
		['Final program', 'revision'],
	] as const;
	return statements.map(([name, type]) => {
		const costs = mapWays(runs, (some) =>
			some.flatMap(({ result }) =>
				result.events.flatMap((event) => (event.type === type ? [event.cost] : [])),
			),
		);
		return { name, replies: costs.auto.length, right: null, cost: mapWays(costs, sumCosts) };
	});
}
