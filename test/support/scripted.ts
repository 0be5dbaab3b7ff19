import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeGenerateResult } from '../../lib/addon.js';
import type { ChatMessage } from '../../lib/chat-message.js';
import type { ChatHost, ChatLike } from '../../lib/correct/chat-host.js';
import { RepriseError } from '../../lib/errors.js';
import { NativeGeneration } from '../../lib/generation.js';
import type { NativeMetrics } from '../../lib/native-metrics.js';
import type { ReplyOptions } from '../../lib/tools/reply-options.js';
import { noneBySource } from './by-source.js';

/** What a scripted model says to a conversation: a text, slowly perhaps, or how probable a reply is. */
export type Scripted =
	| string
	| { readonly text: string; readonly msPerToken: number }
	| { readonly reply: string; readonly probability: number };

export type Script = (messages: readonly ChatMessage[], options: ReplyOptions) => Scripted;

export interface Call {
	/** The conversation, one message a line. */
	readonly asked: string;
	readonly options: ReplyOptions;
}

/** The line of a message in `Call.asked`. */
const line = (message: ChatMessage) => `${message.role}: ${said(message)}`;

/** The texts of a message; an image is named where it stands. */
export function said({ content }: ChatMessage): string {
	if (typeof content === 'string') return content;
	return content.map((part) => (part.type === 'text' ? part.text : `[${part.image}]`)).join('');
}

/** Words, with the white space before them. */
const words = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** As a chat template writes it, up to where the reply begins or goes on. */
function render(messages: readonly ChatMessage[]): string[] {
	const written = messages.flatMap((message) => [`${message.role}:`, ...words(said(message))]);
	return messages.at(-1)?.role === 'assistant' ? written : [...written, 'assistant:'];
}

/**
 * A session that speaks by a script, word by word, through the library's own `Generation`. It keeps what a cache
 * would hold, and counts what it would compute.
 */
export class ScriptedSession implements ChatHost {
	/** Replies asked for, in order, in all forks. */
	readonly calls: Call[] = [];
	/** Tokens of prompts computed, in all forks. */
	computed = 0;
	/** Forks not disposed of. */
	forks = 0;
	readonly #script: Script;
	readonly #vocabulary = new Map<string, number>();

	constructor(script: Script) {
		this.#script = script;
	}

	chat(): ChatLike {
		return this.#open([], () => {});
	}

	#open(cached: readonly string[], onDispose: () => void): ChatLike {
		let history = [...cached];
		let busy = false;
		const prefill = (messages: readonly ChatMessage[]) => {
			if (busy) throw new RepriseError('SESSION_BUSY', 'The scripted session is busy');
			const prompt = render(messages);
			const differs = prompt.findIndex((word, index) => word !== history[index]);
			const shared = differs < 0 ? prompt.length : differs;
			const reusedTokens = Math.min(shared, prompt.length);
			this.computed += prompt.length - reusedTokens;
			history = prompt;
			return { promptTokens: prompt.length, reusedTokens, prefillMs: 0 };
		};
		return {
			session: {
				model: {
					tokenize: (text) => Int32Array.from(words(text), (word) => this.#id(word)),
					detokenize: (tokens) => tokens.map((token) => this.#word(token)).join(''),
				},
				dispose: async () => onDispose(),
			},
			prefill: async (messages) => prefill(messages),
			fork: async () => {
				this.forks++;
				return this.#open(history, () => this.forks--);
			},
			reply: (messages, options = {}) => {
				this.calls.push({ asked: messages.map(line).join('\n'), options });
				const before = prefill(messages);
				busy = true;
				const aborted = { now: false };
				const scripted = this.#script(messages, options);
				return new NativeGeneration(
					async (onChunk) => {
						const signal = options.signal;
						const end = await this.#speak(scripted, options, (word, margin, metrics) => {
							history.push(word);
							onChunk({
								segments: [{ text: word, source: 'model' }],
								tokens: Int32Array.of(this.#id(word)),
								margins: Float32Array.of(margin),
								logprobs: [],
								metrics: { ...metrics, ...before },
							});
							return aborted.now || (signal?.aborted ?? false);
						});
						busy = false;
						return { ...end, metrics: { ...end.metrics, ...before } };
					},
					() => {
						aborted.now = true;
					},
					options.seed ?? 0,
				);
			},
		};
	}

	/** `say` returns whether to end. */
	async #speak(
		scripted: Scripted,
		{ maxTokens = 1024, stop = [], logitBias }: ReplyOptions,
		say: (word: string, margin: number, metrics: NativeMetrics) => boolean,
	): Promise<NativeGenerateResult> {
		if (typeof scripted === 'object' && 'reply' in scripted) {
			const chosen = this.#choice(scripted, Object.keys(logitBias ?? {}).map(Number));
			const { probability } = scripted;
			say(chosen, Math.abs(Math.log(probability / (1 - probability))), metricsOf(1));
			return { finishReason: 'length', stopString: '', metrics: metricsOf(1) };
		}
		const { text, msPerToken } = typeof scripted === 'string' ? { text: scripted, msPerToken: 0 } : scripted;
		const stops = [stop].flat().filter((ending) => text.includes(ending));
		const [stopString = ''] = stops.sort((a, b) => text.indexOf(a) - text.indexOf(b));
		const said = words(stopString === '' ? text : text.slice(0, text.indexOf(stopString)));
		let count = 0;
		for (const word of said.slice(0, maxTokens)) {
			await sleep(msPerToken);
			count++;
			if (say(word, 1, metricsOf(count)))
				return { finishReason: 'aborted', stopString: '', metrics: metricsOf(count) };
		}
		const finishReason = count < said.length ? 'length' : stopString === '' ? 'end' : 'stop';
		return {
			finishReason,
			stopString: finishReason === 'stop' ? stopString : '',
			metrics: metricsOf(count),
		};
	}

	#choice({ reply, probability }: { reply: string; probability: number }, ids: number[]): string {
		const texts = ids.map((id) => this.#word(id));
		if (!texts.includes(reply))
			throw new Error(`The script says ${reply}, which was not to choose from: ${texts}`);
		return probability >= 0.5 ? reply : (texts.find((other) => other !== reply) as string);
	}

	#word(id: number): string {
		return [...this.#vocabulary].find(([, known]) => known === id)?.[0] ?? '';
	}

	#id(word: string): number {
		const id = this.#vocabulary.get(word) ?? this.#vocabulary.size;
		this.#vocabulary.set(word, id);
		return id;
	}
}

/** Of an answer said two tokens a pass, a millisecond each. */
function metricsOf(tokens: number): NativeMetrics {
	const passes = Math.ceil(Math.max(0, tokens - 1) / 2);
	return {
		promptTokens: 0,
		reusedTokens: 0,
		prefillMs: 0,
		timeToFirstTokenMs: 0,
		totalMs: passes,
		outputTokens: tokens,
		reasoningTokens: 0,
		passes,
		passTokens: Math.max(0, tokens - 1),
		drafted: passes,
		accepted: Math.max(0, tokens - 1 - passes),
		decodeMs: passes,
		decodeMsByPart: { drafting: 0, compute: passes, sampling: 0, bookkeeping: 0 },
		acceptedBySource: noneBySource,
		draftedBySource: noneBySource,
		passesByRows: [],
		plainMsEstimate: 0,
		nearTies: 0,
		logitBytesRead: 0,
		logitRowsFetched: 0,
		draftModelPasses: 0,
		draftModelMs: 0,
	};
}
