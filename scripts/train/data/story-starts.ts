// How a story begins: what its person has, and how many numbers that takes.
import { heldOut } from './source.js';

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
