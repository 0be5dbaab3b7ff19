/** A state of a search: what stands there, and what came of going on from it. */
export interface SearchNode<State> {
	/** What stands there. */
	readonly state: State;
	/** Steps from the root. */
	readonly depth: number;
	/** Whether nothing can follow. */
	readonly isEnd: boolean;
	readonly parent: SearchNode<State> | null;
	readonly children: SearchNode<State>[];
	/** Values of the states that were found from here on, its own among them: how many, and their sum. */
	visits: number;
	total: number;
	/** Whether all that can follow has been found. */
	isExhausted: boolean;
}

/** A state that was found. */
export interface Found<State> {
	readonly state: State;
	/** How promising it is, on any scale: the tree compares the values that it has been given. */
	readonly value: number;
	/** Whether nothing can follow. */
	readonly isEnd: boolean;
}

/**
 * The tree of a search by upper confidence bounds: UCT (Kocsis and Szepesvári, "Bandit Based Monte-Carlo
 * Planning", ECML 2006). Values may have any scale: means are taken between the least and the greatest value in
 * the tree, as MuZero does (Schrittwieser et al. 2019, arXiv 1911.08265, appendix B).
 */
export class SearchTree<State> {
	readonly root: SearchNode<State>;
	readonly #exploration: number;
	#least = Number.POSITIVE_INFINITY;
	#greatest = Number.NEGATIVE_INFINITY;

	/**
	 * @param state - What the search begins with.
	 * @param exploration - What the uncertainty of a mean weighs beside it, 0 or more.
	 */
	constructor(state: State, exploration: number) {
		this.#exploration = exploration;
		this.root = makeNode(state, null, false);
	}

	/** The state to go on from next; null where all has been found. */
	next(): SearchNode<State> | null {
		let node = this.root;
		if (node.isExhausted) return null;
		while (node.children.length > 0) {
			const { visits } = node;
			const open = node.children.filter(({ isExhausted }) => !isExhausted);
			node = greatest(open, (child) => this.#bound(child, visits));
		}
		return node;
	}

	/** Adds what follows a state, once; a state without anything is exhausted. */
	expand(node: SearchNode<State>, found: ReadonlyArray<Found<State>>): void {
		for (const { state, value, isEnd } of found) {
			const child = makeNode(state, node, isEnd);
			node.children.push(child);
			this.#least = Math.min(this.#least, value);
			this.#greatest = Math.max(this.#greatest, value);
			for (let each: SearchNode<State> | null = child; each; each = each.parent) {
				each.visits++;
				each.total += value;
			}
		}
		for (let each: SearchNode<State> | null = node; each; each = each.parent)
			each.isExhausted = each.children.every(({ isExhausted }) => isExhausted);
	}

	/** The states that nothing can follow, in the order in which they stand in the tree. */
	ends(): Array<SearchNode<State>> {
		const below = (node: SearchNode<State>): Array<SearchNode<State>> =>
			node.isEnd ? [node] : node.children.flatMap(below);
		return below(this.root);
	}

	/** The state that is reached by the child with the greatest mean, again and again. */
	best(): SearchNode<State> {
		let node = this.root;
		while (node.children.length > 0) node = greatest(node.children, ({ total, visits }) => total / visits);
		return node;
	}

	#bound({ total, visits }: SearchNode<State>, visitsOfParent: number): number {
		const spread = this.#greatest - this.#least;
		const mean = spread > 0 ? (total / visits - this.#least) / spread : 0.5;
		return mean + this.#exploration * Math.sqrt(Math.log(visitsOfParent) / visits);
	}
}

function makeNode<State>(state: State, parent: SearchNode<State> | null, isEnd: boolean): SearchNode<State> {
	const depth = parent ? parent.depth + 1 : 0;
	return { state, depth, isEnd, parent, children: [], visits: 0, total: 0, isExhausted: isEnd };
}

/** The first of those with the greatest figure. */
function greatest<T>(among: readonly T[], figure: (one: T) => number): T {
	const figures = among.map(figure);
	return among[figures.indexOf(Math.max(...figures))] as T;
}
