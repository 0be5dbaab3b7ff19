import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Generation } from '../generation.js';
import type { PrefillResult } from '../prefill.js';
import { outcomeOf } from './outcome.js';

const textId = 'text';

/**
 * The parts of a text as it comes. Throws what the generation rejects with, and the signal's reason where that ended it;
 * who stops reading aborts it.
 */
export async function* streamParts(
	generation: Generation,
	{ prompt, signal, withRaw }: { prompt: PrefillResult; signal: AbortSignal | undefined; withRaw: boolean },
): AsyncGenerator<LanguageModelV4StreamPart, void, void> {
	let hasText = false;
	for await (const chunk of generation) {
		if (withRaw) yield { type: 'raw', rawValue: chunk };
		if (chunk.text === '') continue;
		if (!hasText) yield { type: 'text-start', id: textId };
		hasText = true;
		yield { type: 'text-delta', id: textId, delta: chunk.text };
	}
	const result = await generation.result;
	if (result.finishReason === 'aborted') signal?.throwIfAborted();
	if (hasText) yield { type: 'text-end', id: textId };
	yield { type: 'finish', ...outcomeOf(result, prompt) };
}
