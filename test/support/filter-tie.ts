import type { GenerateOptions } from '../../lib/generate-options.js';
import type { Session } from '../../lib/session.js';

/** The sampler's options with each filter's limit moved a little, both ways, one at a time. */
function neighbours(options: GenerateOptions): GenerateOptions[] {
	const { topK = 0, topP = 1, minP = 0 } = options;
	return [
		...(topK > 0 ? [topK - 1, topK + 1].map((moved) => ({ ...options, topK: moved })) : []),
		...(topP < 1 ? [topP - 0.01, topP + 0.01].map((moved) => ({ ...options, topP: moved })) : []),
		...(minP > 0 ? [minP * 0.9, minP * 1.1].map((moved) => ({ ...options, minP: moved })) : []),
	];
}

/**
 * Whether plain decoding itself says `token` after `context` once top-k, top-p or min-p is moved a little.
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
