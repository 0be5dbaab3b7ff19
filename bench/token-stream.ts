import { Choices } from '../test/support/choices.js';
import { corrupt } from '../test/support/corrupt.js';

/** Every how many tokens a repeated passage differs from the first. */
export const editSpacing = 12;
const passageLengths = [8, 16, 32, 64, 128];

/**
 * `count` tokens that repeat themselves as a conversation on one text does: half of the passages are copies of
 * earlier ones with an edit about every `editSpacing` tokens, the others are new and follow Zipf's law.
 */
export function repetitiveTokens(count: number, vocabularySize: number, seed: number): Int32Array {
	const choices = new Choices(seed, 'stream');
	const stream = new Int32Array(count);
	for (let end = 0; end < count; ) {
		const length = Math.min(choices.of(passageLengths), count - end);
		const passage =
			end > length && choices.chance(50)
				? editedCopy(stream.subarray(0, end), length, vocabularySize, choices)
				: Int32Array.from({ length }, () => zipf(vocabularySize, choices));
		stream.set(passage.subarray(0, count - end), end);
		end += passage.length;
	}
	return stream;
}

/** A passage of `length` tokens from anywhere in `text`, edited; a few tokens shorter or longer than that. */
export function editedCopy(
	text: Int32Array,
	length: number,
	vocabularySize: number,
	choices: Choices,
): Int32Array {
	const start = choices.below(text.length - length + 1);
	return corrupt(text.subarray(start, start + length), editSpacing, vocabularySize, choices);
}

/** A token whose rank is distributed as 1/rank: the logarithm of its rank is uniform. */
function zipf(vocabularySize: number, choices: Choices): number {
	return Math.floor(vocabularySize ** (choices.below(2 ** 31) / 2 ** 31)) % vocabularySize;
}
