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
		'First ',
		'Every now and then ',
		'Yesterday ',
		'On Sunday ',
		'A week later ',
		'In the end ',
		'At noon ',
		'Finally ',
		'Some days later ',
		'Today ',
		'But then ',
		'After lunch ',
	],
	test: ['', 'Afterwards ', 'A day later ', 'Next, ', 'On Friday '],
};

/** Ways to end one. */
export const endings: Wordings = {
	train: [
		'',
		'',
		'',
		' at the {place}',
		' in the afternoon',
		' with a friend',
		' on the way home',
		' in the morning',
		' at home',
		' behind the {place}',
		' with {other}',
		' on Monday',
		' after work',
		' with a brother',
		' in the garden',
		' by mistake',
		' before noon',
	],
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
	train: [
		'{k} {unit}',
		'{k} more',
		'{k} more {unit}',
		'another {k}',
		'{k} new {unit}',
		'{k} of the {unit} from {other}',
		'{k} other {unit}',
		'{k}',
		'{k} beautiful {unit}',
		'{k} additional {unit}',
		'some {unit}, {k} in all',
	],
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
	train: [
		'{k} {unit}',
		'{k} of them',
		'{k}',
		'{k} old {unit}',
		'{k} of those {unit}',
		'{k} of all {unit}',
		'{k} of {name} {unit}',
		'{k} good {unit}',
		'some {unit}, {k} in all',
	],
	test: ['{k} of the {unit}', '{k} of these {unit}'],
});

export const plainStarts = heldOut({
	train: [
		'{name} has {n} {unit}.',
		'{name} owns {n} {unit}.',
		'There are {n} {unit} in the room of {name}.',
		'{name} starts with {n} {unit}.',
		'{name} keeps {n} {unit} at home.',
		'In the beginning {name} has {n} {unit}.',
		'{n} {unit} belong to {name}.',
		'{name} finds {n} {unit} at the {place}.',
		'{name} carries {n} {unit}.',
		'{name} buys {n} {unit}.',
		'The number of {unit} that {name} has is {n}.',
		'{name} and {other} meet at the {place}. {name} has {n} {unit}.',
		'{name} takes {n} {unit} to the {place}.',
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
		'{name} sees {n} {boxes}. In every one of them are {m} {unit}.',
		'{name} carries {n} {boxes} of {m} {unit}.',
		'{name} buys {n} {boxes}. There are {m} {unit} in each.',
		'{name} owns {n} {boxes} with {m} {unit} in every one.',
		'In the {place} {name} has {n} {boxes}, each with {m} {unit}.',
		'{name} orders {n} {boxes} of {unit}. Each has {m} {unit} in it.',
		'{n} {boxes} with {m} {unit} each belong to {name}.',
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
		'{name} finds {m} {unit} a day, {n} days long.',
		'{name} makes {m} {unit} each day. After {n} days {name} stops.',
		'{name} needs {n} days and makes {m} {unit} every day.',
		'Each day {name} repairs {m} {unit}, and that for {n} days.',
		'On each of {n} days {name} makes {m} {unit}.',
		'{name} collects {unit} for {n} days, {m} a day.',
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
		'{name} buys {n} {first} and {m} {second} {unit}.',
		'{name} carries {n} {first} {unit} and {m} {second} {unit} to the {place}.',
		'{n} {first} {unit} and {m} {second} {unit} belong to {name}.',
		'{name} finds {n} {first} {unit}, and then {m} {second} ones.',
		'Of the {unit} that {name} has, {n} are {first} and {m} are {second}.',
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
		'{name} sells {n} {unit}, each for {m} dollars.',
		'Someone buys {n} {unit} from {name} for {m} dollars each.',
		'{name} gets {m} dollars for each of {n} {unit}.',
		'One of the {unit} costs {m} dollars. {name} sells {n}.',
		'The {unit} of {name} cost {m} dollars each, and {other} buys {n} of them.',
		'On Monday {name} sells {n} {unit} for {m} dollars each.',
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
		'{name} gets {m} dollars for each of {n} {unit} and {p} dollars for each of {k} {others}.',
		'{other} buys {n} {unit} for {m} dollars each and {k} {others} for {p} dollars each from {name}.',
		'{name} sells {n} {unit} and {k} {others}. The {unit} cost {m} dollars each and the {others} {p} dollars each.',
		'In the {place} {name} sells {n} {unit} at {m} dollars each and {k} {others} at {p} dollars each.',
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
		'A year later {name} has {k} times as many {unit}.',
		'In the end the number of {unit} is {k} times as high.',
		'{name} works hard and soon has {k} times as many {unit}.',
		'The {unit} become {k} times as many.',
		'{name} makes {k} times as many {unit} out of it.',
		'{other} helps, and now there are {k} times as many {unit}.',
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
		'{k} friends get the same number of {unit} each.',
		'{name} gives all the {unit} to {k} people, the same number to each.',
		'Then {k} people divide the {unit} equally.',
		'{name} and the others, {k} in all, share the {unit} equally.',
		'All {unit} are put into {k} equal parts.',
		'At the {place} {k} children split the {unit} equally.',
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
		'All {unit} are sold for {k} dollars each.',
		'{other} buys all of the {unit} for {k} dollars each.',
		'{name} gets {k} dollars for each of the {unit}.',
		'At the {place} {name} sells all of them at {k} dollars each.',
		'Then all the {unit} are sold at {k} dollars each.',
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
			'{other} has as many {unit} as {name} and {k} more.',
			'{other} owns {k} {unit} more.',
			'At the {place} {other} has {k} more {unit} than {name}.',
			'{name} has {k} {unit} less than {other}.',
			'{other} has {k} more of them.',
		],
		test: ['{other} owns {k} more {unit} than {name}.', 'But {other} has {k} {unit} more than {name}.'],
	},
	'-': {
		train: [
			'{other} has {k} fewer {unit} than {name}.',
			'{other} has {k} {unit} less than that.',
			'That is {k} more than {other} has.',
			'{other} owns {k} {unit} less.',
			'At the {place} {other} has {k} fewer {unit} than {name}.',
			'{name} has {k} {unit} more than {other}.',
			'{other} has {k} fewer of them.',
		],
		test: ['{other} owns {k} fewer {unit} than {name}.', 'But {other} has {k} {unit} less than {name}.'],
	},
	'*': {
		train: [
			'{other} has {k} times as many {unit} as {name}.',
			'{other} has {k} times as many {unit}.',
			'{other} has {k} times the {unit} of {name}.',
			'{other} owns {k} times as many.',
			'At the {place} {other} has {k} times as many {unit} as {name}.',
			'The number of {unit} that {other} has is {k} times as large.',
			'{other} has {k} times as many of them.',
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
		'{name} has {k} cousins.',
		'The road to the {place} is {k} miles long.',
		'{k} birds sit on the roof of the {place}.',
		'{other} is {k} inches taller than {name}.',
		'{name} waits {k} minutes for {other}.',
		'The bus number {k} goes to the {place}.',
		'{other} lives {k} steps from the {place}.',
		'There are {k} doors in the {place}.',
		'{name} sleeps {k} hours.',
		'The {place} was built {k} years ago.',
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
