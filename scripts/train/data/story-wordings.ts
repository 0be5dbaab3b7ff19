import { heldOut, heldOutEach, type Wordings } from './source.js';

/** Ways to begin a sentence of a story. */
export const openings: Wordings = {
	train: [
		'',
		'',
		'',
		'Then ',
		'After that, ',
		'Later ',
		'On Monday ',
		'In the morning ',
		'The next day ',
		'Soon ',
	],
	test: ['', 'Afterwards ', 'A day later ', 'Next, ', 'On Friday '],
};

/** Ways to end one. */
export const endings: Wordings = {
	train: ['', '', '', ' at the {place}', ' in the afternoon', ' with a friend', ' on the way home'],
	test: ['', ' near the {place}', ' in the evening', ' with a sister'],
};

export const gainVerbs: Wordings = {
	train: ['finds', 'buys', 'gets', 'wins', 'picks', 'makes', 'collects', 'receives', 'orders', 'borrows'],
	test: ['finds', 'buys', 'gets', 'wins', 'makes', 'collects'],
};

export const moneyGainVerbs: Wordings = {
	train: ['earns', 'gets', 'wins', 'finds', 'receives'],
	test: ['earns', 'gets', 'wins'],
};

export const gainObjects = heldOut({
	train: ['{k} {unit}', '{k} more', '{k} more {unit}', 'another {k}', '{k} new {unit}'],
	test: ['another {k} {unit}', '{k} extra {unit}'],
});

export const lossVerbs: Wordings = {
	train: [
		'loses',
		'sells',
		'drops',
		'breaks',
		'uses',
		'hides',
		'throws away',
		'gives {other}',
		'gives away',
		'lends {other}',
	],
	test: ['loses', 'sells', 'drops', 'breaks', 'uses', 'gives {other}'],
};

export const moneyLossVerbs: Wordings = {
	train: ['spends', 'pays', 'loses', 'gives {other}', 'lends {other}'],
	test: ['spends', 'loses', 'gives {other}'],
};

export const lossObjects = heldOut({
	train: ['{k} {unit}', '{k} of them', '{k}', '{k} old {unit}'],
	test: ['{k} of the {unit}', '{k} of these {unit}'],
});

export const plainStarts = heldOut({
	train: [
		'{name} has {n} {unit}.',
		'{name} owns {n} {unit}.',
		'There are {n} {unit} in the room of {name}.',
		'{name} starts with {n} {unit}.',
		'{name} keeps {n} {unit} at home.',
	],
	test: ['At first {name} has {n} {unit}.', '{name} brings {n} {unit} to the {place}.'],
});

export const groupStarts = heldOut({
	train: [
		'{name} has {n} {boxes} with {m} {unit} in each.',
		'{name} has {n} {boxes}. Each of the {boxes} holds {m} {unit}.',
		'{name} fills {n} {boxes} with {m} {unit} each.',
		'There are {n} {boxes} at the {place}, and {m} {unit} are in each of them. {name} owns all of them.',
		'{name} puts {m} {unit} into each of {n} {boxes}.',
	],
	test: [
		'{name} buys {n} {boxes} with {m} {unit} in each of them.',
		'{name} carries {n} {boxes}. In each of the {boxes} there are {m} {unit}.',
	],
});

export const rateStarts = heldOut({
	train: [
		'{name} makes {m} {unit} a day for {n} days.',
		'Every day {name} collects {m} {unit}. {name} does this for {n} days.',
		'For {n} days {name} buys {m} {unit} each day.',
		'{name} works {n} days and paints {m} {unit} a day.',
	],
	test: [
		'{name} paints {m} {unit} every day. {name} works for {n} days.',
		'For {n} days {name} makes {m} {unit} a day.',
	],
});

export const twoColorStarts = heldOut({
	train: [
		'{name} has {n} {first} {unit} and {m} {second} {unit}.',
		'There are {n} {first} and {m} {second} {unit}. All of them belong to {name}.',
		'{name} keeps {n} {first} {unit} and {m} {second} ones.',
	],
	test: [
		'{name} owns {n} {first} {unit} and also {m} {second} {unit}.',
		'{name} brings {n} {first} and {m} {second} {unit}.',
	],
});

export const priceStarts = heldOut({
	train: [
		'{name} sells {n} {unit} for {m} dollars each.',
		'{name} sells {n} {unit}. Each of the {unit} costs {m} dollars.',
		'The price of the {unit} is {m} dollars each. {name} sells {n} of them.',
		'{name} sells {n} {unit} at {m} dollars each at the {place}.',
	],
	test: [
		'At the {place} {name} sells {n} {unit} for {m} dollars each.',
		'The {unit} cost {m} dollars each. {name} sells {n} of the {unit}.',
	],
});

export const twoPriceStarts = heldOut({
	train: [
		'{name} sells {n} {unit} for {m} dollars each and {k} {others} for {p} dollars each.',
		'A shop buys {unit} for {m} dollars each and {others} for {p} dollars each. {name} brings {n} {unit} and {k} {others}.',
		'{name} sells {n} {unit} at {m} dollars each. {name} also sells {k} {others} at {p} dollars each.',
	],
	test: [
		'At the {place} {name} sells {n} {unit} for {m} dollars each and {k} {others} for {p} dollars each.',
		'{name} sells {n} {unit}, each for {m} dollars, and {k} {others}, each for {p} dollars.',
	],
});

export const growths = heldOut({
	train: [
		'The number of {unit} becomes {k} times as large.',
		'{name} now makes it {k} times as many {unit}.',
		'Then there are {k} times as many {unit}.',
		'Soon {name} has {k} times as many {unit}.',
	],
	test: [
		'After a week {name} has {k} times as many {unit}.',
		'Then the number of {unit} is {k} times as large.',
	],
});

export const shares = heldOut({
	train: [
		'{name} shares the {unit} equally among {k} friends.',
		'{name} divides all {unit} equally among {k} people.',
		'{name} puts the {unit} into {k} equal groups.',
		'The {unit} are split equally between {k} children.',
	],
	test: [
		'{name} splits all the {unit} equally among {k} friends.',
		'Then {k} children share the {unit} equally.',
	],
});

export const sales = heldOut({
	train: [
		'{name} sells all of them for {k} dollars each.',
		'Then {name} sells all {unit} at {k} dollars each.',
		'Each of the {unit} is sold for {k} dollars.',
		'{name} sells all the {unit}. Each of them costs {k} dollars.',
	],
	test: [
		'{name} then sells all of the {unit} for {k} dollars each.',
		'All of them are sold at {k} dollars each.',
	],
});

/** Another person's amount, by the operator that gives it. */
export const comparisons = heldOutEach({
	'+': {
		train: [
			'{other} has {k} more {unit} than {name}.',
			'{other} has {k} {unit} more than that.',
			'That is {k} less than {other} has.',
		],
		test: ['{other} owns {k} more {unit} than {name}.', 'But {other} has {k} {unit} more than {name}.'],
	},
	'-': {
		train: [
			'{other} has {k} fewer {unit} than {name}.',
			'{other} has {k} {unit} less than that.',
			'That is {k} more than {other} has.',
		],
		test: ['{other} owns {k} fewer {unit} than {name}.', 'But {other} has {k} {unit} less than {name}.'],
	},
	'*': {
		train: [
			'{other} has {k} times as many {unit} as {name}.',
			'{other} has {k} times as many {unit}.',
			'{other} has {k} times the {unit} of {name}.',
		],
		test: ['{other} owns {k} times as many {unit} as {name}.', 'But {other} has {k} times as many.'],
	},
});

export const questions = heldOutEach({
	have: {
		train: [
			'How many {unit} does {name} have now?',
			'How many {unit} does {name} have in the end?',
			'How many {unit} are there now?',
			'How many {unit} is that?',
			'What is the number of {unit} in the end?',
		],
		test: ['How many {unit} does {name} have at the end?', 'What number of {unit} does {name} have now?'],
	},
	each: {
		train: [
			'How many {unit} are that for each?',
			'How many {unit} does each one get?',
			'How many {unit} are in each part?',
		],
		test: ['How many {unit} does each of them get?', 'How many {unit} is that for each one?'],
	},
	other: {
		train: [
			'How many {unit} does {other} have?',
			'How many {unit} belong to {other}?',
			'What is the number of {unit} that {other} has?',
		],
		test: ['How many {unit} has {other}?', 'What number of {unit} does {other} have?'],
	},
	both: {
		train: [
			'How many {unit} do they have together?',
			'How many {unit} do {name} and {other} have in all?',
			'How many {unit} do both have together?',
		],
		test: ['How many {unit} do {name} and {other} have together?', 'How many {unit} do the two have in all?'],
	},
});

/** Sentences with numbers that do not matter. */
export const distractors = heldOut({
	train: [
		'{other} is {k} years old.',
		'It is {k} minutes to the {place}.',
		'The {place} has {k} windows.',
		'There are {k} people at the {place}.',
		'{name} lives in house number {k}.',
		'{other} has a dog that is {k} years old.',
		'The {place} is open for {k} hours.',
		'The weather is cold, only {k} degrees.',
	],
	test: [
		'{name} is {k} years old.',
		'The way to the {place} takes {k} minutes.',
		'The {place} has {k} rooms.',
		'{other} lives on floor {k}.',
	],
});

export const assignments = heldOut({
	train: [
		'Write a JavaScript program that solves the problem and prints the answer.\n{problem}',
		'Solve this with a short JavaScript program that prints the result:\n{problem}',
		'{problem}\nWrite a JavaScript program that prints the answer.',
		'{problem}\nSolve it with a JavaScript program.',
		'Solve the problem with a program.\n{problem}',
	],
	test: [
		'Write a short JavaScript program that prints the answer to the problem.\n{problem}',
		'Solve this problem with a JavaScript program:\n{problem}',
	],
});
