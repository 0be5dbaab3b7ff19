import type { GenerateOptions } from '../../lib/generate-options.js';
import type { Session } from '../../lib/session.js';

/** The sampler's options with each filter's limit moved a little, both ways, one at a time. */
function neighbours(options: GenerateOptions): GenerateOptions[] {
	const { topK = 0, topP = 1, minP = 0, topNSigma = 0, typicalP = 1, xtcThreshold = 1 } = options;
	const shares = (share: number) => [share - 0.01, Math.min(1, share + 0.01)];
	const probabilities = (one: number) => [one * 0.9, Math.min(1, one * 1.1)];
	return [
		...(topNSigma > 0 ? [topNSigma - 0.01, topNSigma + 0.01] : []).map((moved) => ({ topNSigma: moved })),
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
 */
export async function isFilterTie(
	session: Session,
	context: Int32Array,
	token: number | undefined,
	options: GenerateOptions,
): Promise<boolean> {
	for (const moved of neighbours(options)) {
		const { tokens } = await session.generate(context, { ...moved, maxTokens: 1, draft: 'off' }).result;
		if (tokens[0] === token) return true;
	}
	return false;
}
