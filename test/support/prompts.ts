import type { Choices } from './choices.js';

const names = ['Mara', 'Tom', 'Lena', 'Ivo', 'Nia', 'Sam', 'Rosa', 'Ben', 'Kira', 'Otto'];
const things = [
	'pears',
	'shells',
	'coins',
	'marbles',
	'books',
	'cards',
	'stones',
	'beads',
	'stamps',
	'plums',
];
const places = ['market', 'school', 'park', 'harbor', 'museum', 'library', 'station', 'garden'];
const colors = ['red', 'blue', 'green', 'black', 'white', 'yellow'];

function sentence(choices: Choices): string {
	const name = choices.of(names);
	const other = choices.of(names.filter((candidate) => candidate !== name));
	const templates = [
		`${name} found a ${choices.of(colors)} box near the ${choices.of(places)}.`,
		`${name} asked ${other} about the ${choices.of(things)}.`,
		`${other} keeps the ${choices.of(things)} in a ${choices.of(colors)} bag.`,
		`In the ${choices.of(places)} there are ${2 + choices.below(58)} ${choices.of(things)}.`,
		`The ${choices.of(things)} cost ${2 + choices.below(58)} dollars.`,
	];
	return choices.of(templates);
}

const sentences = (choices: Choices, count: number) =>
	Array.from({ length: count }, () => sentence(choices)).join(' ');

function program(choices: Choices): string {
	const [name, argument, factor] = [choices.of(things), choices.of(places), 2 + choices.below(58)];
	return `function ${name}(${argument}) {\n  return ${argument}.map((${choices.of(colors)}) => ${argument} * ${factor});\n}`;
}

/** Tasks of the kinds the embedded model was trained on: copies and edits of text and code. */
function editTask(choices: Choices): string {
	const text = sentences(choices, 3 + choices.below(4));
	const code = program(choices);
	const [from, to] = [choices.of(names), choices.of(names)];
	return choices.of([
		`Copy this text:\n${text}`,
		`Remember this text and write it down:\n${text}`,
		`\`\`\`js\n${code}\n\`\`\`\nChange ${/\d+/.exec(code)?.[0]} to ${choices.below(60)}.`,
		`\`\`\`js\n${code}\n\`\`\`\nAdd this function:\n${program(choices)}`,
		`Write a JavaScript program that solves the problem and prints the answer.\n${from} has ${2 + choices.below(50)} bags with ${2 + choices.below(9)} ${choices.of(things)} in each. ${from} gives 3 to ${to}. How many are left?`,
	]);
}

/** A prompt in ChatML, the embedded model's template. */
export function editPrompt(choices: Choices): string {
	return `<|im_start|>user\n${editTask(choices)}<|im_end|>\n<|im_start|>assistant\n`;
}

/** A prompt of 1 to some 300 tokens of prose, code, numbers or other scripts. */
export function anyPrompt(choices: Choices): string {
	const short = ['a', '12 + 30 =', 'Übermäßig 你好 🙂', '\n\n', '{"name": "Mara", "coins": 12}'];
	if (choices.chance(20)) return choices.of(short);
	return choices.chance(50)
		? sentences(choices, 1 + choices.below(14))
		: Array.from({ length: 1 + choices.below(4) }, () => program(choices)).join('\n\n');
}
