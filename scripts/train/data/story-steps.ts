// What happens in a story, a sentence each.
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
