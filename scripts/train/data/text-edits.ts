import { assistant, type Chat, type Turn, user } from './chat.js';
import { instruct, present } from './requests.js';
import { passage, sentence } from './sentences.js';
import { heldOut, heldOutEach, type Source } from './source.js';

const firsts = heldOut({
	train: [
		'Copy this text:\n{text}',
		'Write down this text:\n{text}',
		'Repeat the text.\n{text}',
		'Say this again:\n{text}',
		'Write the same text:\n{text}',
		'Copy it exactly.\n{text}',
		'Reproduce this:\n{text}',
	],
	test: ['Copy the text:\n{text}', 'Repeat this text:\n{text}'],
});

const frames = heldOut({
	train: ['{content}\n{instruction}', '{instruction}\n{content}', 'Text:\n{content}\n{instruction}'],
	test: ['{instruction}\n\n{content}', 'This is the text:\n{content}\n{instruction}'],
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
			'Let {a} be {b}.',
			'Wherever it says {a}, write {b}.',
			'Exchange {a} for {b}.',
			'It should say {b}, not {a}.',
			'{a} should become {b}.',
			'Substitute {b} for {a}.',
			'Turn every {a} into {b}.',
		],
		test: ['Use {b} instead of {a}.', 'Replace every {a} with {b}.'],
	},
	append: {
		train: [
			'Add this sentence at the end: {s}',
			'Append this: {s}',
			'Write this at the end: {s}',
			'Put this sentence last: {s}',
			'End with this: {s}',
			'One more sentence at the end: {s}',
			'Close with: {s}',
			'Go on with this sentence: {s}',
		],
		test: ['Append this sentence: {s}', 'Add this at the end: {s}'],
	},
	prepend: {
		train: [
			'Add this sentence at the beginning: {s}',
			'Begin with this: {s}',
			'Write this at the beginning: {s}',
			'Put this sentence first: {s}',
			'Start with this: {s}',
			'Open with: {s}',
			'Let it begin like this: {s}',
			'Prepend this sentence: {s}',
		],
		test: ['Begin with this sentence: {s}', 'Add this at the beginning: {s}'],
	},
	insert: {
		train: [
			'Insert this after the {nth} sentence: {s}',
			'After the {nth} sentence write: {s}',
			'Put this sentence after the {nth} one: {s}',
			'Behind the {nth} sentence goes: {s}',
			'Add this after the {nth} sentence: {s}',
			'The {nth} sentence is followed by this: {s}',
		],
		test: ['Insert this sentence after the {nth} one: {s}', 'After the {nth} sentence insert: {s}'],
	},
	remove: {
		train: [
			'Remove the {nth} sentence.',
			'Delete the {nth} sentence.',
			'Leave out the {nth} sentence.',
			'Take out sentence number {number}.',
			'Drop the {nth} sentence.',
			'Cut the {nth} sentence.',
			'Erase sentence number {number}.',
			'Remove sentence number {number}.',
			'The {nth} sentence has to go.',
			'Write it without the {nth} sentence.',
		],
		test: ['Take out the {nth} sentence.', 'Delete sentence number {number}.'],
	},
	lower: {
		train: [
			'Write it in lower case.',
			'Use lower case letters.',
			'Make everything lower case.',
			'Write it again in small letters.',
			'Change all letters to lower case.',
			'No capital letters.',
			'Turn it into lower case.',
			'Write all of it in lower case letters.',
		],
		test: ['Write everything in lower case.', 'Make it lower case.'],
	},
	swap: {
		train: [
			'Swap the first and the last sentence.',
			'Exchange the first and the last sentence.',
			'Let the first and the last sentence change places.',
			'Swap the last sentence and the first one.',
			'Exchange the first sentence with the last one.',
			'The first and the last sentence swap places.',
		],
		test: ['Swap the first sentence and the last one.'],
	},
	last: {
		train: [
			'Move the first sentence to the end.',
			'Put the first sentence at the end.',
			'Let the first sentence be the last.',
			'The first sentence goes to the end.',
			'Shift the first sentence to the end.',
			'Move sentence number 1 to the end.',
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
		return {
			instruction: instruct(source, wordings.replace, { a, b }),
			result: replaceWord(sentences, a, b),
		};
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
		return {
			instruction: instruct(source, wordings.replace, { a, b }),
			result: replaceWord(sentences, a, b),
		};
	},
	function number(sentences, source) {
		const numbers = sentences.join(' ').match(/\b\d+\b/g) ?? [];
		if (numbers.length === 0) return undefined;
		const a = source.pick(numbers);
		const b = `${source.number()}`;
		return {
			instruction: instruct(source, wordings.replace, { a, b }),
			result: replaceWord(sentences, a, b),
		};
	},
	function append(sentences, source) {
		const s = sentence(source);
		return { instruction: instruct(source, wordings.append, { s }), result: [...sentences, s] };
	},
	function prepend(sentences, source) {
		const s = sentence(source);
		return { instruction: instruct(source, wordings.prepend, { s }), result: [s, ...sentences] };
	},
	function insert(sentences, source) {
		const s = sentence(source);
		const after = source.integer(1, Math.min(3, sentences.length));
		const nth = ordinals[after - 1] ?? '';
		return {
			instruction: instruct(source, wordings.insert, { s, nth }),
			result: sentences.toSpliced(after, 0, s),
		};
	},
	function remove(sentences, source) {
		if (sentences.length < 3) return undefined;
		const at = source.integer(0, Math.min(ordinals.length, sentences.length) - 1);
		const slots = { nth: ordinals[at] ?? '', number: at + 1 };
		return { instruction: instruct(source, wordings.remove, slots), result: sentences.toSpliced(at, 1) };
	},
	function lower(sentences, source) {
		if (sentences.every((text) => text === text.toLowerCase())) return undefined;
		return {
			instruction: instruct(source, wordings.lower),
			result: sentences.map((text) => text.toLowerCase()),
		};
	},
	function swap(sentences, source) {
		const [first = '', ...rest] = sentences;
		const last = rest.pop();
		if (last === undefined) return undefined;
		return { instruction: instruct(source, wordings.swap), result: [last, ...rest, first] };
	},
	function moveFirst(sentences, source) {
		const [first = '', ...rest] = sentences;
		return { instruction: instruct(source, wordings.last), result: [...rest, first] };
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
		turns.push(user(turns.length === 0 ? present(source, frames, text, instruction) : instruction));
		turns.push(assistant(result.join(' ')));
		sentences = result;
		round++;
	}
	return { task: 'text', turns };
}
