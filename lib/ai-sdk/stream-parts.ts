import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { PrefillResult } from '../prefill.js';
import type { Reply, ReplyDelta } from '../tools/reply.js';
import { toolCallPart } from './content.js';
import { outcomeOf } from './outcome.js';

/**
 * The parts of a reply as it comes. Throws what the reply rejects with, and the signal's reason where that ended it; who
 * stops reading aborts it.
 */
export async function* streamParts(
	reply: Reply,
	{ prompt, signal, withRaw }: { prompt: PrefillResult; signal: AbortSignal; withRaw: boolean },
): AsyncGenerator<LanguageModelV4StreamPart, void, void> {
	const blocks = new Blocks();
	for await (const chunk of reply) {
		if (withRaw) yield { type: 'raw', rawValue: chunk };
		yield* blocks.add(chunk.delta);
	}
	const result = await reply.result;
	if (result.finishReason === 'aborted') signal.throwIfAborted();
	yield* blocks.end();
	for (const call of result.toolCalls) yield toolCallPart(call);
	yield { type: 'finish', ...outcomeOf(result, prompt) };
}

/** The stretches of text and reasoning that a reply consists of, and the calls of tools that have begun. */
class Blocks {
	readonly #calls = new Map<number, string>();
	#open: { readonly kind: 'text' | 'reasoning'; readonly id: string } | undefined;
	#count = 0;

	*add({ reasoning = '', content = '', toolCalls = [] }: ReplyDelta): Generator<LanguageModelV4StreamPart> {
		if (reasoning !== '') yield* this.#write('reasoning', reasoning);
		if (content !== '') yield* this.#write('text', content);
		for (const { index, id, name, arguments: delta = '' } of toolCalls) {
			if (id !== undefined && name !== undefined) {
				this.#calls.set(index, id);
				yield { type: 'tool-input-start', id, toolName: name };
			}
			const begun = this.#calls.get(index);
			if (begun !== undefined && delta !== '') yield { type: 'tool-input-delta', id: begun, delta };
		}
	}

	*end(): Generator<LanguageModelV4StreamPart> {
		yield* this.#close();
		for (const id of this.#calls.values()) yield { type: 'tool-input-end', id };
	}

	*#write(kind: 'text' | 'reasoning', delta: string): Generator<LanguageModelV4StreamPart> {
		if (this.#open?.kind !== kind) {
			yield* this.#close();
			this.#open = { kind, id: `${kind}-${this.#count++}` };
			yield { type: `${kind}-start`, id: this.#open.id };
		}
		yield { type: `${kind}-delta`, id: this.#open.id, delta };
	}

	*#close(): Generator<LanguageModelV4StreamPart> {
		if (this.#open) yield { type: `${this.#open.kind}-end`, id: this.#open.id };
		this.#open = undefined;
	}
}
