/** Stands for a string of tokens that occurs in the text. */
export interface CountNode {
	/** How often the string occurs. */
	count: number;
	readonly depth: number;
	/** The index of its last token where it occurred first. */
	readonly at: number;
	children: Map<number, CountNode> | null;
}

/** This is no token; it ends a sequence. */
const end = -1;
const none: ReadonlyMap<number, CountNode> = new Map();

/**
 * All strings of up to `maxDepth` tokens of some sequences, with how often each occurs: a suffix tree with
 * counts. Below a string that occurs once, nodes are made when they are asked for, so the tree grows with
 * what repeats.
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
			const children = this.#expand(node);
			const child = children.get(token);
			if (child) {
				child.count++;
				suffixes.push(child);
			} else children.set(token, { count: 1, depth: node.depth + 1, at, children: null });
		}
		this.root.count++;
		this.#suffixes = suffixes;
	}

	/** Ends the sequence: the next token belongs to another one. */
	endSequence(): void {
		this.#text.push(end);
		this.#suffixes = [];
	}

	/** The node of a string, undefined where it does not occur. */
	find(tokens: readonly number[]): CountNode | undefined {
		let node: CountNode | undefined = this.root;
		for (const token of tokens) node = node && this.children(node).get(token);
		return node;
	}

	/** Nodes of the strings that are one token longer, by that token. */
	children(node: CountNode): ReadonlyMap<number, CountNode> {
		const atEnd = node.children === null && node.at + 1 === this.#text.length;
		return atEnd || node.depth === this.#maxDepth ? none : this.#expand(node);
	}

	/** Below a string that has occurred once, what comes next is read from the text. */
	#expand(node: CountNode): Map<number, CountNode> {
		if (node.children) return node.children;
		node.children = new Map();
		const at = node.at + 1;
		const next = this.#text[at] as number;
		if (next !== end) node.children.set(next, { count: 1, depth: node.depth + 1, at, children: null });
		return node.children;
	}
}
