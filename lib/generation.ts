import type { FinishReason, NativeChunk, NativeGenerateResult, NativeSegment } from './addon.js';
import { awaitNative } from './errors.js';
import { type Metrics, toMetrics } from './metrics.js';
import { Queue, readToEnd } from './queue.js';
import { type Gathered, LongText, Unread } from './unread.js';

/** A stretch of text, and where its tokens were drafted from: 'model' where no draft held them. */
export type Segment = NativeSegment;

/** What one or more passes added: many where nobody was reading. */
export interface Chunk {
	/** New text, whole characters only; may be empty while bytes of a character or a stop string are held back. */
	text: string;
	/** `text` cut where its origin changes. */
	segments: Segment[];
	/** New tokens. */
	tokens: Int32Array;
	/** By token: the difference of the two best scores where it was chosen. */
	margins: Float32Array;
	/** Of the generation up to here. */
	metrics: Metrics;
}

export interface GenerationResult {
	text: string;
	tokens: Int32Array;
	/** 'end': the model ended its turn, or a grammar's text is complete and `logitBias` bans the end; 'stop': a stop string; 'length': `maxTokens`; 'context': the context is full. */
	finishReason: FinishReason;
	/** The stop string that ended the text, or empty. */
	stopString: string;
	/** The seed that gives this text again. */
	seed: number;
	metrics: Metrics;
}

/**
 * A generation under way: iterate for the text as it comes, await `result` for all of it, or both.
 *
 * It runs whether it is read or not: what a slow reader has not read yet comes in fewer, longer chunks. Leaving a
 * `for await` loop early aborts it. Each chunk is handed out once; a failure is thrown where the iteration ends and where `result` is awaited.
 */
export class Generation implements AsyncIterable<Chunk> {
	/** Settles when the generation has ended; the session takes the next call from then on. */
	readonly result: Promise<GenerationResult>;
	readonly #abort: () => void;
	readonly #queue = new Queue(new Unread());

	/** Generations come from `session.generate` and `chat.send`. */
	constructor(
		run: (onChunk: (chunk: NativeChunk) => void) => Promise<NativeGenerateResult>,
		abort: () => void,
		seed: number,
	) {
		this.#abort = abort;
		this.result = this.#collect(run, seed);
		// Whoever only iterates meets a failure there.
		this.result.catch(() => {});
	}

	/** Ends the generation within one pass. The result then has what was said up to there. */
	abort(): void {
		if (!this.#queue.ended) this.#abort();
	}

	/** The whole text. */
	async text(): Promise<string> {
		return (await this.result).text;
	}

	[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, void> {
		return readToEnd(this.#chunks(), this);
	}

	async *#chunks(): AsyncGenerator<Chunk, void, void> {
		for await (const gathered of this.#queue) yield toChunk(gathered);
	}

	async #collect(
		run: (onChunk: (chunk: NativeChunk) => void) => Promise<NativeGenerateResult>,
		seed: number,
	): Promise<GenerationResult> {
		const text = new LongText();
		const tokens: number[] = [];
		try {
			const end = await awaitNative(() =>
				run((chunk) => {
					for (const segment of chunk.segments) text.add(segment.text);
					for (const token of chunk.tokens) tokens.push(token);
					this.#queue.push(chunk);
				}),
			);
			const { finishReason, stopString, metrics } = end;
			return {
				text: text.whole(),
				tokens: Int32Array.from(tokens),
				finishReason,
				stopString,
				seed,
				metrics: toMetrics(metrics),
			};
		} finally {
			this.#queue.end();
		}
	}
}

function toChunk({ segments, tokens, margins, metrics }: Gathered): Chunk {
	const text = segments.map((segment) => segment.text).join('');
	return { text, segments, tokens, margins, metrics: toMetrics(metrics) };
}
