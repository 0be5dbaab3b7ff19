import type { NativeChunk, NativeSegment } from './addon.js';
import type { TokenLogprobs } from './logprobs.js';
import type { NativeMetrics } from './native-metrics.js';

/** So many chunks wait for their reader each for itself; those that come after them are gathered into one. */
const mostApart = 64;

/** What one or more chunks of the addon are together. */
export type Gathered = Omit<NativeChunk, 'segments'> & { segments: NativeSegment[] };

/**
 * The chunks of a generation that nobody has read yet. However long nobody does, it holds little more than
 * their text, tokens, margins and log-probabilities.
 */
export class Unread {
	readonly #waiting: Gathering[] = [];

	add(chunk: NativeChunk): void {
		const last = this.#waiting.at(-1);
		if (last && this.#waiting.length === mostApart) last.add(chunk);
		else this.#waiting.push(new Gathering(chunk));
	}

	/** Takes out the oldest chunk, if there is one. */
	take(): Gathered | undefined {
		return this.#waiting.shift()?.whole();
	}
}

class Gathering {
	readonly #segments: Array<{ text: LongText; source: NativeSegment['source'] }> = [];
	readonly #tokens: number[] = [];
	readonly #margins: number[] = [];
	readonly #logprobs: TokenLogprobs[] = [];
	#metrics: NativeMetrics;

	constructor(chunk: NativeChunk) {
		this.#metrics = chunk.metrics;
		this.add(chunk);
	}

	add({ segments, tokens, margins, logprobs, metrics }: NativeChunk): void {
		for (const { text, source } of segments) {
			const last = this.#segments.at(-1);
			if (last?.source === source) last.text.add(text);
			else this.#segments.push({ text: new LongText(text), source });
		}
		for (const token of tokens) this.#tokens.push(token);
		for (const margin of margins) this.#margins.push(margin);
		for (const one of logprobs) this.#logprobs.push(one);
		this.#metrics = metrics;
	}

	whole(): Gathered {
		return {
			segments: this.#segments.map(({ text, source }) => ({ text: text.whole(), source })),
			tokens: Int32Array.from(this.#tokens),
			margins: Float32Array.from(this.#margins),
			logprobs: this.#logprobs,
			metrics: this.#metrics,
		};
	}
}

/**
 * A text that grows by small parts: `+=` keeps every part and a node for each, several times the text itself.
 */
export class LongText {
	#begun = '';
	#parts: string[] = [];

	constructor(text = '') {
		this.#begun = text;
	}

	add(text: string): void {
		this.#parts.push(text);
		if (this.#parts.length === 1024) this.#begun = this.whole();
	}

	whole(): string {
		if (this.#parts.length > 0) this.#begun += this.#parts.join('');
		this.#parts = [];
		return this.#begun;
	}
}
