/**
 * The word of `words` that takes the fewest edits to come from `word`, case aside; undefined when none is
 * near.
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
	const ranked = words
		.map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase()) }))
		.sort((a, b) => a.edits - b.edits);
	const best = ranked[0];
	return best && best.edits <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/**
 * Insertions, deletions and substitutions from `a` to `b` (Levenshtein 1966), by Wagner and Fischer's rows.
 */
function edits(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (const [index, character] of [...a].entries()) {
		const next = [index + 1];
		for (let column = 1; column <= b.length; column++) {
			const substitution = (row[column - 1] ?? 0) + (character === b[column - 1] ? 0 : 1);
			next.push(Math.min(substitution, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
