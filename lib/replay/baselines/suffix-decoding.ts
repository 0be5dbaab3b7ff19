import { type DraftTree, emptyTree, TreeDrafter } from '../drafter.js';
import type { Turn } from '../render.js';
import { type CountNode, CountTree } from './count-tree.js';

const maxDepth = 24;
/** A draft is as many times as long as what it matched. */
const lengthFactor = 1;
/** The probability that a draft token's whole path needs. */
const minProbability = 0.1;

interface Draft extends DraftTree {
	/** The number of tokens that will probably be accepted: the sum of all path probabilities. */
	readonly score: number;
}

/**
 * SuffixDecoding: of the drafts for every length of match, the one with the best score. A token's probability
 * is how often it followed, of how often the string before it occurred. Counts are of this conversation, or,
 * if that scores better, of earlier answers.
 *
 * Oliaro et al. 2024, "SuffixDecoding: Extreme Speculative Decoding for Emerging AI Applications" (arXiv
 * 2411.04975), with the settings that vLLM gives to its implementation in Arctic Inference.
 */
export class SuffixDecoding extends TreeDrafter {
	readonly #grow: (tree: CountTree, node: CountNode, maxTokens: number) => Draft;
	readonly #earlier = new CountTree(maxDepth);
	#conversation = new CountTree(maxDepth);

	constructor(shape: 'path' | 'tree') {
		super();
		this.#grow = shape === 'path' ? growPath : growTree;
	}

	override nextConversation(ended: readonly Turn[]): void {
		for (const { output } of ended) {
			for (const token of output) this.#earlier.append(token);
			this.#earlier.endSequence();
		}
		this.#conversation = new CountTree(maxDepth);
		this.text.length = 0;
	}

	protected override grown(): void {
		this.#conversation.append(this.text.at(-1) as number);
	}

	protected override draft(): DraftTree {
		const own = this.#best(this.#conversation, this.#conversation.repeatedSuffixes);
		const earlier = this.#best(this.#earlier, this.#matches(this.#earlier));
		return own.score >= earlier.score ? own : earlier;
	}

	*#matches(tree: CountTree): Generator<CountNode> {
		for (let length = 1; length < Math.min(maxDepth, this.text.length); length++) {
			const node = tree.find(this.text.slice(-length));
			if (!node) return;
			yield node;
		}
	}

	/** The later of equals, which is that of the longer match. */
	#best(tree: CountTree, matches: Iterable<CountNode>): Draft {
		let best: Draft = { ...emptyTree, score: 0 };
		for (const node of matches) {
			const draft = this.#grow(tree, node, Math.floor(lengthFactor * node.depth));
			if (draft.score >= best.score) best = draft;
		}
		return best;
	}
}

/** Always goes on with the token that followed most often. */
function growPath(tree: CountTree, from: CountNode, maxTokens: number): Draft {
	const tokens: number[] = [];
	const parents: number[] = [];
	let [node, probability, score] = [from, 1, 0];
	while (tokens.length < maxTokens) {
		const [token, child] = mostFrequent(tree.children(node));
		if (!child) break;
		probability *= child.count / node.count;
		if (probability < minProbability) break;
		parents.push(tokens.length - 1);
		tokens.push(token);
		score += probability;
		node = child;
	}
	return { tokens, parents, score };
}

function mostFrequent(children: ReadonlyMap<number, CountNode>): [number, CountNode | undefined] {
	let best: [number, CountNode | undefined] = [-1, undefined];
	for (const [token, child] of children) if (child.count > (best[1]?.count ?? 0)) best = [token, child];
	return best;
}

/** Goes on wherever the path is the most probable. */
function growTree(tree: CountTree, from: CountNode, maxTokens: number): Draft {
	const tokens: number[] = [];
	const parents: number[] = [];
	let score = 0;
	const open: Array<{ token: number; node: CountNode; probability: number; parent: number }> = [];
	const offer = (node: CountNode, probability: number, parent: number) => {
		for (const [token, child] of tree.children(node)) {
			const whole = probability * (child.count / node.count);
			if (whole >= minProbability) open.push({ token, node: child, probability: whole, parent });
		}
	};
	offer(from, 1, -1);
	while (tokens.length < maxTokens && open.length > 0) {
		const best = open.reduce((a, b) => (b.probability > a.probability ? b : a));
		open.splice(open.indexOf(best), 1);
		parents.push(best.parent);
		score += best.probability;
		offer(best.node, best.probability, tokens.push(best.token) - 1);
	}
	return { tokens, parents, score };
}
