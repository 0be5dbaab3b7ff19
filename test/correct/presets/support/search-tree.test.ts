import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SearchNode, SearchTree } from '../../../../lib/correct/presets/support/search-tree.js';

/** A tree as a table: each state's parent and value, in the order in which they were found. */
interface Row {
	readonly parent: number;
	readonly value: number;
	readonly isEnd: boolean;
}

const children = (rows: readonly Row[], of: number): number[] =>
	rows.flatMap(({ parent }, index) => (parent === of ? [index] : []));

/** The values of all states from here on. */
const valuesFrom = (rows: readonly Row[], state: number): number[] => [
	...(state === 0 ? [] : [rows[state]?.value ?? 0]),
	...children(rows, state).flatMap((child) => valuesFrom(rows, child)),
];

const isOpen = (rows: readonly Row[], expanded: ReadonlySet<number>, state: number): boolean =>
	expanded.has(state)
		? children(rows, state).some((child) => isOpen(rows, expanded, child))
		: rows[state]?.isEnd === false;

/** What UCT goes on from, by its formula and from the table alone. */
function reference(rows: readonly Row[], expanded: ReadonlySet<number>, exploration: number): number | null {
	if (!isOpen(rows, expanded, 0)) return null;
	const all = rows.slice(1).map(({ value }) => value);
	const [least, greatest] = [Math.min(...all), Math.max(...all)];
	const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
	let state = 0;
	while (expanded.has(state)) {
		const visits = valuesFrom(rows, state).length;
		const bounds = children(rows, state)
			.filter((child) => isOpen(rows, expanded, child))
			.map((child) => {
				const values = valuesFrom(rows, child);
				const share = greatest > least ? (mean(values) - least) / (greatest - least) : 0.5;
				return { child, bound: share + exploration * Math.sqrt(Math.log(visits) / values.length) };
			});
		state = bounds.reduce((best, one) => (one.bound > best.bound ? one : best)).child;
	}
	return state;
}

/** Small whole numbers, so that sums are exact in any order. */
const value = fc.integer({ min: -4, max: 4 });
const found = fc.array(fc.record({ value, isEnd: fc.boolean() }), { maxLength: 4 });

test('it goes on from where UCT does, until nothing is left', () => {
	fc.assert(
		fc.property(fc.array(found, { maxLength: 12 }), fc.constantFrom(0, 0.5, 2), (expansions, exploration) => {
			const tree = new SearchTree(0, exploration);
			const rows: Row[] = [{ parent: -1, value: 0, isEnd: false }];
			const expanded = new Set<number>();
			for (const states of expansions) {
				const next = tree.next();
				expect(next?.state ?? null).toBe(reference(rows, expanded, exploration));
				if (!next) break;
				expanded.add(next.state);
				tree.expand(
					next,
					states.map((one) => ({ ...one, state: rows.push({ ...one, parent: next.state }) - 1 })),
				);
			}
			expect(
				tree
					.ends()
					.map(({ state }) => state)
					.sort(),
			).toEqual(rows.flatMap(({ isEnd }, state) => (isEnd ? [state] : [])).sort());
		}),
	);
});

test('each state counts what was found from it on', () => {
	fc.assert(
		fc.property(fc.array(found, { maxLength: 12 }), (expansions) => {
			const tree = new SearchTree(0, 1);
			const rows: Row[] = [{ parent: -1, value: 0, isEnd: false }];
			for (const states of expansions) {
				const next = tree.next();
				if (!next) break;
				tree.expand(
					next,
					states.map((one) => ({ ...one, state: rows.push({ ...one, parent: next.state }) - 1 })),
				);
			}
			const check = (node: SearchNode<number>) => {
				const values = valuesFrom(rows, node.state);
				expect([node.visits, node.total]).toEqual([values.length, values.reduce((sum, one) => sum + one, 0)]);
				node.children.forEach(check);
			};
			check(tree.root);
		}),
	);
});

test('the best is reached by the greatest means', () => {
	const tree = new SearchTree('', 0);
	tree.expand(tree.root, [
		{ state: 'a', value: 0.4, isEnd: false },
		{ state: 'b', value: 0.6, isEnd: false },
	]);
	expect(tree.best().state).toBe('b');
	tree.expand(tree.best(), [{ state: 'bb', value: 0, isEnd: false }]);
	expect(tree.best().state).toBe('a');
});
