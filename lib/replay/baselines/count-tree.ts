/** Stands for a string of tokens that occurs in the text. */
export interface CountNode {
	/** How often it does. */
	count: number;
	readonly depth: number;
	/** Index of its last token where it occurred first. */
	readonly at: number;
	children: Map<number, CountNode> | null;
}

/** No token: ends a sequence. */
const end = -1;
const none: ReadonlyMap<number, CountNode> = new Map();

/**
 * All strings of up to `maxDepth` tokens of some sequences, with how often each occurs: a suffix tree with
 * counts. Below a string that occurs once, nodes are made when they are asked for, so the tree grows with what
 * repeats.
 */
export class CountTree {
	readonly root: CountNode = { count: 0, depth: 0, at: -1, children: new Map() };
	readonly #maxDepth: number;
	readonly #text: number[] = [];
	/** Nodes of the suffixes of the text that occur more than once, the shortest first. */
	#suffixes: CountNode[] = [];

	constructor(maxDepth: number) {
		this.#maxDepth = maxDepth;
	}

	/** The suffixes of the present sequence, of 1, 2, … tokens, that occurred before. */
	get repeatedSuffixes(): readonly CountNode[] {
		return this.#suffixes;
	}

	append(token: number): void {
		const at = this.#text.push(token) - 1;
		const suffixes: CountNode[] = [];
		for (const node of [this.root, ...this.#suffixes]) {
			if (node.depth === this.#maxDepth) break;
			const children = this.#expand(node, at);
			const child = children.get(token);
			if (child) {
				child.count++;
				suffixes.push(child);
			} else children.set(token, { count: 1, depth: node.depth + 1, at, children: null });
		}
		this.root.count++;
		this.#suffixes = suffixes;
	}

	/** What comes next belongs to another sequence. */
	endSequence(): void {
		this.#text.push(end);
		this.#suffixes = [];
	}

	/** Nodes of the strings that are one token longer, by that token. */
	children(node: CountNode): ReadonlyMap<number, CountNode> {
		if (node.depth === this.#maxDepth) return none;
		return node.at + 1 < this.#text.length || node.children ? this.#expand(node, this.#text.length) : none;
	}

	/** `before` is the index of a token that has not been counted yet. */
	#expand(node: CountNode, before: number): Map<number, CountNode> {
		if (node.children) return node.children;
		node.children = new Map();
		const next = this.#text[node.at + 1];
		if (next !== undefined && next !== end && node.at + 1 < before)
			node.children.set(next, { count: 1, depth: node.depth + 1, at: node.at + 1, children: null });
		return node.children;
	}
}
