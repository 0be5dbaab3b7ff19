/** Which of several scores are the `count` highest, the best first; of equal ones the first. */
export function byScore(
	scores: ArrayLike<number>,
	count = scores.length,
): Array<{ index: number; score: number }> {
	return Array.from(scores, (score, index) => ({ index, score }))
		.sort((one, other) => other.score - one.score)
		.slice(0, count);
}
