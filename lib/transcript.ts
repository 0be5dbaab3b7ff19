import { concatTokens, contextTokens, type Vocabulary } from './tokens.js';

interface DetokenizingVocabulary extends Vocabulary {
	detokenize(tokens: Int32Array, options: { special: boolean }): string;
}

interface Mark {
	/** UTF-16 units of text and the tokens that they are. */
	text: number;
	tokens: number;
}

/**
 * A conversation's text and the tokens that the cache holds for it.
 *
 * A model may say a text in other tokens than the tokenizer would choose. To reuse the cache after a reply, the
 * next prompt has to go on from the tokens said, so it is tokenized from the last mark of the text both share.
 */
export class Transcript {
	readonly #vocabulary: DetokenizingVocabulary;
	#text = '';
	#tokens: Int32Array = new Int32Array();
	#marks: Mark[] = [];

	constructor(vocabulary: DetokenizingVocabulary) {
		this.#vocabulary = vocabulary;
	}

	/** One that goes on independently. */
	copy(): Transcript {
		const copy = new Transcript(this.#vocabulary);
		copy.#text = this.#text;
		copy.#tokens = this.#tokens;
		copy.#marks = [...this.#marks];
		return copy;
	}

	/** Tokens of `text`, the whole context, going on from those of the transcript as far as they agree. */
	tokenize(text: string): Int32Array {
		const shared = commonPrefixLength(this.#text, text);
		const mark = this.#marks.findLast((candidate) => candidate.text <= shared);
		return (mark && this.#resume(mark, text)) ?? contextTokens(this.#vocabulary)(text, 'prompt');
	}

	/** Makes the transcript `text`, whose tokens `tokenize` gave. */
	replace(text: string, tokens: Int32Array): void {
		const shared = commonPrefixLength(this.#text, text);
		this.#marks = this.#marks.filter((mark) => mark.text <= shared && mark.text < text.length);
		this.#text = text;
		this.#tokens = tokens;
		this.#marks.push({ text: text.length, tokens: tokens.length });
	}

	/** Adds what the model said after it. */
	add(said: Int32Array): void {
		this.#tokens = concatTokens(this.#tokens, said);
		this.#text += this.#vocabulary.detokenize(said, { special: true });
		this.#marks.push({ text: this.#text.length, tokens: this.#tokens.length });
	}

	/** Null where the seam would change the text: some tokenizers add a space to what they are given. */
	#resume(mark: Mark, text: string): Int32Array | null {
		const kept = this.#tokens.slice(0, mark.tokens);
		const rest = text.slice(mark.text);
		if (rest === '') return kept;
		const tokens = concatTokens(kept, this.#vocabulary.tokenize(rest, { parseSpecial: true }));
		return this.#write(tokens) === this.#write(kept) + rest ? tokens : null;
	}

	#write(tokens: Int32Array): string {
		return this.#vocabulary.detokenize(tokens, { special: true });
	}
}

function commonPrefixLength(a: string, b: string): number {
	const most = Math.min(a.length, b.length);
	let length = 0;
	while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
	return length;
}
