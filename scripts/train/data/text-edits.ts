import { assistant, type Chat, type Turn, user } from './chat.js';
import { passage, sentence } from './sentences.js';
import { heldOut, heldOutEach, type Source } from './source.js';

const firsts = heldOut({
	train: ['Copy this text:\n{text}', 'Write down this text:\n{text}', 'Repeat the text.\n{text}'],
	test: ['Copy the text:\n{text}', 'Repeat this text:\n{text}'],
});

const frames = heldOut({
	train: ['{text}\n{instruction}', '{instruction}\n{text}', 'Text:\n{text}\n{instruction}'],
	test: ['{instruction}\n\n{text}', 'This is the text:\n{text}\n{instruction}'],
});

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

const wordings = heldOutEach({
	replace: {
		train: [
			'Replace {a} with {b}.',
			'Write {b} instead of {a}.',
			'Change {a} to {b}.',
			'Put {b} in place of {a}.',
			'Use {b} for {a}.',
		],
		test: ['Use {b} instead of {a}.', 'Replace every {a} with {b}.'],
	},
	append: {
		train: [
			'Add this sentence at the end: {s}',
			'Append this: {s}',
			'Write this at the end: {s}',
			'Put this sentence last: {s}',
		],
		test: ['Append this sentence: {s}', 'Add this at the end: {s}'],
	},
	prepend: {
		train: [
			'Add this sentence at the beginning: {s}',
			'Begin with this: {s}',
			'Write this at the beginning: {s}',
			'Put this sentence first: {s}',
		],
		test: ['Begin with this sentence: {s}', 'Add this at the beginning: {s}'],
	},
	insert: {
		train: [
			'Insert this after the {nth} sentence: {s}',
			'After the {nth} sentence write: {s}',
			'Put this sentence after the {nth} one: {s}',
		],
		test: ['Insert this sentence after the {nth} one: {s}', 'After the {nth} sentence insert: {s}'],
	},
	remove: {
		train: [
			'Remove the {nth} sentence.',
			'Delete the {nth} sentence.',
			'Leave out the {nth} sentence.',
			'Take out sentence number {number}.',
		],
		test: ['Take out the {nth} sentence.', 'Delete sentence number {number}.'],
	},
	lower: {
		train: [
			'Write it in lower case.',
			'Use lower case letters.',
			'Make everything lower case.',
			'Write it again in small letters.',
		],
		test: ['Write everything in lower case.', 'Make it lower case.'],
	},
	swap: {
		train: [
			'Swap the first and the last sentence.',
			'Exchange the first and the last sentence.',
			'Let the first and the last sentence change places.',
		],
		test: ['Swap the first sentence and the last one.'],
	},
	last: {
		train: [
			'Move the first sentence to the end.',
			'Put the first sentence at the end.',
			'Let the first sentence be the last.',
		],
		test: ['Move the first sentence to the very end.'],
	},
});

interface Edit {
	instruction: string;
	result: string[];
}

const replaceWord = (sentences: readonly string[], a: string, b: string): string[] =>
	sentences.map((text) => text.replace(new RegExp(`\\b${a}\\b`, 'g'), b));

const edits: ReadonlyArray<(sentences: readonly string[], source: Source) => Edit | undefined> = [
	function word(sentences, source) {
		const words =
			sentences
				.join(' ')
				.match(/(?<= )[a-z]{3,}(?= |\.)/g)
				?.filter((word) => !functionWords.has(word)) ?? [];
		if (words.length === 0) return undefined;
		const a = source.pick(words);
		const [b = ''] = source.distinct(1, source.noun, words);
		return { instruction: source.say(wordings.replace, { a, b }), result: replaceWord(sentences, a, b) };
	},
	function name(sentences, source) {
		const names =
			sentences
				.join(' ')
				.match(/\b[A-Z][a-z]+\b/g)
				?.filter((name) => !capitalWords.has(name)) ?? [];
		if (names.length === 0) return undefined;
		const a = source.pick(names);
		const [b = ''] = source.distinct(1, () => source.name(), names);
		return { instruction: source.say(wordings.replace, { a, b }), result: replaceWord(sentences, a, b) };
	},
	function number(sentences, source) {
		const numbers = sentences.join(' ').match(/\b\d+\b/g) ?? [];
		if (numbers.length === 0) return undefined;
		const a = source.pick(numbers);
		const b = `${source.number()}`;
		return { instruction: source.say(wordings.replace, { a, b }), result: replaceWord(sentences, a, b) };
	},
	function append(sentences, source) {
		const s = sentence(source);
		return { instruction: source.say(wordings.append, { s }), result: [...sentences, s] };
	},
	function prepend(sentences, source) {
		const s = sentence(source);
		return { instruction: source.say(wordings.prepend, { s }), result: [s, ...sentences] };
	},
	function insert(sentences, source) {
		const s = sentence(source);
		const after = source.integer(1, Math.min(3, sentences.length));
		const nth = ordinals[after - 1] ?? '';
		return { instruction: source.say(wordings.insert, { s, nth }), result: sentences.toSpliced(after, 0, s) };
	},
	function remove(sentences, source) {
		if (sentences.length < 3) return undefined;
		const at = source.integer(0, Math.min(ordinals.length, sentences.length) - 1);
		const slots = { nth: ordinals[at] ?? '', number: at + 1 };
		return { instruction: source.say(wordings.remove, slots), result: sentences.toSpliced(at, 1) };
	},
	function lower(sentences, source) {
		if (sentences.every((text) => text === text.toLowerCase())) return undefined;
		return { instruction: source.say(wordings.lower), result: sentences.map((text) => text.toLowerCase()) };
	},
	function swap(sentences, source) {
		const [first = '', ...rest] = sentences;
		const last = rest.pop();
		if (last === undefined) return undefined;
		return { instruction: source.say(wordings.swap), result: [last, ...rest, first] };
	},
	function moveFirst(sentences, source) {
		const [first = '', ...rest] = sentences;
		return { instruction: source.say(wordings.last), result: [...rest, first] };
	},
];

const functionWords = new Set(
	'the and has near one are there call it about between every never seen knows stands took from for costs dollars was with'.split(
		' ',
	),
);
const capitalWords = new Set('The There Every On Nobody Friday Sunday'.split(' '));

/** A text of three to five sentences, edited over several turns. */
export function textEdits(source: Source): Chat {
	let sentences = passage(source, source.integer(3, 5));
	const turns: Turn[] = [];
	if (source.chance(0.3)) {
		const text = sentences.join(' ');
		turns.push(user(source.say(firsts, { text })), assistant(text));
	}
	const rounds = source.pick([1, 2, 3, 3]);
	for (let round = 0; round < rounds; ) {
		const edit = source.pick(edits)(sentences, source);
		if (!edit || edit.result.length > 7) continue;
		const { instruction, result } = edit;
		const text = sentences.join(' ');
		turns.push(user(turns.length === 0 ? source.say(frames, { text, instruction }) : instruction));
		turns.push(assistant(result.join(' ')));
		sentences = result;
		round++;
	}
	return { task: 'text', turns };
}
