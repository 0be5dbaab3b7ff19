import { integer, number, readOptions, withDefault } from '../../options.js';
import type { Answer, Judgement } from '../events.js';
import type { Run } from '../run.js';
import { pTrue } from '../self-judge.js';
import { diverse, type StepOptions, stepOptions } from '../step-options.js';
import { type Strategy, strategy } from '../strategy.js';
import { type Found, SearchTree } from './support/search-tree.js';
import { stepEnds } from './support/step-ends.js';

/** How far the search goes, and how it goes on. */
export interface TreeSearchOptions {
	/** How many times the search goes on from some beginning, 1…10,000. Default: 16. */
	expansions?: number;
	/** How many ways to go on are tried at once, 1…64. Default: 3. */
	width?: number;
	/** The strings that end a step. Default: a line break. */
	boundary?: string | readonly string[];
	/** The steps of an answer, 1…1,000; what comes after them is said in one. Default: 16. */
	depth?: number;
	/**
	 * What the uncertainty of a value weighs beside the value when the search chooses where to go on, 0 or more.
	 * Values count from 0 to 1 here, whatever their scale. Default: 1.
	 */
	exploration?: number;
	/** How steps generate. Default: temperature 0.8. */
	sampling?: StepOptions;
}

/**
 * Searches a tree of steps: goes on from the most promising beginning of an answer in several ways at once, values
 * each, and lets its value count for all that it begins with. Whole answers are judged by the step `verify`; the
 * search ends with the first one that passes, and takes the best one where none does. Beginnings are valued by the
 * step `value`: by default by the probability that the model gives to the last step being right. `verify` does the
 * same for whole answers where there is no verifier. Throws `OPTION_INVALID`.
 *
 * AlphaLLM (Tian et al., "Toward Self-Improvement of LLMs via Imagination, Searching, and Criticizing", 2024,
 * arXiv 2404.12253): its search over steps of text (there: options), with states that come out alike taken as one.
 * There a node has more children where values differ more, the value is a trained network's, and a fast rollout
 * ends an answer; here the width is the same everywhere, the critic is a step, and whole answers are found as
 * beginnings are.
 *
 * @param options - How far the search goes, and how it goes on.
 */
export function treeSearch(options?: TreeSearchOptions): Strategy {
	const { expansions, width, boundary, depth, exploration, sampling } = readOptions(
		{
			expansions: withDefault(integer(1, 10_000), 16),
			width: withDefault(integer(1, 64), 3),
			boundary: withDefault(stepEnds, ['\n']),
			depth: withDefault(integer(1, 1000), 16),
			exploration: withDefault(number(0, 1e6), 1),
			sampling: withDefault(stepOptions, diverse),
		},
		options,
		'treeSearch',
	);

	/** Goes on by a step, or to the end where the answer has had as many as it may. */
	const goOn = async (run: Run, from: Answer | null, isLast: boolean): Promise<Step> => {
		const how = isLast ? sampling : { ...sampling, stop: boundary };
		const answer = from ? await run.proceed(from, how) : await run.attempt(how);
		const isEnd = isLast || answer.finishReason !== 'stop';
		const judgement = isEnd ? await run.verify(answer) : await run.value(answer);
		return { state: answer, isEnd, value: scoreOf(judgement), passed: isEnd && judgement.outcome === 'pass' };
	};

	return strategy(
		'treeSearch',
		async (run) => {
			const tree = new SearchTree<Answer | null>(null, exploration);
			for (let count = 0; count < expansions; count++) {
				const node = tree.next();
				if (!node) break;
				const isLast = node.depth + 1 >= depth;
				const steps = await run.branches(width, (branch) => goOn(branch, node.state, isLast));
				tree.expand(node, distinct(steps));
				if (steps.some(({ passed }) => passed)) break;
			}
			const ends = tree.ends().flatMap(({ state }) => (state ? [state] : []));
			if (ends.length > 0) return run.select(ends);
			return (await goOn(run, tree.best().state, true)).state;
		},
		{
			verify: pTrue({
				question: () => 'Is your answer right? Reply with Yes or No.',
				replies: ['Yes', 'No'],
			}),
			value: (context, answer) => isSoundSoFar(context, answer, undefined),
		},
	);
}

interface Step extends Found<Answer | null> {
	readonly state: Answer;
	/** Whether it ends an answer that passed. */
	readonly passed: boolean;
}

const isSoundSoFar = pTrue({
	question: () => 'This is the beginning of an answer. Is its last step right? Reply with Yes or No.',
	replies: ['Yes', 'No'],
});

/** A judgement that fails to come says nothing: it counts for as much as the middle of pass and fail. */
function scoreOf(judgement: Judgement): number {
	if (judgement.outcome === 'score') return judgement.score;
	if (judgement.outcome === 'none') return 0.5;
	return judgement.outcome === 'pass' ? 1 : 0;
}

/** The first of those with the same text. */
function distinct(steps: readonly Step[]): Step[] {
	return steps.filter(
		({ state }, index) => steps.findIndex((other) => other.state.text === state.text) === index,
	);
}
