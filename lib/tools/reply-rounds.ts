import { onAbort } from '../abort.js';
import { assistantMessage, type ChatMessage } from '../chat-message.js';
import type { Chunk, Generation, GenerationResult } from '../generation.js';
import { Queue, readToEnd } from '../queue.js';
import type { ReadTool } from './read-tools.js';
import type { Reply, ReplyChunk, ReplyResult } from './reply.js';
import type { Parts, PartsReader } from './reply-parts.js';
import { runTools } from './run-tools.js';

/** One generation of a reply, and what reads its text. */
export interface Round<Output> {
	readonly generation: Generation<Output>;
	readonly reader: PartsReader;
}

/** What a reply needs of its chat. */
export interface RoundsOptions<Output> {
	readonly tools: readonly ReadTool[];
	readonly maxToolRounds: number;
	readonly signal: AbortSignal | undefined;
	/** Begins the next generation, after these messages. */
	readonly next: (added: readonly ChatMessage[]) => Round<Output>;
	/** Is called when a round has ended, with the messages that the reply has added so far. */
	readonly onRound: (added: readonly ChatMessage[], result: GenerationResult<Output>) => void;
}

/** A reply in rounds: the model's calls of tools are answered and it goes on, until it calls none. */
export class ReplyRounds<Output = unknown> implements Reply<Output> {
	readonly result: Promise<ReplyResult<Output>>;
	readonly #rounds = Queue.ofValues<Round<Output>>();
	readonly #stop = new AbortController();
	#running: Generation<Output>;

	constructor(first: Round<Output>, options: RoundsOptions<Output>) {
		this.#running = first.generation;
		this.result = this.#run(first, options).finally(() => this.#rounds.end());
		// Whoever only iterates meets a failure there.
		this.result.catch(() => {});
	}

	abort(): void {
		if (this.#rounds.ended) return;
		this.#stop.abort();
		this.#running.abort();
	}

	async text(): Promise<string> {
		return (await this.result).text;
	}

	[Symbol.asyncIterator](): AsyncGenerator<ReplyChunk, void, void> {
		return readToEnd(this.#chunks(), this);
	}

	async #run(first: Round<Output>, options: RoundsOptions<Output>): Promise<ReplyResult<Output>> {
		const { tools, maxToolRounds, signal, next, onRound } = options;
		// The generations look at the signal themselves.
		const stops = tools.some(({ handler }) => handler) ? signal : undefined;
		const unsubscribe = onAbort(stops, () => this.#stop.abort(stops?.reason));
		if (stops?.aborted) this.#stop.abort(stops.reason);
		const messages: ChatMessage[] = [];
		try {
			for (let round = first, count = 0; ; count++) {
				this.#running = round.generation;
				this.#rounds.push(round);
				const result = await round.generation.result;
				const parts = await round.reader.parts(result.text, false);
				messages.push(assistantMessage(parts.begun + parts.content, parts.reasoning, parts.toolCalls));
				onRound([...messages], result);
				const ended = result.finishReason === 'end' || result.finishReason === 'stop';
				const answered =
					ended && parts.toolCalls.length > 0 && count < maxToolRounds && canAnswer(tools, parts);
				if (!answered) return replyResult(result, parts, messages, ended);
				messages.push(...(await runTools(tools, parts.toolCalls, this.#stop.signal)));
				onRound([...messages], result);
				if (this.#stop.signal.aborted)
					return replyResult({ ...result, finishReason: 'aborted' }, parts, messages, false);
				round = next([...messages]);
			}
		} finally {
			unsubscribe();
		}
	}

	async *#chunks(): AsyncGenerator<ReplyChunk, void, void> {
		let count = 0;
		for await (const { generation, reader } of this.#rounds) {
			let text = '';
			let last: Chunk | undefined;
			for await (const chunk of generation) {
				text += chunk.text;
				last = chunk;
				yield { ...chunk, delta: await reader.delta(text, true), round: count };
			}
			const delta = await reader.delta(text, false);
			if (last && Object.keys(delta).length > 0) yield { ...emptyAfter(last), delta, round: count };
			count++;
		}
	}
}

/** Calls of which one has no handler are all left to the caller. */
function canAnswer(tools: readonly ReadTool[], { toolCalls }: Parts): boolean {
	return toolCalls.every((call) => tools.every(({ name, handler }) => name !== call.name || handler));
}

function replyResult<Output>(
	result: GenerationResult<Output>,
	{ content, reasoning, toolCalls }: Parts,
	messages: readonly ChatMessage[],
	ended: boolean,
): ReplyResult<Output> {
	const finishReason = ended && toolCalls.length > 0 ? 'toolCalls' : result.finishReason;
	return { ...result, finishReason, content, reasoning, toolCalls, messages };
}

/** A chunk without text: what the end of a text tells of its parts. */
function emptyAfter({ metrics }: Chunk): Chunk {
	return {
		text: '',
		segments: [],
		tokens: new Int32Array(),
		margins: new Float32Array(),
		logprobs: [],
		metrics,
	};
}
