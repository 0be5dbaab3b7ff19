import type { Choices } from './choices.js';

/**
 * A copy of `tokens` in which about every `spacing`th token was replaced, left out, or got a random one
 * put before it: what a model that revises a text makes of it, seen backwards.
 */
export function corrupt(
	tokens: Int32Array,
	spacing: number,
	vocabularySize: number,
	choices: Choices,
): Int32Array {
	const copy: number[] = [];
	for (const token of tokens) {
		if (choices.below(spacing) > 0) copy.push(token);
		else {
			const other = choices.below(vocabularySize);
			copy.push(...choices.of([[other], [], [other, token]]));
		}
	}
	return Int32Array.from(copy);
}
