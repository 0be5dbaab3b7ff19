import type { Agreement } from './results.js';

/** How two texts of the same task compare. */
export type Comparison = 'equal' | 'near-tie' | 'different';

/**
 * Compares an output with that of plain decoding. Tokens that end a turn do not count, since not every arm tells them.
 * Where the texts part, `isNearTie` says whether the choice after that context was between two that are nearly as good.
 */
export async function compareOutputs(
	prompt: Int32Array,
	plain: Int32Array,
	output: Int32Array,
	endTokens: readonly number[],
	isNearTie: (context: Int32Array) => Promise<boolean>,
): Promise<Comparison> {
	const expected = withoutEnd(plain, endTokens);
	const received = withoutEnd(output, endTokens);
	let same = 0;
	while (same < expected.length && expected[same] === received[same]) same++;
	if (same === expected.length && same === received.length) return 'equal';
	const context = new Int32Array(prompt.length + same);
	context.set(prompt);
	context.set(expected.subarray(0, same), prompt.length);
	return (await isNearTie(context)) ? 'near-tie' : 'different';
}

function withoutEnd(tokens: Int32Array, endTokens: readonly number[]): Int32Array {
	let length = tokens.length;
	while (length > 0 && endTokens.includes(tokens[length - 1] as number)) length--;
	return tokens.subarray(0, length);
}

/** What came of all comparisons, by arm. */
export class AgreementCount {
	readonly #counts = new Map<string, Agreement>();

	/** Goes on from those of an earlier part of the benchmark. */
	constructor(earlier: readonly Agreement[]) {
		for (const count of earlier) this.#counts.set(count.arm, count);
	}

	add(arm: string, comparison: Comparison): void {
		const none = { arm, texts: 0, equal: 0, nearTies: 0, different: 0 };
		const { texts, equal, nearTies, different } = this.#counts.get(arm) ?? none;
		this.#counts.set(arm, {
			arm,
			texts: texts + 1,
			equal: equal + Number(comparison === 'equal'),
			nearTies: nearTies + Number(comparison === 'near-tie'),
			different: different + Number(comparison === 'different'),
		});
	}

	get counts(): Agreement[] {
		return [...this.#counts.values()];
	}
}
