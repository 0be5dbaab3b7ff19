import { callback, invalid } from '../../options.js';
import type { Verdict, Verifier } from '../verifier.js';

/**
 * Makes a verifier that passes what every verifier passes; its message has what each failing one writes. The
 * score is the lowest one; an answer that some verifiers only score and none fails is scored. Throws
 * `OPTION_INVALID`.
 *
 * @param verifiers - The verifiers, which are asked at once.
 */
export function all(...verifiers: Verifier[]): Verifier {
	return combine(verifiers, 'all', (verdicts, scores) => {
		const failed = verdicts.filter(({ outcome }) => outcome === 'fail');
		if (failed.length > 0) return { outcome: 'fail', message: messages(failed), ...lowest(scores) };
		if (verdicts.some(({ outcome }) => outcome === 'score'))
			return { outcome: 'score', score: Math.min(...scores) };
		return { outcome: 'pass', ...lowest(scores) };
	});
}

/**
 * Makes a verifier that passes what some verifier passes; where none does, its message has what each failing
 * one writes. The score is the highest one; an answer that some verifiers score and none passes is scored.
 * Throws `OPTION_INVALID`.
 *
 * @param verifiers - The verifiers, which are asked at once.
 */
export function any(...verifiers: Verifier[]): Verifier {
	return combine(verifiers, 'any', (verdicts, scores) => {
		if (verdicts.some(({ outcome }) => outcome === 'pass')) return { outcome: 'pass', ...highest(scores) };
		if (verdicts.some(({ outcome }) => outcome === 'score'))
			return { outcome: 'score', score: Math.max(...scores) };
		return { outcome: 'fail', message: messages(verdicts), ...highest(scores) };
	});
}

/** All verifiers are asked at once, so that one revision can mend what each of them finds. */
function combine(
	verifiers: readonly Verifier[],
	of: string,
	decide: (verdicts: readonly Verdict[], scores: readonly number[]) => Verdict,
): Verifier {
	if (verifiers.length === 0) throw invalid('at least one verifier', of, verifiers);
	verifiers.forEach((verifier, i) => void callback()(verifier, `verifier ${i + 1} of ${of}`));
	return async (answer, context) => {
		const verdicts = await Promise.all(verifiers.map(async (verifier) => verifier(answer, context)));
		return decide(
			verdicts,
			verdicts.flatMap(({ score }) => score ?? []),
		);
	};
}

const messages = (verdicts: readonly Verdict[]) =>
	verdicts.flatMap(({ message }) => message ?? []).join('\n');
const lowest = (scores: readonly number[]) => (scores.length > 0 ? { score: Math.min(...scores) } : {});
const highest = (scores: readonly number[]) => (scores.length > 0 ? { score: Math.max(...scores) } : {});
