// What is asked at the end of a story, and the assignments around it.
import { heldOut, heldOutEach } from './source.js';

export const questions = heldOutEach({
	have: {
		train: [
			'How many {unit} does {name} have now?',
			'How many {unit} does {name} have in the end?',
			'How many {unit} are there now?',
			'How many {unit} is that?',
			'What is the number of {unit} in the end?',
			'How many {unit} does {name} own?',
			'How many {unit} are left in the end?',
			'Then how many {unit} does {name} have?',
			'What is the number of {unit} that {name} has now?',
			'How many {unit} has {name} got in the end?',
			'Tell how many {unit} {name} has now.',
			'Find the number of {unit}.',
		],
		test: ['How many {unit} does {name} have at the end?', 'What number of {unit} does {name} have now?'],
	},
	each: {
		train: [
			'How many {unit} are that for each?',
			'How many {unit} does each one get?',
			'How many {unit} are in each part?',
			'How many {unit} does one of them get?',
			'How many {unit} are in one part?',
			'What is the number of {unit} for each?',
			'Find the number of {unit} for each of them.',
			'How many {unit} does every one have then?',
		],
		test: ['How many {unit} does each of them get?', 'How many {unit} is that for each one?'],
	},
	other: {
		train: [
			'How many {unit} does {other} have?',
			'How many {unit} belong to {other}?',
			'What is the number of {unit} that {other} has?',
			'How many {unit} does {other} own?',
			'Find the number of {unit} of {other}.',
			'Tell how many {unit} {other} has.',
			'What number of {unit} belongs to {other}?',
		],
		test: ['How many {unit} has {other}?', 'What number of {unit} does {other} have?'],
	},
	both: {
		train: [
			'How many {unit} do they have together?',
			'How many {unit} do {name} and {other} have in all?',
			'How many {unit} do both have together?',
			'How many {unit} do the two of them have together?',
			'How many {unit} do {name} and {other} have altogether?',
			'Find the number of {unit} of both.',
			'What is the number of {unit} that they have in all?',
			'How many {unit} are that together?',
		],
		test: ['How many {unit} do {name} and {other} have together?', 'How many {unit} do the two have in all?'],
	},
});

export const assignments = heldOut({
	train: [
		'Write a JavaScript program that solves the problem and prints the answer.\n{problem}',
		'Solve this with a short JavaScript program that prints the result:\n{problem}',
		'{problem}\nWrite a JavaScript program that prints the answer.',
		'{problem}\nSolve it with a JavaScript program.',
		'Solve the problem with a program.\n{problem}',
		'Read the problem and write a JavaScript program for it.\n{problem}',
		'{problem}\nPrint the answer with a JavaScript program.',
		'Here is a problem:\n{problem}\nWrite a program for it.',
		'Find the answer with a short program.\n{problem}',
		'{problem}\nWhich program prints the answer?',
		'Problem: {problem}\nGive a JavaScript program.',
	],
	test: [
		'Write a short JavaScript program that prints the answer to the problem.\n{problem}',
		'Solve this problem with a JavaScript program:\n{problem}',
	],
});
