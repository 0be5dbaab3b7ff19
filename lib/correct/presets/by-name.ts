import { invalid, oneOf } from '../../options.js';
import type { Strategy } from '../strategy.js';
import { aggregate } from './aggregate.js';
import { agree } from './agree.js';
import { bestOf } from './best-of.js';
import { constitution } from './constitution.js';
import { contradictions } from './contradictions.js';
import { decomposeCritiqueRefine } from './decompose-critique-refine.js';
import { iterativeDeepening } from './iterative-deepening.js';
import { lookBack } from './look-back.js';
import { peers } from './peers.js';
import { plain } from './plain.js';
import { planActJudge } from './plan-act-judge.js';
import { spontaneous } from './spontaneous.js';
import { threeTurn } from './three-turn.js';
import { treeSearch } from './tree-search.js';
import { verifierGuided } from './verifier-guided.js';

const presets = {
	plain,
	threeTurn,
	verifierGuided,
	decomposeCritiqueRefine,
	spontaneous,
	iterativeDeepening,
	aggregate,
	agree,
	bestOf,
	treeSearch,
	contradictions,
	peers,
	constitution,
	planActJudge,
	lookBack,
} satisfies Record<string, (options?: never) => Strategy>;

export type StrategyName = keyof typeof presets;

export const strategyNames = Object.keys(presets) as StrategyName[];

/** A strategy of this library by its name, which checks its options itself. Throws `OPTION_INVALID`. */
export function strategyByName(name: string, options?: unknown): Strategy {
	const make = presets[oneOf(...strategyNames)(name, 'strategy')] as (options: unknown) => Strategy;
	if (options !== undefined && name === 'plain') throw invalid('no options', 'plain', options);
	return make(options);
}
