import type { PassCost } from './pass-cost.js';
import type { Turn } from './render.js';

/** How one verify pass went. */
export interface Step {
	/** The draft tokens that were put before the model. */
	readonly drafted: number;
	/** The draft tokens that the model would have generated itself; the pass gives one token more. */
	readonly accepted: number;
	/** The microseconds that drafting took. */
	readonly micros: number;
	/** How often a draft model was asked, and what that costs, in the unit of the pass cost; none without one. */
	readonly asked?: number;
	readonly askingMs?: number;
}

/** Drafts a conversation as it goes on. */
export interface Drafter {
	/** Takes in tokens that no verify pass gave: a prompt, or an output's first token. */
	append(tokens: Int32Array, source: 'prompt' | 'output'): void;
	/**
	 * One verify pass where the model goes on with `output` from `offset` on: drafts, accepts what agrees, and
	 * takes in the accepted tokens and one more.
	 */
	step(output: Int32Array, offset: number, passCost: PassCost): Step;
	/** Starts another conversation; the drafter may draw on the one that has ended. */
	nextConversation(ended: readonly Turn[]): void;
}

/** Draft tokens, each after its parent, which comes before it; -1 for those that come first. */
export interface DraftTree {
	readonly tokens: readonly number[];
	readonly parents: readonly number[];
}

export const emptyTree: DraftTree = { tokens: [], parents: [] };

/** Makes a tree of one path. */
export function chain(tokens: readonly number[]): DraftTree {
	return { tokens, parents: tokens.map((_, index) => index - 1) };
}

/** How many tokens of `truth` a path of the tree holds, from its root on. Siblings hold distinct tokens. */
export function acceptedTokens({ tokens, parents }: DraftTree, truth: Int32Array): number {
	let accepted = 0;
	let last = -1;
	for (const [node, token] of tokens.entries()) {
		if (parents[node] !== last || token !== truth[accepted]) continue;
		last = node;
		accepted++;
	}
	return accepted;
}

/** A drafter that proposes a tree and is told how it went; what a pass costs does not concern it. */
export abstract class TreeDrafter implements Drafter {
	/** The conversation so far. In a warm replay those before it stay, unless a drafter takes them away. */
	protected readonly text: number[] = [];

	append(tokens: Int32Array, _source: 'prompt' | 'output'): void {
		for (const token of tokens) {
			this.text.push(token);
			this.grown();
		}
	}

	step(output: Int32Array, offset: number): Step {
		const start = performance.now();
		const tree = this.draft();
		const micros = 1000 * (performance.now() - start);
		// The output's last token is the pass's own, whether or not a draft holds it.
		const accepted = acceptedTokens(tree, output.subarray(offset, output.length - 1));
		this.verified(tree.tokens.length, accepted);
		this.append(output.subarray(offset, offset + accepted + 1), 'output');
		return { drafted: tree.tokens.length, accepted, micros };
	}

	nextConversation(_ended: readonly Turn[]): void {}

	/** Drafts what may come after the present end of the text. */
	protected abstract draft(): DraftTree;

	/** The drafter is told by this that `text` has one token more. */
	protected grown(): void {}

	protected verified(_drafted: number, _accepted: number): void {}
}
