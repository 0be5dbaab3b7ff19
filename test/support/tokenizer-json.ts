import { readVocabulary } from '../../scripts/gguf/vocabulary.js';

/** What a byte-level BPE tokenizer cuts text by before it merges, by `tokenizer.ggml.pre` of the GGUF. */
const patterns = {
	'gpt-2': "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
	qwen2:
		"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
	'llama-bpe':
		"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
} as const;

/** GGUF token types of tokens that text is never merged into. */
const control = 3;
const userDefined = 4;

/** A Hugging Face `tokenizer.json` with the tokens and merges of a GGUF's byte-level BPE vocabulary. */
export async function tokenizerJson(gguf: string, pre: keyof typeof patterns): Promise<object> {
	const { metadata } = await readVocabulary(gguf);
	const list = <T>(name: string) => metadata[`tokenizer.ggml.${name}`]?.value as T[];
	const tokens = list<string>('tokens');
	const types = list<number>('token_type');
	const added = tokens.flatMap((content, id) => {
		const special = types[id] === control;
		if (!special && types[id] !== userDefined) return [];
		return [{ id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }];
	});
	return {
		version: '1.0',
		added_tokens: added,
		normalizer: null,
		pre_tokenizer: {
			type: 'Sequence',
			pretokenizers: [
				{ type: 'Split', pattern: { Regex: patterns[pre] }, behavior: 'Isolated', invert: false },
				{ type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
			],
		},
		post_processor: null,
		decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: '',
			end_of_word_suffix: '',
			fuse_unk: false,
			byte_fallback: false,
			ignore_merges: pre === 'llama-bpe',
			vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
			merges: list<string>('merges').map((merge) => merge.split(' ')),
		},
	};
}
