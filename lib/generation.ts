import type { FinishReason, NativeChunk, NativeGenerateResult, NativeSegment } from './addon.js';
import { awaitNative } from './errors.js';
import type { TokenLogprobs } from './logprobs.js';
import { type Metrics, toMetrics } from './metrics.js';
import { Queue, readToEnd } from './queue.js';
import type { ReadObject } from './schema/output-format.js';
import type { SchemaIssue } from './schema/standard-schema.js';
import { type Gathered, LongText, Unread } from './unread.js';

/** A stretch of text, and where its tokens were drafted from. */
export interface Segment extends NativeSegment {}

/** What one or more passes added to a text; it is much where nobody was reading meanwhile. */
export interface Chunk {
	/**
	 * The new text, in whole characters. It may be empty: the bytes of half a character, and what may become a
	 * stop string, are held back.
	 */
	text: string;
	/** The new text in parts, one for each source that it was drafted from. */
	segments: Segment[];
	/** The ids of the new tokens. */
	tokens: Int32Array;
	/** For each new token the difference of the two best scores where it was chosen. */
	margins: Float32Array;
	/** For each new token how probable the model held it; empty without the option `logprobs`. */
	logprobs: TokenLogprobs[];
	/** What the generation cost up to here. */
	metrics: Metrics;
}

/** A generated text, and how it came about. `Output` is the type of its value. */
export interface GenerationResult<Output = unknown> {
	/** The whole text. */
	text: string;
	/**
	 * The text's value, where `json`, `jsonSchema` or `schema` was given. It is undefined where the text was cut
	 * short, and where `schema` does not take the value.
	 */
	object: Output | undefined;
	/** Why there is no `object`, where one was asked for; else empty. */
	issues: readonly SchemaIssue[];
	/** The ids of all its tokens. */
	tokens: Int32Array;
	/** For each token how probable the model held it; empty without the option `logprobs`. */
	logprobs: TokenLogprobs[];
	/** Why the generation ended. */
	finishReason: FinishReason;
	/** The stop string that ended the text; empty where none did. */
	stopString: string;
	/** The seed that gives this text again. */
	seed: number;
	/** What the whole generation cost, and what its drafts gained. */
	metrics: Metrics;
}

/**
 * A generation under way. Iterate over it to get the text as it comes, await `result` to get all of it, or do
 * both.
 *
 * It runs whether it is read or not: a slow reader gets fewer, longer chunks. Leaving a `for await` loop
 * early aborts it. Each chunk is handed out once. A failure is thrown where the iteration ends and where
 * `result` is awaited. Generations come from `session.generate` and `chat.send`.
 */
export interface Generation<Output = unknown> extends AsyncIterable<Chunk> {
	/**
	 * Settles when the generation has ended; the session takes the next call from then on. After an abort it
	 * resolves with the text up to there. It rejects with the codes that `session.generate` names.
	 */
	readonly result: Promise<GenerationResult<Output>>;
	/**
	 * Ends the generation within one pass. The result then resolves with the text up to there. "Aborts" in
	 * docs/architecture.md follows an abort to the end of the pass.
	 */
	abort(): void;
	/** The whole text. Rejects as `result` does. */
	text(): Promise<string>;
	/** The chunks as they come. An abort ends the iteration without an error. */
	[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, void>;
}

/** The generation of one call to the addon. */
export class NativeGeneration<Output = unknown> implements Generation<Output> {
	readonly result: Promise<GenerationResult<Output>>;
	readonly #abort: () => void;
	readonly #queue = new Queue(new Unread());

	constructor(
		run: (onChunk: (chunk: NativeChunk) => void) => Promise<NativeGenerateResult>,
		abort: () => void,
		seed: number,
		readObject?: ReadObject<Output>,
	) {
		this.#abort = abort;
		this.result = this.#collect(run, seed, readObject);
		// Whoever only iterates meets a failure there.
		this.result.catch(() => {});
	}

	abort(): void {
		if (!this.#queue.ended) this.#abort();
	}

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
		readObject: ReadObject<Output> | undefined,
	): Promise<GenerationResult<Output>> {
		const text = new LongText();
		const tokens: number[] = [];
		const logprobs: TokenLogprobs[] = [];
		try {
			const end = await awaitNative(() =>
				run((chunk) => {
					for (const segment of chunk.segments) text.add(segment.text);
					for (const token of chunk.tokens) tokens.push(token);
					for (const one of chunk.logprobs) logprobs.push(one);
					this.#queue.push(chunk);
				}),
			);
			const { finishReason, stopString, metrics } = end;
			const whole = text.whole();
			const { object, issues } = (await readObject?.(whole, finishReason)) ?? {
				object: undefined,
				issues: [],
			};
			return {
				text: whole,
				object,
				issues,
				tokens: Int32Array.from(tokens),
				logprobs,
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

function toChunk({ segments, tokens, margins, logprobs, metrics }: Gathered): Chunk {
	const text = segments.map((segment) => segment.text).join('');
	return { text, segments, tokens, margins, logprobs, metrics: toMetrics(metrics) };
}
