import type { GenerateOptions } from '../../lib/generate-options.js';
import type { Session } from '../../lib/session.js';

/** The sampler's options with each filter's limit moved as far as logits may be, both ways, one at a time. */
function neighbours(options: GenerateOptions, noise: number): GenerateOptions[] {
	const { temperature = 1, topK = 0, topP = 1, minP = 0, topNSigma = 0, typicalP = 1 } = options;
	const { xtcThreshold = 1 } = options;
	const probabilityMoves = Math.exp(noise / temperature);
	const shares = (share: number) => [share - noise / 10, Math.min(1, share + noise / 10)];
	const probabilities = (one: number) => [one / probabilityMoves, Math.min(1, one * probabilityMoves)];
	return [
		...(topNSigma > 0 ? [topNSigma - noise, topNSigma + noise] : []).map((moved) => ({ topNSigma: moved })),
		...(topK > 0 ? [topK - 1, topK + 1] : []).map((moved) => ({ topK: moved })),
		...(typicalP < 1 ? shares(typicalP) : []).map((moved) => ({ typicalP: moved })),
		...(topP < 1 ? shares(topP) : []).map((moved) => ({ topP: moved })),
		...(minP > 0 ? probabilities(minP) : []).map((moved) => ({ minP: moved })),
		...(xtcThreshold < 1 ? probabilities(xtcThreshold) : []).map((moved) => ({ xtcThreshold: moved })),
	].map((moved) => ({ ...options, ...moved }));
}

/**
 * Whether plain decoding itself says `token` after `context` once a filter's limit is moved a little.
 * A token at a filter's limit is in or out by the last bits of its probability, however wide the margin
 * between the tokens that are left.
 * @param noise of logits between passes of different sizes.
 */
export async function isFilterTie(
	session: Session,
	context: Int32Array,
	token: number | undefined,
	options: GenerateOptions,
	noise = 0.1,
): Promise<boolean> {
	for (const moved of neighbours(options, noise)) {
		const { tokens } = await session.generate(context, { ...moved, maxTokens: 1, draft: 'off' }).result;
		if (tokens[0] === token) return true;
	}
	return false;
}
