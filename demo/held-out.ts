import type { Task } from '../lib/correct/index.js';
import { chatsOf } from '../scripts/train/data/mix.js';
import { type Expected, expectedReplies } from '../scripts/train/evaluation/replies.js';

/** A conversation: each reply that is wanted, with what was said before it. */
export type Talk = readonly Expected[];

/** Word problems with names, numbers and wordings that the model was not trained on; a seed gives the same ones. */
export function heldOutProblems(count: number, seed: number): Task[] {
	return chatsOf('solve', count, seed, 'test').map(({ turns, answer }, index) => ({
		id: `${index + 1}`,
		prompt: turns[0]?.text ?? '',
		answer: `${answer}`,
	}));
}

const kinds = ['text', 'code', 'json'] as const;

/** Edits of three turns that the model was not trained on: of a text, of code, of JSON, and so on around. */
export function heldOutEdits(count: number, seed: number): Talk[] {
	// A third of all or more have three turns.
	const byKind = kinds.map((kind) =>
		chatsOf(kind, 4 * count + 20, seed, 'test')
			.map(expectedReplies)
			.filter((replies) => replies.length >= 3),
	);
	return Array.from({ length: count }, (_, index) => {
		const replies = byKind[index % kinds.length]?.[Math.floor(index / kinds.length)];
		if (!replies) throw new RangeError(`There are fewer than ${count} edits of three turns`);
		return replies.slice(0, 3);
	});
}
